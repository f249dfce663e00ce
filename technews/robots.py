"""What a site's robots.txt allows us (RFC 9309), read by Protego for our product token `technews`.

Whatever a file holds, reading it takes bounded time: groups of other robots are folded into one before it is parsed.
"""

import re
from dataclasses import dataclass
from typing import Final

from protego import Protego

ROBOT_NAME: Final = "technews"
MAX_BODY: Final = 500 * 1024  # bytes; RFC 9309 section 2.5 asks for at least that much
MAX_DELAY: Final = 300.0  # seconds

_AGENT_LINE: Final = re.compile(
    r"^[^\S\n]*user(?:-|[^\S\n])*agent[^\S\n]*(?::|[^\S\n])[^\S\n]*([^\n]*)$", re.IGNORECASE | re.MULTILINE
)
_TOKEN: Final = re.compile(r"[a-z_-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that hold for us on one site. `delay` is the Crawl-delay in seconds, None where none is asked for."""

    parser: Protego | None = None
    agent: str = "*"
    delay: float | None = None

    def allow(self, url: str) -> bool:
        """Whether the site lets us ask for this URL (the longest rule wins, RFC 9309 section 2.2.2)."""
        return self.parser is None or self.parser.can_fetch(url, self.agent)


ALLOW_ALL: Final = Rules()


def read_rules(body: bytes, content_type: str = "") -> Rules:
    """The rules in the body of a robots.txt; of more than 500 KiB only the whole lines of the first 500 count.

    An empty body, and an HTML page that a site answers every address with, allow everything.
    """
    if len(body) > MAX_BODY:
        body = body[: body[: MAX_BODY + 1].rfind(b"\n", 0, MAX_BODY) + 1]
    # Whatever Protego takes for the end of a line must be one for `_AGENT_LINE` too.
    text = "\n".join(body.decode("utf-8-sig", errors="replace").replace("\0", "").splitlines())
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") or text.lstrip()[:1] in ("", "<"):
        return ALLOW_ALL
    text = _AGENT_LINE.sub(_fold_agent, text)
    agent = ROBOT_NAME if f"user-agent: {ROBOT_NAME}\n" in text + "\n" else "*"
    parser = Protego.parse(text)
    return Rules(parser, agent, _delay(parser.crawl_delay(agent)))


def _fold_agent(line: re.Match[str]) -> str:
    """The agent line with our token, `*`, or one name for all others.

    Protego holds a copy of each rule for each robot that a group names, which a hostile file makes millions of; and it
    would take `User-agent: tech` for us, where the standard asks for the whole token (section 2.2.1).
    """
    name = line[1].partition("#")[0].strip()
    token = _TOKEN.match(name)
    if token and token[0].lower() == ROBOT_NAME:
        return f"user-agent: {ROBOT_NAME}"
    return "user-agent: *" if name == "*" else "user-agent: others"


def _delay(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, MAX_DELAY)
