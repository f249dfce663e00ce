"""A night's maintenance over a long past: time, sizes before and after, and a restore drill from its backup.

Usage: python -m benchmarks.maintain [ENTRIES] [ARTICLES]      (default: 500000 and 20000)

Each entry has two rows of history, so the ledger has two rows of history and one of entries for each. The state file
has the holes that a year of updates leaves: every entry and feed is written over several times.
"""

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.ledger import PAST, PER_RUN
from technews.backups import backups
from technews.settings import read_settings
from technews.warehouse import Warehouse

NOW = datetime.now(UTC)

ARTICLES = (
    """INSERT INTO content.publishers BY NAME SELECT 'p' AS publisher_id, 'P' AS name, ['p.example'] AS domains""",
    """INSERT INTO content.articles BY NAME SELECT 'a' || i AS article_id, 'e' || i AS entry_id, 'p.example' AS site,
        md5(i::VARCHAR) AS content_hash, TIMESTAMPTZ '2020-01-01' AS first_seen_at,
        TIMESTAMPTZ '2020-01-01' AS loaded_at FROM range($articles) AS t(i)""",
    """INSERT INTO content.article_urls BY NAME SELECT 'https://p.example/' || i AS url, 'a' || i AS article_id,
        'link' AS kind, TIMESTAMPTZ '2020-01-01' AS first_seen_at FROM range($articles) AS t(i)""",
    """INSERT INTO content.article_revisions BY NAME SELECT 'a' || i AS article_id, 1 AS revision, true AS is_current,
        'new' AS change, 'https://p.example/' || i AS url, 'T' || i AS title,
        repeat(md5(i::VARCHAR) || ' a phone and its maker. ', 55) AS "text", 'en' AS "language",
        'p' AS publisher_id, 'P' AS publisher, 'unknown' AS published_precision, TIMESTAMPTZ '2020-01-01' AS fetched_at,
        300 AS word_count, md5(i::VARCHAR) AS content_hash, 'x' AS extractor, '1' AS cleaner_version,
        TIMESTAMPTZ '2020-01-01' AS seen_from, TIMESTAMPTZ '2020-01-01' AS recorded_at, 'r1' AS run_id
        FROM range($articles) AS t(i)""",
    """INSERT INTO content.decisions BY NAME SELECT 'e' || i AS entry_id, 'a' || i AS article_id, 't' AS topic_id,
        true AS relevant, 0.9 AS score, 0.5 AS threshold, 'v' AS rule_version, md5(i::VARCHAR) AS content_hash,
        MAP {'apple': 3} AS matches, [] AS evidence, TIMESTAMPTZ '2020-01-01' AS decided_at, 'r1' AS run_id,
        true AS is_current FROM range($articles) AS t(i)""",
    """UPDATE ledger.entries SET outcome = 'loaded', reason = 'on_topic', article_id = 'a' || entry_id[2:]
        WHERE entry_id[2:]::BIGINT < $articles""",
    """UPDATE ledger.entry_history SET outcome = 'loaded', reason = 'on_topic'
        WHERE outcome = 'empty' AND entry_id[2:]::BIGINT < $articles""",
)
HOLES = (
    "UPDATE ledger.entries SET attempts = attempts + 1",
    'UPDATE content.article_revisions SET "text" = "text" || \' \'',
)


def fill(store: Warehouse, entries: int, articles: int) -> None:
    """A made-up past, with holes."""
    values = {"entries": entries, "per_run": PER_RUN, "articles": articles}
    for sql in (*PAST, *ARTICLES, *HOLES * 3):
        store.query(sql, {name: value for name, value in values.items() if f"${name}" in sql})
        store.checkpoint()
    for column in ("entries_new", "empty"):  # a run's counts are read by nobody here, but by the checks
        store.query(f"UPDATE ledger.runs SET {column} = {PER_RUN}")  # noqa: S608 -- our own names


def megabytes(path: Path) -> str:
    """A file's size."""
    return f"{path.stat().st_size / (1 << 20):.0f} MiB"


def main() -> None:
    """Prints what it took."""
    entries, articles = (int(n) for n in (sys.argv[1:] or ["500000", "20000"]))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TECHNEWS_HOME": folder, "PREFECT_HOME": f"{folder}/prefect"}
        Path(os.environ["PREFECT_HOME"]).mkdir()
        settings = read_settings()
        with Warehouse(settings.state_file) as store:
            store.migrate(NOW)
            fill(store, entries, articles)
            rows = store.table_sizes()
        print(
            f"ledger rows {rows['ledger.entries'] + rows['ledger.entry_history']}, articles {rows['content.articles']}"
        )
        print(f"state before {megabytes(settings.state_file)}")
        from flows.maintain import maintain
        from technews.backups import restore

        begun = time.monotonic()
        report = maintain.fn()
        print(f"maintain {time.monotonic() - begun:.1f} s: {report.row['status']}; {report.row['message']}")
        (backup,) = backups(settings)
        print(f"state after {megabytes(settings.state_file)}, backup {megabytes(backup)}")
        settings.state_file.write_bytes(b"damaged")
        begun = time.monotonic()
        report, _ = restore(settings, backup, lambda _: False)
        print(f"restore over a damaged state {time.monotonic() - begun:.1f} s: {report.row['status']}")
        with Warehouse(settings.warehouse, read_only=True) as published:
            _, ((there,),) = published.query("SELECT count(*) FROM articles")
        assert there == articles
        print(f"articles after the restore: {there}")


if __name__ == "__main__":
    main()
