"""What `technews up` says of the runs that end: a line each, for a bad end with a cure, asked of the engine's server.

The server's own answers are read, not the ledger: a run that crashed or was refused its configuration is not in there.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http.client import HTTPException
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from technews.engine_api import ask
from technews.engine_settings import FLOWS

_STATES: Final = ("Completed", "Cancelled", "Failed", "Crashed", "TimedOut", "Degraded")
_CURES: Final = {
    "Degraded": "look at its artifact `{artifact}`, or at `technews doctor`",
    "Crashed": "another run starts by itself; if it happens again, look at the machine's memory",
}
_ARTIFACTS: Final = {"ingest": "feeds", "maintain": "checks"}  # what shows why a run is degraded; else the funnel
_NO_CURE: Final = ("Completed", "Cancelled")
_LONGEST: Final = 300  # characters of a run's message
_NEWEST: Final = 20  # runs of a flow that are asked for; fewer end between two questions
_PATIENCE: Final = 2.0  # seconds for all questions together


class RunEnds:
    """The runs that ended since this was made, each told once."""

    def __init__(self, port: int, since: datetime, environ: Mapping[str, str]) -> None:
        """Asks the server on this loopback port; `since` is when to begin, `environ` may name its password."""
        self._port, self._since, self._environ = port, since, environ
        self._told: set[str] = set()
        self._asking: Thread | None = None
        self._found: SimpleQueue[tuple[str, dict[str, Any]]] = SimpleQueue()

    def news(self) -> Iterator[str]:
        """A line for each that was not told yet, in the order in which they ended; none where nobody answers.

        Waits 2 s at most, whatever the server does: who restarts what dies must not be held up by it. What it answers
        later is told the next time.
        """
        if self._asking is None or not self._asking.is_alive():
            self._asking = Thread(target=self._ask_all, name="run-ends", daemon=True)
            self._asking.start()
            self._asking.join(_PATIENCE)
        while not self._found.empty():
            flow, run = self._found.get()
            if run["id"] not in self._told:
                self._told.add(run["id"])
                yield line_of(flow, run, f"http://127.0.0.1:{self._port}")

    def _ask_all(self) -> None:
        for flow in FLOWS:
            try:
                for run in self._ask(flow):
                    self._found.put((flow, run))
            except (OSError, HTTPException, ValueError, RecursionError):  # it is just starting, or ending
                return

    def _ask(self, flow: str) -> list[dict[str, Any]]:
        states = {"name": {"any_": _STATES}}
        wanted = {
            "flows": {"name": {"any_": [flow]}},
            "flow_runs": {"state": states, "end_time": {"after_": self._since.isoformat()}},
            "sort": "END_TIME_DESC",
            "limit": _NEWEST,
        }
        answer = ask(self._port, "flow_runs/filter", wanted, self._environ)
        return [run for run in answer[::-1] if _is_run(run)] if isinstance(answer, list) else []


def _is_run(found: object) -> bool:
    """Whether it has all that a line says of a run."""
    match found:
        case {"id": str(run_id), "name": str(), "state": {"name": str(state), "message": str() | None}}:
            return run_id.isprintable() and state.isprintable()
    return False


def line_of(flow: str, run: Mapping[str, Any], url: str) -> str:
    """One line on a run, as the server describes it: what it did, or why it ended so, what to do, where to look."""
    state = run["state"]["name"]
    did = run["name"].removeprefix(f"{flow}: ") if state == "Completed" else run["state"]["message"]
    words = plain_words(did or "no message")
    line = f"{flow} {state.lower()}: {words if len(words) <= _LONGEST else f'{words[:_LONGEST]}…'}"
    if state in _NO_CURE:
        return line
    cure = _CURES.get(state, "`technews doctor` says more").format(artifact=_ARTIFACTS.get(flow, "funnel"))
    return f"{line} → {cure} ({url}/runs/flow-run/{run['id']})"


def plain_words(message: str) -> str:
    """A state's message in one line, without the engine's words around it and the error's class."""
    words = re.sub(r"^Flow run encountered an exception: (?:\w+: )?", "", " ".join(message.split()))
    return "".join(char for char in words if char.isprintable())
