"""What robots.txt said last time: kept for up to a day, and beyond it while the file cannot be had (RFC 9309).

An answer of 4xx but 429, or redirects that lead nowhere, forbid nothing; 429, 5xx and broken connections forbid all for
now. After a day of that the last copy holds again; after 30 days without any copy nothing is forbidden.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from technews.addresses import origin_of
from technews.attempts import Failure, read_retry_after
from technews.chains import Answer, Chain
from technews.http_fields import cache_control, http_date
from technews.robots import ALLOW_ALL, Rules, read_rules

LONGEST_LIFE: Final = timedelta(days=1)  # RFC 9309 section 2.4
COPY_HOLDS_AFTER: Final = timedelta(days=1)
ALLOWED_AFTER: Final = timedelta(days=30)  # section 2.3.1.4
MAX_COPY: Final = 64 * 1024  # bytes; longer files are asked for in each run, lest hostile ones fill the ledger


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """What is known of one site's robots.txt. `origin` is scheme, host and port.

    `body` is what was last read, at `read_at` (empty: nothing is forbidden; None: no copy); it is good until
    `expires_at`. `unreachable_since` is the first of the failures since then.
    """

    origin: str
    asked_at: datetime
    body: bytes | None = None
    content_type: str = ""
    read_at: datetime | None = None
    expires_at: datetime | None = None
    unreachable_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """Why no page of a site may be asked for now.

    `dead`: the host was not reached at all, which says nothing about its rules.
    """

    failure: Failure
    detail: str
    retry_after: timedelta | None = None
    dead: bool = False


class RobotsCopies:
    """The copies of all sites, and which of them changed."""

    def __init__(self, copies: Iterable[RobotsCopy] = ()) -> None:
        """`copies` are those of earlier runs."""
        self._copies = {copy.origin: copy for copy in copies}
        self._changed: dict[str, RobotsCopy] = {}

    def rules(self, origin: str, now: datetime) -> Rules | None:
        """The rules that hold without asking, None where the site must be asked.

        A copy that is good for more than a day was kept by a clock that has been put back since: nobody knows its age.
        """
        copy = self._copies.get(origin)
        good = copy and copy.expires_at and timedelta(0) < copy.expires_at - now <= LONGEST_LIFE
        return _read(copy) if copy and good else None

    def judge(self, chain: Chain, answer: Answer) -> Rules | Bar:
        """What an answer for robots.txt means for the site's pages; the copy follows it."""
        origin = origin_of(chain.shown)
        before = self._copies.get(origin) or RobotsCopy(origin, answer.received_at)
        found = judge_robots(chain, answer)
        if isinstance(found, Bar) and found.failure is Failure.ADDRESS_REFUSED:
            return found
        copy = next_copy(before, answer, found)
        self._copies[origin] = self._changed[origin] = copy
        return found if isinstance(found, Rules) else _instead(copy, answer.received_at) or found

    def drain(self) -> list[RobotsCopy]:
        """The copies that changed since the last call."""
        changed, self._changed = list(self._changed.values()), {}
        return changed


def judge_robots(chain: Chain, answer: Answer) -> Rules | Bar:
    """The rules that an answer brings, or why no page of its host may be asked for (RFC 9309 section 2.3.1)."""
    error = f"robots.txt: {answer.error or f'HTTP {answer.status}'}"
    if _is_read(answer):
        return read_rules(answer.body, answer.header("content-type"))
    if answer.failure is Failure.ADDRESS_REFUSED and not chain.redirects and answer.status is None:
        return Bar(Failure.ADDRESS_REFUSED, answer.error)
    if answer.failure in (Failure.REDIRECT_LOOP, Failure.ADDRESS_REFUSED, Failure.SCHEME_REFUSED):
        return ALLOW_ALL
    if answer.failure and not answer.connected and not chain.redirects:
        return Bar(answer.failure, error, dead=True)
    if answer.failure or answer.status is None or answer.status == 429 or answer.status >= 500:
        wait = read_retry_after(answer.header("retry-after"), answer.received_at)
        return Bar(Failure.ROBOTS_UNREACHABLE, error, wait)
    return ALLOW_ALL


def next_copy(before: RobotsCopy, answer: Answer, found: Rules | Bar) -> RobotsCopy:
    """The copy after an answer; one that brought nothing leaves the text as it was."""
    at = answer.received_at
    if isinstance(found, Bar):
        return replace(before, asked_at=at, unreachable_since=min(before.unreachable_since or at, at))
    body = answer.body if _is_read(answer) else b""
    if len(body) > MAX_COPY:
        return RobotsCopy(before.origin, at)
    return RobotsCopy(before.origin, at, body, answer.header("content-type")[:200], at, at + lifetime(answer))


def lifetime(answer: Answer) -> timedelta:
    """How long a copy is good: as Cache-Control or Expires say (RFC 9111 section 5), at most and by default a day."""
    control = cache_control(answer.headers)
    if control.uncached:
        return timedelta(0)
    if control.max_age is not None:
        return timedelta(seconds=min(control.max_age, LONGEST_LIFE.total_seconds()))
    if not (expires := answer.header("expires")):
        return LONGEST_LIFE
    until = http_date(expires)
    if until is None:
        return timedelta(0)  # "0" and the like: already expired
    return min(max(until - answer.received_at, timedelta(0)), LONGEST_LIFE)


def _is_read(answer: Answer) -> bool:
    """Whether the body holds rules; that of a file that is too long is its beginning."""
    if answer.failure is Failure.TOO_LARGE:
        return True
    return answer.failure is None and answer.status in range(200, 300)


def _read(copy: RobotsCopy) -> Rules | None:
    return None if copy.body is None else read_rules(copy.body, copy.content_type)


def _instead(copy: RobotsCopy, now: datetime) -> Rules | None:
    """The rules that hold while robots.txt cannot be had, where it has not been for long."""
    gone_for = now - copy.unreachable_since if copy.unreachable_since else timedelta(0)
    if copy.body is not None:
        return _read(copy) if gone_for >= COPY_HOLDS_AFTER else None
    return ALLOW_ALL if gone_for >= ALLOWED_AFTER else None
