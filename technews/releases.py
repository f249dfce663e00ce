"""What an operator decides on a quarantined row: released through the present rules, or discarded.

A released row is judged and validated again as if it had just been read, loads in the usual transaction under a run of
its own, and the ledger says who decided, when and why. A discarded row can still be released, a released one is final.

Exceptions:

    NotDecided          the row is such that the decision cannot be; nothing was done
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from technews.ledger import Decision, Ledger, RunReport, opened
from technews.payloads import from_payload
from technews.placement import Target, place
from technews.placing import put, read_targets
from technews.quarantine import checked
from technews.records import Judged, Rejection
from technews.rules import Rules
from technews.runlock import Held
from technews.settings import Settings, UsageError
from technews.validation import ArticleSuite, in_words
from technews.warehouse import Warehouse

OLDER: Final = "in the history of its article, since it is an older version"
NOTHING_NEW: Final = "as it was, since a later version says the same or is off topic"
_RELEASABLE: Final = ("quarantined", "loaded", "off_topic")


class NotDecided(Exception):  # noqa: N818 -- an answer, not a fault
    """The row is such that the decision cannot be; the message is one line, and nothing was done."""


def open_rows(settings: Settings, quarantine_id: str | None = None) -> list[dict[str, Any]]:
    """Rows of the published view `quarantine`, newest first; of one id, or all. Raises UsageError for an unknown id."""
    with Warehouse(settings.warehouse, read_only=True) as published:
        return _rows(published, quarantine_id)


def _rows(store: Warehouse, quarantine_id: str | None) -> list[dict[str, Any]]:
    rows = store.rows("reports/quarantine_rows", quarantine_id=quarantine_id)
    if quarantine_id and not rows:
        raise UsageError(f"{quarantine_id}: no such row in quarantine; `technews quarantine list` shows them")
    return rows


def release(
    settings: Settings, rules: Rules, quarantine_id: str, by: tuple[str, str], wait: Callable[[Held], bool]
) -> RunReport:
    """Loads a quarantined row if the present rules let it pass (else NotDecided); `by` is who, and why."""
    demand = partial(_releasable, quarantine_id=quarantine_id)
    with Warehouse(settings.warehouse, read_only=True) as published:
        row = demand(published)
    judged = _judged_again(rules, row)
    with opened(settings, "release", wait=wait, demand=demand) as ledger:
        entry = replace(judged.entry, outcome=ledger.outcome_of(row["entry_id"]))
        item = replace(judged, article=replace(judged.article, entry=entry))
        decision, publishers = Decision("released", *by), rules.publishers
        if target := _later_target(ledger, item):
            placed = place(item, target, {}, publishers, ledger.now)
            ledger.decide_quarantine(quarantine_id, decision, lambda: put(ledger, [placed], {}, publishers))
            return _finish(ledger, OLDER if placed.inserted else NOTHING_NEW)
        ledger.decide_quarantine(quarantine_id, decision, lambda: ledger.load_released([item], publishers))
        return _finish(ledger)


def discard(settings: Settings, quarantine_id: str, by: tuple[str, str], wait: Callable[[Held], bool]) -> RunReport:
    """Decides that a quarantined row will not be loaded; it stays, marked as discarded. Raises NotDecided."""
    demand = partial(_undecided, quarantine_id=quarantine_id, statuses=("open",))
    with Warehouse(settings.warehouse, read_only=True) as published:
        demand(published)
    with opened(settings, "discard", wait=wait, demand=demand) as ledger:
        ledger.decide_quarantine(quarantine_id, Decision("discarded", *by))
        return _finish(ledger)


def _releasable(store: Warehouse, quarantine_id: str) -> dict[str, Any]:
    row = _undecided(store, quarantine_id, ("open", "discarded"))
    if row["entry_outcome"] not in _RELEASABLE:
        raise NotDecided(f"{quarantine_id}: its entry is {row['entry_outcome']} now; discard it")
    return row


def _undecided(store: Warehouse, quarantine_id: str, statuses: Collection[str]) -> dict[str, Any]:
    (row,) = _rows(store, quarantine_id)
    if row["status"] not in statuses:
        raise NotDecided(f"{quarantine_id} is {row['status']} already (by {row['decided_by']}): nothing was done")
    return row


def _judged_again(rules: Rules, row: Mapping[str, Any]) -> Judged:
    try:
        judged = from_payload(row["payload"])
    except ValueError:
        raise NotDecided(f"{row['quarantine_id']} holds no article that could be loaded; discard it") from None
    article, judge = judged.article, rules.judge()
    verdicts = judge.judge(article.title, article.text, article.language)
    judged = replace(judged, verdicts=verdicts, mentions=judge.mentions(article.title, article.text, article.language))
    if judged.relevant:
        suite = ArticleSuite()
        (valid,) = checked(suite.check, [judged])
        if isinstance(valid, Rejection):
            broken = "; ".join(map(in_words, valid.violations))
            raise NotDecided(f"{row['quarantine_id']} still breaks the rules, so nothing was done: {broken}")
    return judged


def _later_target(ledger: Ledger, item: Judged) -> Target | None:
    """The article that the row is of, where it shows a later look by now; None where the row is the latest."""
    article = item.article
    found = read_targets(ledger, [article.entry.article_id]) if article.entry.article_id else {}
    target = next(iter(found.values()), None)
    later = target and target.versions and target.versions[-1].seen_from > article.fetched_at
    return target if later else None


def _finish(ledger: Ledger, message: str | None = None) -> RunReport:
    report = ledger.finish("completed", message)
    if report.ok:
        ledger.publish()
    return report
