"""What an HTTP answer or a failure means for an entry: tried again later, or given up with a reason.

Pure decisions. A failure that may pass keeps the entry pending until six attempts over three days are used up; a clear
answer (404, a refused address, a page that is no HTML) ends it at once.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from technews.http_fields import http_date
from technews.records import Entry, Fetch, Judged, Outcome, Reason, Rejection, sound_text

ATTEMPT_DELAYS: Final = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=16),
    timedelta(hours=48),
)
MAX_RETRY_AFTER: Final = timedelta(days=1)
ROBOTS_DELAY: Final = timedelta(minutes=15)
START_PATIENCE: Final = timedelta(days=7)
# So long no host answers only where the network here is down or the machine off: a feed is asked once a day at least.
NETWORK_GAP: Final = timedelta(days=2)
_DETAIL_LENGTH: Final = 300


class Failure(StrEnum):
    """How a request for a page failed without a status that says so."""

    NO_LINK = "no_link"
    SCHEME_REFUSED = "scheme_refused"
    ADDRESS_REFUSED = "address_refused"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    BAD_ANSWER = "bad_answer"
    TOO_LARGE = "too_large"
    NOT_HTML = "not_html"
    REDIRECT_LOOP = "redirect_loop"
    REDIRECTED_HOME = "redirected_home"
    LINK_CHANGED = "link_changed"


_FINAL: Final[dict[Failure | int, tuple[Outcome, Reason]]] = {
    Failure.NO_LINK: (Outcome.EMPTY, Reason.NO_LINK),
    Failure.SCHEME_REFUSED: (Outcome.BLOCKED, Reason.SCHEME_REFUSED),
    Failure.ADDRESS_REFUSED: (Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
    Failure.ROBOTS: (Outcome.BLOCKED, Reason.ROBOTS),
    Failure.TOO_LARGE: (Outcome.EMPTY, Reason.TOO_LARGE),
    Failure.NOT_HTML: (Outcome.EMPTY, Reason.NOT_HTML),
    Failure.REDIRECT_LOOP: (Outcome.UNREACHABLE, Reason.REDIRECT_LOOP),
    Failure.REDIRECTED_HOME: (Outcome.GONE, Reason.REDIRECTED_HOME),
    401: (Outcome.BLOCKED, Reason.HTTP_401),
    403: (Outcome.BLOCKED, Reason.HTTP_403),
    404: (Outcome.GONE, Reason.HTTP_404),
    410: (Outcome.GONE, Reason.HTTP_410),
    451: (Outcome.BLOCKED, Reason.HTTP_451),
}
# Whatever is neither here nor above (400, 405, 418, 500, 202 …) may be a server in trouble.
_PASSING: Final[dict[Failure | int, Reason]] = {
    Failure.CONNECTION: Reason.CONNECTION_FAILED,
    Failure.TIMEOUT: Reason.TIMEOUT,
    Failure.LINK_CHANGED: Reason.LINK_CHANGED,
    408: Reason.TIMEOUT,
    429: Reason.RATE_LIMITED,
}


def judge_failure(  # noqa: PLR0913  what was seen, and when: each is a fact of its own
    entry: Entry,
    failure: Failure | int,
    *,
    now: datetime,
    retry_after: timedelta | None = None,
    detail: str = "",
    fetch: Fetch | None = None,
) -> Rejection:
    """What becomes of an entry whose page could not be had.

    `failure` is a kind or an HTTP status that brings no page; `retry_after` what the server asked for. A failure that
    may pass is tried again after 15 minutes, 1, 4, 16 and 48 hours, and not before `retry_after` (at most a day).
    Where robots.txt could not be read, nothing was asked of the page: no attempt is spent.
    """
    detail = _one_line(detail or (f"HTTP {failure}" if isinstance(failure, int) else failure.value))
    if failure in _FINAL:
        outcome, reason = _FINAL[failure]
        return Rejection(entry, outcome, reason, detail, fetch)
    if failure is Failure.ROBOTS_UNREACHABLE:
        retry_at = now + max(ROBOTS_DELAY, _bounded(retry_after))
        reason = Reason.ROBOTS_UNREACHABLE
        return Rejection(entry, Outcome.PENDING, reason, detail, fetch, retry_at=retry_at, spent=False)
    if entry.attempts >= len(ATTEMPT_DELAYS):
        return Rejection(entry, Outcome.UNREACHABLE, Reason.ATTEMPTS_USED_UP, detail, fetch)
    retry_at = now + max(ATTEMPT_DELAYS[entry.attempts], _bounded(retry_after))
    reason = _PASSING.get(failure, Reason.SERVER_ERROR)
    return Rejection(entry, Outcome.PENDING, reason, detail, fetch, retry_at=retry_at)


def judge_offline(failed: Rejection, now: datetime) -> Rejection:
    """What a page's failure while the network here was down is worth: no attempt, and it is due again soon."""
    reason = Reason.CONNECTION_FAILED if failed.reason is Reason.ATTEMPTS_USED_UP else failed.reason
    retry_at = now + ATTEMPT_DELAYS[0]
    return replace(failed, outcome=Outcome.PENDING, reason=reason, retry_at=retry_at, spent=False)


def judge_overtaken(item: Judged | Rejection, *, again: bool, now: datetime) -> Judged | Rejection:
    """What an answer is worth whose entry got another link while it was under way: the new link is due at once.

    `again`: so it was with the answer before. Some links are new at every serving, so then a page counts, and a failure
    that may pass; a clear answer is but a failed attempt, since the new link may live where this one does not.
    """
    if again and (isinstance(item, Judged) or item.judged or item.outcome is Outcome.PENDING):
        return item
    fetch = item.article.fetch if isinstance(item, Judged) else item.fetch
    if again:
        return judge_failure(item.entry, Failure.LINK_CHANGED, now=now, fetch=fetch)
    return Rejection(item.entry, Outcome.PENDING, Reason.LINK_CHANGED, fetch=fetch, retry_at=now, spent=False)


def judge_unstarted(entry: Entry, *, pending_since: datetime, now: datetime) -> Rejection | None:
    """The end of an entry that no run could start for seven days (its host is too slow or has no robots.txt), or None.

    `pending_since` is when it became pending without an attempt since.
    """
    if now - pending_since < START_PATIENCE:
        return None
    detail = f"not started since {pending_since:%Y-%m-%d %H:%M} UTC"
    return Rejection(entry, Outcome.UNREACHABLE, Reason.HOST_TOO_SLOW, detail, spent=False)


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The wait that a Retry-After field asks for (RFC 9110 section 10.2.3: seconds or a date), at most a day.

    None where there is none, or where it cannot be read; a date that is past asks for no wait.
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        # A number of a thousand digits is no date arithmetic, so it is cut before it becomes one.
        return timedelta(seconds=min(int(value[:10]), MAX_RETRY_AFTER.total_seconds()))
    at = http_date(value)
    if at is None:
        return None
    return min(max(at - now, timedelta(0)), MAX_RETRY_AFTER)


def _bounded(wait: timedelta | None) -> timedelta:
    return min(wait or timedelta(0), MAX_RETRY_AFTER)


def _one_line(text: str) -> str:
    return " ".join(sound_text(text).split())[:_DETAIL_LENGTH]
