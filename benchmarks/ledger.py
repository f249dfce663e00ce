"""What a run's own statements cost over a long past: seconds each, over a ledger of made-up entries and runs.

Usage: python -m benchmarks.ledger [ENTRIES]      (default: 1000000, fifty to a run)

The statements of a run must not grow with the past; the checks over everything may.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from technews.warehouse import Warehouse, checks

PER_RUN = 50
NOW = datetime.now(UTC)

PAST = (
    """INSERT INTO ledger.runs BY NAME SELECT
        i AS run_number, 'r' || i AS run_id, 'ingest' AS flow, 'completed' AS status, 0 AS due, true AS reconciled,
        TIMESTAMPTZ '2020-01-01' + to_minutes(10 * i) AS started_at
        FROM range(1, $entries // $per_run + 1) AS t(i)""",
    """INSERT INTO ledger.feeds BY NAME SELECT
        'f' AS feed_id, 'u' AS url, 't' AS title, 'en' AS "language", 'US' AS country, 'UTC' AS timezone,
        60 AS every_seconds, false AS full_text, 0 AS consecutive_failures""",
    """INSERT INTO ledger.entries BY NAME SELECT
        'e' || i AS entry_id, 'f' AS feed_id, 'k' || i AS entry_key, 't' AS title, '' AS summary, '' AS content,
        'unknown' AS published_precision, 'p' AS fingerprint, 'empty' AS outcome, 'too_short' AS reason, 0 AS attempts,
        TIMESTAMPTZ '2020-01-01' + to_minutes(10 * (1 + i // $per_run)) AS first_seen_at,
        'r' || (1 + i // $per_run) AS first_run_id, 'r' || (1 + i // $per_run) AS run_id
        FROM range($entries) AS t(i)""",
    """INSERT INTO ledger.entry_history BY NAME SELECT
        2 * i + step AS history_number, 'e' || i AS entry_id, if(step = 0, 'pending', 'empty') AS outcome,
        if(step = 0, 'new', 'too_short') AS reason, 'r' || (1 + i // $per_run) AS run_id,
        TIMESTAMPTZ '2020-01-01' + to_minutes(10 * (1 + i // $per_run)) AS changed_at,
        if(step = 0, changed_at, NULL) AS next_attempt_at
        FROM range($entries) AS t(i), range(2) AS s(step)""",
    """INSERT INTO ledger.polls BY NAME SELECT
        'r' || (1 + i // (5 * $per_run)) AS run_id, 'f' AS feed_id,
        TIMESTAMPTZ '2020-01-01' + to_minutes(10 * (1 + i // (5 * $per_run))) AS polled_at,
        'not_modified' AS status, 0 AS entries_seen, 0 AS entries_new, 0 AS entries_changed
        FROM range(5 * $entries) AS t(i)""",
)


def timed(name: str, action: Callable[[], object]) -> None:
    """Prints how long it took."""
    begun = time.monotonic()
    action()
    print(f"{name:42s} {time.monotonic() - begun:8.2f}")


def entry(number: int) -> dict[str, object]:
    """A new entry's row."""
    empty = dict.fromkeys(("guid", "url", "author", "published_raw", "published_at", "published_on", "date_flag"))
    return {
        **empty, "entry_id": f"n{number}", "feed_id": "f", "entry_key": f"n{number}", "title": "t", "summary": "",
        "content": "", "published_precision": "unknown", "fingerprint": "p", "first_seen_at": NOW,
        "categories": [], "enclosures": [], "origin": None, "origin_url": None,
    }  # fmt: skip


def outcome(number: int) -> dict[str, object]:
    """The end of that entry."""
    return {
        "entry_id": f"n{number}", "outcome": "gone", "reason": "http_404", "detail": None, "attempts": 0,
        "next_attempt_at": None, "article_id": None, "duplicate_of": None, "changed_at": NOW,
    }  # fmt: skip


def main() -> None:
    """Prints the table."""
    entries = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder) / "big.duckdb") as store:
        store.migrate(NOW)
        for sql in PAST:
            store.query(sql, {k: v for k, v in {"entries": entries, "per_run": PER_RUN}.items() if f"${k}" in sql})
        known = [{"feed_id": "f", "entry_key": f"k{number}"} for number in range(2_000)]
        run = {"run_id": "now"}
        print(f"a run over a past of {entries} entries              seconds")
        timed("open", lambda: store.run("load/open_run", flow="ingest", engine_run_id=None, started_at=NOW, **run))
        timed("what is due", lambda: store.rows("load/due_entries", now=NOW, ids=None))
        timed("2,000 entries: which are known", lambda: store.rows("load/known_entries", rows=known, since=NOW))
        timed("50 new entries", lambda: store.run("load/add_entries", rows=[entry(n) for n in range(PER_RUN)], **run))
        timed("50 outcomes", lambda: store.run("load/set_outcomes", rows=[outcome(n) for n in range(PER_RUN)], **run))
        timed("how each feed does", lambda: store.rows("reports/feed_trend"))
        timed("close", lambda: store.run("load/close_run", ended_at=NOW, status="completed", message=None, **run))
        for run_id, words in (("now", "this run"), (None, "everything")):
            for name, _, _ in checks():
                timed(
                    f"check {name}, {words}",
                    lambda name=name, run_id=run_id: store.rows(f"checks/{name}", run_id=run_id),
                )


if __name__ == "__main__":
    main()
