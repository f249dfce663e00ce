"""One bad row never stops the rest: rows that are invalid, or that validation or the store fail on, are set aside.

A batch that fails is tried again row by row. Do all rows fail, a built-in good row is tried: only if that fails too is
it the suite or the store that is broken, and the failure is raised.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from technews.ledger import Ledger
from technews.publishers import Publishers
from technews.records import (
    Article,
    DateReading,
    Entry,
    Evidence,
    Feed,
    Fetch,
    Judged,
    Outcome,
    Precision,
    Reason,
    Rejection,
    Verdict,
    Violation,
)
from technews.robots_cache import RobotsCopy
from technews.warehouse import OwnFault

T = TypeVar("T")
Check = Callable[[Sequence[Judged]], list[tuple[Violation, ...]]]


def checked(check: Check, rows: Sequence[Judged]) -> list[Judged | Rejection]:
    """Each row, or the rejection that sends it to quarantine, in order. Raises what `check` raises on a good row."""
    try:
        return [_valid(row, violations) for row, violations in zip(rows, check(rows), strict=True)]
    except Exception as error:
        alone = [_checked_alone(check, row) for row in rows]
        all_failed = all(isinstance(item, Rejection) and item.reason is Reason.ERROR for item in alone)
        if all_failed and check([good_row()]) != [()]:
            raise RuntimeError("the validation suite refuses even the built-in good row") from error
        return alone


def loaded(
    ledger: Ledger,
    items: Sequence[Judged | Rejection],
    publishers: Publishers,
    fetches: Iterable[Fetch] = (),
    robots: Iterable[RobotsCopy] = (),
) -> Counter[Outcome]:
    """Writes a batch down; rows that the store refuses go to quarantine. Raises what the store raises on a good row.

    Returns how many of these entries got which outcome; who was looked at again and keeps its own is not in it. What is
    our own fault (a doubled key, a forbidden change) is raised at once: row by row it would only be hidden.
    """
    given: Counter[Outcome] = Counter()

    def write(
        some: Sequence[Judged | Rejection], fetches: Iterable[Fetch] = (), robots: Iterable[RobotsCopy] = ()
    ) -> None:
        rows = ledger.record_work(some, publishers, fetches, robots)
        given.update(
            Outcome(rows.outcomes[name]["outcome"])
            for name in {item.entry.entry_id for item in some} & rows.outcomes.keys()
        )

    one_by_one(
        items,
        lambda some: write(some, fetches, robots),
        lambda item: write([item]),
        set_aside,
        lambda: ledger.would_take(good_row(), publishers),
    )
    return given


def one_by_one(
    items: Sequence[T],
    write: Callable[[Sequence[T]], object],
    write_alone: Callable[[T], object],
    aside: Callable[[T, Exception], T],
    is_sound: Callable[[], bool],
) -> None:
    """Writes items together; where the store refuses that, one by one, with `aside` of the refused ones at the end.

    Raises what the store raises where it refuses all and is not sound itself, and what is our own fault.
    """
    try:
        write(items)
    except OwnFault:
        raise
    except Exception as error:
        refused = [item for item in items if not _written(write_alone, item)]
        if len(refused) == len(items) and not is_sound():
            raise
        write([aside(item, error) for item in refused])


def good_row() -> Judged:
    """A row that breaks no rule: what it fails on is broken itself."""
    from technews.extraction import CLEANER_VERSION, content_hash  # noqa: PLC0415 -- a quiet run tries no row

    at = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
    feed = Feed("built-in", "https://feed.example/rss", "Built-in", "en", "US", "UTC", timedelta(minutes=30))
    reading = DateReading("2026-01-05T08:30:00Z", at, date(2026, 1, 5), Precision.SECOND)
    entry = Entry(
        "e-built-in", feed, "https://site.example/a", "A title", None, "", "", reading, Outcome.PENDING, 0, at
    )
    title, text = "A title that is long enough", "A sentence that is here to be valid. " * 5
    article = Article(
        entry=entry,
        url="https://site.example/a",
        canonical_url=None,
        title=title,
        text=text.strip(),
        language="en",
        publisher_id="site-example",
        publisher="Site",
        author=None,
        published=reading,
        modified_at=None,
        fetched_at=at,
        content_hash=content_hash(title, text.strip()),
        word_count=40,
        extractor="built-in",
        cleaner_version=CLEANER_VERSION,
    )
    evidence = Evidence("facet", "entity", "sentence", "body", "en", 2, "A sentence that is here to be valid.")
    verdict = Verdict("built-in", True, 1.0, 0.5, "built-in-0", Reason.ON_TOPIC, {"facet": 1}, (evidence,))  # noqa: FBT003 -- a verdict's second field
    return Judged(article, (verdict,))


def _valid(row: Judged, violations: tuple[Violation, ...]) -> Judged | Rejection:
    if not violations:
        return row
    return Rejection(
        row.entry,
        Outcome.QUARANTINED,
        Reason.INVALID,
        detail=", ".join(v.rule for v in violations),
        fetch=row.article.fetch,
        violations=violations,
        judged=row,
    )


def _checked_alone(check: Check, row: Judged) -> Judged | Rejection:
    try:
        return _valid(row, check([row])[0])
    except Exception as error:  # noqa: BLE001 -- the row that the suite cannot read is the one to set aside
        return set_aside(row, error)


def _written(write: Callable[[T], object], item: T) -> bool:
    try:
        write(item)
    except OwnFault:
        raise
    except Exception:  # noqa: BLE001 -- the row that the store refuses is the one to set aside
        return False
    return True


def set_aside(item: Judged | Rejection, error: Exception) -> Rejection:
    """The rejection that sends an item to quarantine on which validation or the store failed."""
    entry = item.entry
    judged = item.judged if isinstance(item, Rejection) else item
    message = f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()[:500]
    return Rejection(
        entry,
        Outcome.QUARANTINED,
        Reason.ERROR,
        detail=message,
        violations=(Violation("error", "", message),),
        judged=judged,
    )
