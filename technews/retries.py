"""What an operator asks to be tried again: entries that ended without an article become pending, and are due at once.

Entries that have an answer already are refused, with what to do instead. Runs under the run lock, as a run of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

    def parameters(self, store: Warehouse) -> dict[str, Any]:
        """What `load/find_retries.sql` is asked, of this ledger."""
        return {**named(store, self.name or ""), "outcome": self.outcome, "feed": self.feed}


def retry(
    settings: Settings, wanted: Wanted, wait: Callable[[Held], bool]
) -> tuple[RunReport, list[dict[str, Any]], int]:
    """Makes the entries pending again, due now and with all attempts before them.

    Returns the run, the entries, and how many were left out since they have no address that could be asked for.
    Raises UsageError where there is none, or none that can be retried: then nothing was done.
    """
    wanted.check()
    with Warehouse(settings.warehouse, read_only=True) as published:
        if wanted.feed and not published.rows("reports/feed_exists", feed_id=wanted.feed):
            raise UsageError(f"--feed {wanted.feed}: no such feed; `technews feeds list` shows them")
        _demand_any(published.rows("load/find_retries", **wanted.parameters(published)), wanted)
    with opened(settings, "retry", wait=wait) as ledger:
        found = ledger.store.rows("load/find_retries", **wanted.parameters(ledger.store))
        retried = [row for row in found if row["outcome"] in RETRIED]
        done = [row for row in retried if _has_address(row)]
        ledger.retry(row["entry_id"] for row in done)
        report = ledger.finish("completed")
        if report.ok:
            ledger.publish()
        return report, done, len(retried) - len(done)


def _has_address(row: Mapping[str, Any]) -> bool:
    return bool(row["url"]) and spell(row["url"]) is not None


def _demand_any(rows: list[dict[str, Any]], wanted: Wanted) -> None:
    retried = [row for row in rows if row["outcome"] in RETRIED]
    if any(map(_has_address, retried)):
        return
    if retried:
        which = f"{wanted.name}: its entry has" if wanted.name else f"all {len(retried)} of them have"
        raise UsageError(f"{which} no address that could be asked for: nothing was done")
    if wanted.outcome:
        of_feed = f" of feed {wanted.feed}" if wanted.feed else ""
        raise UsageError(f"no entry{of_feed} is {wanted.outcome}: nothing was done")
    if not rows:
        raise UsageError(
            f"{wanted.name}: no entry has this id or address; `technews sql` can search titles in `entries`"
        )
    first = rows[0]
    why = _INSTEAD.get(Outcome(first["outcome"]), f"repeats entry {first['duplicate_of']}: retry that one")
    raise UsageError(f"entry {first['entry_id']} {why}")
