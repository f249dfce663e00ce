"""When a feed is asked again: what it does, what its publisher asks for, and how it failed, as a time and in words.

Pure, chance included. Never before the configured `every`, never later than in a day, and no feed is ever given up.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp
from typing import Final

from technews.http_fields import cache_control, http_date, sent_at

CEILING: Final = timedelta(days=1)
TEMPORARY_CEILING: Final = timedelta(hours=6)
# Times in which a feed's rate fades by a factor of e: a weekend must not make a newspaper look like a monthly.
_MEMORY: Final = timedelta(days=3)
_LOOK_BACK: Final = timedelta(days=7)
_MUCH_OVERLAP: Final = 0.9
_LITTLE_OVERLAP: Final = 0.5
_SLOWER: Final = 1.25
_FASTER: Final = 0.5
_JITTER: Final = 0.1
_MOST_DOUBLINGS: Final = 24


class Trouble(StrEnum):
    """How a poll failed: the harder, the longer the wait."""

    TEMPORARY = "temporary"  # no connection, no name, time over, 429, 5xx: it may work in an hour
    SOFT = "soft"  # 404, refused, no feed in the answer: somebody has to mend it
    HARD = "hard"  # 410: the publisher says that it will not come back
    LOCAL = "local"  # the network here was down: it says nothing of the feed


_WEIGHT: Final = {Trouble.LOCAL: 0, Trouble.TEMPORARY: 1, Trouble.SOFT: 2, Trouble.HARD: 4}


@dataclass(frozen=True, slots=True)
class Habits:
    """What a feed does: new entries an hour, how many of `listed` entries of its last document were known before.

    `rate` is None where nobody knows yet. `asked_wait` is what the document asks for (`ttl`, `sy:update*`), `fresh_for`
    what its HTTP answer allows (`Cache-Control`, `Expires`).
    """

    rate: float | None = None
    listed: int | None = None
    known: int | None = None
    asked_wait: timedelta | None = None
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """The time to the next poll, in words what decided it, what the server asked for, and the longest there may be."""

    interval: timedelta
    reason: str
    asked: timedelta = timedelta(0)
    cap: timedelta = CEILING


def wait_after_success(
    every: timedelta, previous: timedelta | None, habits: Habits, retry_after: timedelta | None = None
) -> Wait:
    """The wait after a poll that was answered; `previous` is the wait before it (None: none, or one after a failure).

    Much overlap with what was known makes it longer, little overlap halves it; at most two new entries are waited for.
    What the publisher asks for counts as long as half of the document has not been replaced meanwhile.
    """
    wait = _wished(every, previous, habits)
    bound = half_replaced(habits)
    for asked, reason in (
        (habits.fresh_for, "its Cache-Control or Expires asks for that"),
        (habits.asked_wait, "its ttl or sy:updatePeriod asks for that"),
    ):
        longer = min(asked, bound) if asked and bound else asked
        if longer and longer > wait.interval:
            wait = Wait(longer, reason)
    if wait.interval <= every:
        wait = Wait(every, f"{wait.reason}, and no sooner than `every`")
    if wait.interval > max(every, CEILING):
        wait = Wait(max(every, CEILING), f"{wait.reason}, but at least once a day")
    return _not_before(retry_after, wait)


def wait_after_failure(
    every: timedelta,
    score: int,
    trouble: Trouble,
    retry_after: timedelta | None = None,
    previous: timedelta | None = None,
) -> Wait:
    """The wait after a failed poll: doubled for each point of `score` (see `failure_score`), at most a day.

    A failure that may pass by itself is tried again within six hours; one of ours, no sooner than the wait before it
    (`previous`) where the feed's own failures made that longer.
    """
    ceiling = TEMPORARY_CEILING if trouble in (Trouble.TEMPORARY, Trouble.LOCAL) else CEILING
    if trouble is Trouble.LOCAL:
        ceiling = min(max(ceiling, previous or ceiling), CEILING)
    doubled: timedelta = every * (1 << min(score, _MOST_DOUBLINGS))
    reason = f"{trouble} failure: the wait grows with each"
    if trouble is Trouble.LOCAL:
        wait = "its wait does not grow" if score else "it is asked again after `every`"
        reason = f"no host was reached, so the network here was down, and {wait}"
    elif doubled >= ceiling:
        reason = f"{trouble} failure: the longest wait"
    return _not_before(retry_after, Wait(max(every, min(doubled, ceiling)), reason, cap=max(every, ceiling)))


def failure_score(score: int, trouble: Trouble) -> int:
    """The doublings of the wait after one more failure: 1 for a temporary one, 2 soft, 4 hard, 0 local."""
    return score + _WEIGHT[trouble]


def trouble_of(status: int | None) -> Trouble:
    """What a failed poll's last HTTP status says; None: there was no answer."""
    if status is None or status in (408, 425, 429) or status >= 500:
        return Trouble.TEMPORARY
    return Trouble.HARD if status == 410 else Trouble.SOFT


def new_rate(rate: float | None, new: int, elapsed: timedelta) -> float:
    """New entries an hour after a poll that brought `new` ones in `elapsed`; what lies days back fades."""
    hours = max(elapsed, timedelta(seconds=1)) / timedelta(hours=1)
    fresh = new / hours
    if rate is None:
        return fresh
    kept = exp(-hours / (_MEMORY / timedelta(hours=1)))
    return rate * kept + fresh * (1 - kept)


def first_rate(dates: Iterable[datetime | None], at: datetime) -> float | None:
    """New entries an hour by the dates in a feed's first document: those of a week; None where it has no dates."""
    dated = [date for date in dates if date is not None]
    recent = [date for date in dated if at - _LOOK_BACK <= date <= at]
    if not recent:
        return 0.0 if dated else None
    return len(recent) / max((at - min(recent)) / timedelta(hours=1), 1.0)


def half_replaced(habits: Habits) -> timedelta | None:
    """After which half of the document may be new entries; None where that is not known."""
    return _time_for(max(1, habits.listed // 2), habits.rate) if habits.listed and habits.rate is not None else None


def jittered(wait: Wait, every: timedelta, seed: str) -> timedelta:
    """The wait moved by up to a tenth, so that feeds of one host part company.

    Never below `every` and what the server asked for, never above the cap of such a wait; where both are the same, it
    stays as it is.
    """
    share = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:4]) / 2**32
    longer = wait.interval * (1 + _JITTER * share)
    # A longer `every` is the operator's cap, and the next tick after it is as good as the one before.
    cap = max(wait.cap, every * (1 + _JITTER))
    if longer <= cap:
        return longer
    shorter = wait.interval * (1 - _JITTER * share)
    return max(every, wait.asked, shorter)


def fresh_for(headers: Sequence[tuple[str, str]], at: datetime) -> timedelta | None:
    """How long an answer stays fresh after `at` (RFC 9111 section 4.2), at most a day; None where it does not say."""
    fields = {name.lower(): value for name, value in headers}
    control = cache_control(headers)
    if control.uncached:
        return None
    if control.max_age is not None:
        age = fields.get("age", "").strip()
        left = control.max_age - (int(age[:10]) if age.isascii() and age.isdigit() else 0)
        return timedelta(seconds=min(max(left, 0), CEILING.total_seconds()))
    until, sent = http_date(fields.get("expires")), sent_at(headers) or at
    return min(max(until - sent, timedelta(0)), CEILING) if until else None


def _wished(every: timedelta, previous: timedelta | None, habits: Habits) -> Wait:
    rate = habits.rate
    if previous is None:
        if rate is None:
            return Wait(every, "nothing is known of its rate yet")
        return Wait(_time_for(1, rate), _of(rate))
    seen = 1.0 if not habits.listed or habits.known is None else habits.known / habits.listed
    if seen < _LITTLE_OVERLAP:
        return Wait(previous * _FASTER, f"faster: only {habits.known} of {habits.listed} entries were known")
    longest = _time_for(2, rate) if rate is not None else CEILING
    if seen >= _MUCH_OVERLAP and previous * _SLOWER < longest:
        known = f"{habits.known} of {habits.listed} entries were known" if habits.known else "nothing was new"
        return Wait(previous * _SLOWER, f"slower: {known}")
    return Wait(min(previous, longest), _of(rate) if longest <= previous else "as often as before")


def _time_for(entries: int, rate: float) -> timedelta:
    """The time in which a feed brings so many new entries; a little more than a day stands for all that is longer."""
    return min(timedelta(hours=entries / rate), 2 * CEILING) if rate > 0.01 else 2 * CEILING


def _of(rate: float | None) -> str:
    if not rate:
        return "it hardly brings anything new"
    return f"its rate is about {rate * 24:.0f} a day" if rate * 24 >= 1 else "its rate is less than one a day"


def _not_before(retry_after: timedelta | None, wait: Wait) -> Wait:
    asked = min(retry_after or timedelta(0), CEILING)
    if asked <= wait.interval:
        return replace(wait, asked=asked)
    return Wait(asked, "its Retry-After asks for that", asked)
