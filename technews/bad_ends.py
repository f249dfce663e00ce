"""What `technews up` says of runs that did not end well: one line each, with what to do, asked of the engine's server.

The server's own answers are read, not the ledger: a run that crashed or was refused its configuration is not in there.
"""

import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from technews.engine_settings import FLOWS

_STATES: Final = ("Failed", "Crashed", "TimedOut", "Degraded")
_CURES: Final = {
    "Degraded": "look at its artifact `feeds`, or at `technews doctor`",
    "Crashed": "another run starts by itself; if it happens again, look at the machine's memory",
}
_LONGEST: Final = 300  # characters of a run's message


class BadEnds:
    """The runs that ended badly since this was made, each told once."""

    def __init__(self, port: int, since: datetime) -> None:
        """Asks the server on this loopback port; `since` is when to begin."""
        self._url, self._since = f"http://127.0.0.1:{port}", since
        self._told: set[str] = set()

    def news(self) -> Iterator[str]:
        """A line for each that was not told yet, in the order in which they ended; none where nobody answers."""
        for flow in FLOWS:
            for run in self._ask(flow):
                if run["id"] not in self._told:
                    self._told.add(run["id"])
                    yield line_of(flow, run, self._url)

    def _ask(self, flow: str) -> list[dict[str, Any]]:
        states = {"name": {"any_": _STATES}}
        wanted = {
            "flows": {"name": {"any_": [flow]}},
            "flow_runs": {"state": states, "end_time": {"after_": self._since.isoformat()}},
            "sort": "END_TIME_DESC",
        }
        request = urllib.request.Request(  # noqa: S310 -- our own server
            f"{self._url}/api/flow_runs/filter", json.dumps(wanted).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 -- the same
                found: list[dict[str, Any]] = json.load(answer)
        except (OSError, ValueError):  # it is just starting, or ending
            return []
        return found[::-1]


def line_of(flow: str, run: Mapping[str, Any], url: str) -> str:
    """One line on such a run, as the server describes it: what and why, what to do, and where to look."""
    state = run["state"]["name"]
    words = plain_words(run["state"]["message"] or "no message")
    why = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
    cure = _CURES.get(state, "`technews doctor` says more")
    return f"{flow} {state.lower()}: {why} → {cure} ({url}/runs/flow-run/{run['id']})"


def plain_words(message: str) -> str:
    """A state's message in one line, without the engine's words around it and the error's class."""
    words = re.sub(r"^Flow run encountered an exception: (?:\w+: )?", "", " ".join(message.split()))
    return "".join(char for char in words if char.isprintable())
