"""Where the entries of a run went, step by step, with every drop and its reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from technews.records import Outcome, Reason

_NOT_PENDING_BEFORE: Final = {Reason.PAGE_CHANGED, Reason.RELEASED, Reason.REPLAYED}
_BEFORE_READING: Final = {Reason.NO_LINK, Reason.NOT_HTML, Reason.TOO_LARGE}


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many entries passed a step, and what was dropped there (outcome, reason, entries)."""

    name: str
    passed: int
    dropped: tuple[tuple[str, str, int], ...] = ()


def funnel(run: Mapping[str, Any], outcomes: Iterable[tuple[str, str, int]]) -> list[FunnelStep]:
    """The steps of a run, from its row of the view `runs` and its rows of `run_outcomes` (outcome, reason, entries).

    Each step's number is the one before less what was dropped there. Outcomes that were not pending before (a page that
    changed, a release, a replay) are not in it.
    """
    given = [o for o in outcomes if o[0] != Outcome.PENDING and o[1] not in _NOT_PENDING_BEFORE]
    waiting = ((str(Outcome.PENDING), "another attempt is due, or the time was over", run["pending"]),)
    taken_up = run["due"] + run["entries_new"] + run["reopened"]
    steps = [
        FunnelStep("seen in feeds", run["entries_seen"]),
        FunnelStep("new", run["entries_new"]),
        FunnelStep("due, new or reopened", taken_up),
    ]
    drops = {
        "fetched": [o for o in given if _is_unread(o)] + [w for w in waiting if w[2]],
        "cleaned": [o for o in given if o[0] == Outcome.EMPTY and not _is_unread(o)],
        "seen once": [o for o in given if o[0] == Outcome.DUPLICATE],
        "on topic": [o for o in given if o[0] == Outcome.OFF_TOPIC],
        "valid": [o for o in given if o[0] == Outcome.QUARANTINED],
    }
    left = taken_up
    for name, dropped in drops.items():
        left -= sum(entries for _, _, entries in dropped)
        steps.append(FunnelStep(name, left, tuple(sorted(dropped, key=lambda d: (-d[2], d)))))
    return [*steps, FunnelStep("loaded", sum(entries for outcome, _, entries in given if outcome == Outcome.LOADED))]


def _is_unread(given: tuple[str, str, int]) -> bool:
    outcome, reason, _ = given
    return outcome in (Outcome.UNREACHABLE, Outcome.GONE, Outcome.BLOCKED) or reason in _BEFORE_READING
