"""What an operator asks to be tried again: entries that ended without an article become pending, and are due at once.

Entries that have an answer already are refused, with what to do instead. Runs under the run lock, as a run of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from technews.addresses import spell
from technews.ledger import RunReport, opened
from technews.links import named
from technews.records import WITHOUT_ARTICLE, Outcome
from technews.runlock import Held
from technews.settings import Settings, UsageError
from technews.warehouse import Warehouse

# What may be asked for again, and what is to be done with the others (docs/data-dictionary.md, changes of outcome).
RETRIED: Final = (Outcome.PENDING, *WITHOUT_ARTICLE)
_INSTEAD: Final = {
    Outcome.LOADED: "is loaded: its page is looked at again when its feed shows a change",
    Outcome.OFF_TOPIC: "was read and is off topic: `technews explain` says why",
    Outcome.QUARANTINED: "is quarantined: `technews quarantine list` names its row, and `release` loads it",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: one by id or address (`name`), or all of an outcome, perhaps of one feed."""

    name: str | None = None
    outcome: str | None = None
    feed: str | None = None

    def check(self) -> None:
        """Raises UsageError where it names nothing, or what cannot be retried."""
        if (self.name is None) == (self.outcome is None):
            raise UsageError("say which entries: an address, an entry id, or --outcome with one of its values")
        if self.feed and not self.outcome:
            raise UsageError("--feed goes with --outcome; an address or id means its entry in every feed")
        allowed = ", ".join(RETRIED)
        if self.outcome and self.outcome not in set(Outcome):
            raise UsageError(f"--outcome {self.outcome}: no such outcome; these can be retried: {allowed}")
        if self.outcome and self.outcome not in RETRIED:
            why = _INSTEAD.get(Outcome(self.outcome), "follows the entry that it repeats: retry that one")
            raise UsageError(f"--outcome {self.outcome}: an entry that {why}; these can be retried: {allowed}")


def retry(
    settings: Settings, wanted: Wanted, wait: Callable[[Held], bool]
) -> tuple[RunReport, list[dict[str, Any]], int]:
    """Makes the entries pending again, due now and with all attempts before them.

    Returns the run, the entries, and how many were left out since they have no address that could be asked for.
    Raises UsageError where there is none, or none that can be retried: then nothing was done.
    """
    wanted.check()
    demand = partial(_retriable, wanted=wanted)
    with Warehouse(settings.warehouse, read_only=True) as published:
        if wanted.feed and not published.rows("reports/feed_exists", feed_id=wanted.feed):
            raise UsageError(f"--feed {wanted.feed}: no such feed; `technews feeds list` shows them")
        demand(published)  # refused before a run that is at work is waited for
    with opened(settings, "retry", wait=wait, demand=demand) as ledger:
        done, without_address = demand(ledger.store)
        ledger.retry(row["entry_id"] for row in done)
        report = ledger.finish("completed")
        if report.ok:
            ledger.publish()
        return report, done, without_address


def _retriable(store: Warehouse, wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
    """The entries that are meant and can be asked for, and how many cannot; raises UsageError where there are none."""
    meant = {**named(store, wanted.name or ""), "outcome": wanted.outcome, "feed": wanted.feed}
    found = store.rows("load/find_retries", **meant)
    retried = [row for row in found if row["outcome"] in RETRIED]
    done = [row for row in retried if row["url"] and spell(row["url"]) is not None]
    if not done:
        raise UsageError(_why_none(wanted, found, len(retried)))
    return done, len(retried) - len(done)


def _why_none(wanted: Wanted, found: Sequence[Mapping[str, Any]], retried: int) -> str:
    """Why nothing was done, of the entries found and how many of them could have been retried, had they an address."""
    if retried:
        which = f"{wanted.name}: its entry has" if wanted.name else f"all {retried} of them have"
        return f"{which} no address that could be asked for: nothing was done"
    if wanted.outcome:
        of_feed = f" of feed {wanted.feed}" if wanted.feed else ""
        return f"no entry{of_feed} is {wanted.outcome}: nothing was done"
    if not found:
        return f"{wanted.name}: no entry has this id or address; `technews sql` can search titles in `entries`"
    first = found[0]
    why = _INSTEAD.get(Outcome(first["outcome"]), f"repeats entry {first['duplicate_of']}: retry that one")
    return f"entry {first['entry_id']} {why}"
