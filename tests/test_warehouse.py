"""The database: migrations, views, loads that refuse a doubled key, and everything in UTC."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from technews.warehouse import (
    SQL,
    DoubledKey,
    ForbiddenChange,
    Warehouse,
    WarehouseError,
    checks,
    failing_rows,
    migrations,
)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

# The views and columns that other people's SQL relies on.
CONTRACT = {
    "articles": "article_id entry_id feed_id url canonical_url title text language publisher_id publisher author "
    "published_at published_on published_precision modified_at first_seen_at fetched_at loaded_at withdrawn_at revision "
    "word_count content_hash topics story_id",
    "article_revisions": "article_id revision title text content_hash seen_from seen_until recorded_at change",
    "entries": "entry_id feed_id guid url title published_raw published_at published_on published_precision date_flag "
    "first_seen_at outcome reason attempts next_attempt_at article_id duplicate_of run_id",
    "entry_history": "entry_id outcome reason run_id changed_at",
    "decisions": "entry_id topic_id relevant score rule_version content_hash matches evidence decided_at is_current",
    "mentions": "article_id entity_id name kind count in_title first_start",
    "attributions": "article_id source_entity_id source_name quote start language",
    "figures": "article_id value unit direction subject period sentence start",
    "claims": "article_id subject relation object status source_name sentence start",
    "stories": "story_id title first_published_at languages publishers articles originals",
    "story_articles": "story_id article_id role evidence",
    "quarantine": "quarantine_id entry_id run_id rule column_name value payload status created_at decided_at",
    "runs": "run_id flow started_at ended_at status feeds_polled feeds_not_modified feeds_failed entries_seen "
    "entries_new rechecked pending loaded off_topic duplicate empty unreachable gone blocked quarantined reconciled",
    "feeds": "feed_id url title language country timezone observed_since",
    "feed_health": "feed_id last_success_at consecutive_failures next_poll_at interval entries_7d duplicate_share state",
    "publishers": "publisher_id name domains family country language",
    "fetches": "run_id url final_url status error bytes duration_ms attempt requested_at archive_file archive_offset",
    "coverage_gaps": "feed_id gap_from gap_until cause",
    "freshness": "copied_at last_success_at commit_number schema_version rule_versions",
}

# One row for each load that refuses a doubled key; the other values are NULL.
KEYED_LOADS = {
    "sync_feeds": {"feed_id": "f", "url": "u", "title": "t", "language": "en", "country": "US", "timezone": "UTC",
                   "every_seconds": 60, "full_text": False},
    "record_polls": {"feed_id": "f", "status": "changed", "entries_seen": 0, "entries_new": 0, "entries_changed": 0,
                     "last_attempt_at": NOW, "consecutive_failures": 0},
    "open_gaps": {"feed_id": "f", "gap_from": NOW, "cause": "unreachable"},
    "add_entries": {"entry_id": "e", "feed_id": "f", "entry_key": "k", "title": "t", "summary": "", "content": "",
                    "published_precision": "unknown", "fingerprint": "p", "first_seen_at": NOW},
    "change_entries": {"entry_id": "e", "title": "t", "summary": "", "content": "", "published_precision": "unknown",
                       "fingerprint": "p", "changed_at": NOW},
    "set_outcomes": {"entry_id": "e", "outcome": "loaded", "reason": "on_topic", "attempts": 0, "changed_at": NOW},
    "record_rechecks": {"entry_id": "e", "rechecked_at": NOW, "result": "unchanged", "attempts": 0},
    "add_articles": {"article_id": "a", "entry_id": "e", "site": "s", "content_hash": "h", "first_seen_at": NOW},
    "touch_articles": {"article_id": "a"},
    "add_article_urls": {"url": "u", "article_id": "a", "kind": "link", "first_seen_at": NOW},
    "add_revisions": {"article_id": "a", "change": "new", "url": "u", "title": "t", "text": "x", "language": "en",
                      "publisher_id": "p", "publisher": "P", "published_precision": "unknown", "fetched_at": NOW,
                      "word_count": 1, "content_hash": "h", "extractor": "x", "cleaner_version": "1", "seen_from": NOW,
                      "recorded_at": NOW},
    "reclean_revisions": {"article_id": "a"},
    "insert_revisions": {"article_id": "a", "revision": 1, "change": "new", "following": "text", "url": "u", "title": "t",
                         "text": "x", "language": "en", "publisher_id": "p", "publisher": "P",
                         "published_precision": "unknown", "fetched_at": NOW, "word_count": 1, "content_hash": "h",
                         "extractor": "x", "cleaner_version": "1", "seen_from": NOW, "recorded_at": NOW},
    "begin_earlier": {"article_id": "a", "revision": 1, "seen_from": NOW},
    "add_documents": {"entry_id": "e", "source": "f", "fetched_at": NOW, "content_type": ""},
    "record_backfills": {"source": "f", "feed_id": "archive:f", "version": "1", "position": 0, "total": 1, "documents": 0,
                         "updated_at": NOW},
    "add_decisions": {"entry_id": "e", "article_id": "a", "topic_id": "t", "relevant": True, "score": 1.0,
                      "threshold": 0.5, "rule_version": "r", "content_hash": "h", "matches": [], "evidence": [],
                      "decided_at": NOW},
    "add_mentions": {"article_id": "a", "entity_id": "x", "name": "X", "kind": "company", "count": 1, "in_title": False,
                     "first_start": 0},
    "add_publishers": {"publisher_id": "p", "name": "P", "domains": []},
    "set_robots": {"origin": "https://a.example:443", "asked_at": NOW, "content_type": "", "body": b"x"},
    "add_quarantine": {"quarantine_id": "q", "entry_id": "e", "rule": "r", "column_name": "c", "violations": [],
                       "payload": "{}", "created_at": NOW},
}  # fmt: skip
UNKEYED = {
    "close_gaps",
    "mark_rechecks",
    "add_fetches",
    "add_archive_feeds",
    "move_records",
}  # rows that have no key of their own, or change nothing twice


@pytest.fixture
def store(tmp_path: Path, empty_state: Path):
    """A migrated database."""
    with Warehouse(shutil.copy(empty_state, tmp_path / "w.duckdb")) as warehouse:
        yield warehouse


def row(load: str, **changes: object) -> dict:
    """A row for a load, with every field that its file names."""
    fields = re.search(r"\$rows::STRUCT\((.*?)\)\[\]", (SQL / "load" / f"{load}.sql").read_text(), re.DOTALL)[1]
    names = re.findall(
        r'"?(\w+)"? (?:VARCHAR|BLOB|BIGINT|DOUBLE|BOOLEAN|TIMESTAMPTZ|DATE|STRUCT)',
        re.sub(r"STRUCT\([^()]*\)", "STRUCT", fields),
    )
    return {**dict.fromkeys(names), **KEYED_LOADS[load], **changes}


def load_one(store: Warehouse) -> None:
    """One loaded article of one feed, as a run would have written it."""
    store.run("load/open_run", run_id="r", flow="ingest", engine_run_id=None, started_at=NOW)
    store.run("load/sync_feeds", rows=[row("sync_feeds")], now=NOW)
    store.run("load/add_entries", rows=[row("add_entries")], run_id="r")
    store.run("load/add_articles", rows=[row("add_articles")])
    store.run("load/add_publishers", rows=[row("add_publishers")])
    store.run("load/add_revisions", rows=[row("add_revisions", text="long enough " * 20)], run_id="r")
    store.run("load/add_decisions", rows=[row("add_decisions", relevant=True)], run_id="r")
    store.run("load/set_outcomes", rows=[row("set_outcomes", article_id="a")], run_id="r")


def test_every_view_and_column_of_the_contract_is_there(store):
    """Other people's SQL relies on these names; more columns are fine."""
    for view, columns in CONTRACT.items():
        there, _ = store.query(f"SELECT * FROM {view} LIMIT 0")
        assert set(columns.split()) <= set(there), view


def test_everything_is_commented(store):
    """Whoever looks at a table, view or column in a client reads there what it is."""
    for kind in ("columns", "tables", "views"):
        name = "column_name" if kind == "columns" else f"{kind[:-1]}_name"
        _, rows = store.query(f"SELECT schema_name, {name} FROM duckdb_{kind}() WHERE NOT internal AND comment IS NULL")
        assert rows == []


def test_no_time_without_zone(store):
    """A naive timestamp would silently follow the reader's zone."""
    _, rows = store.query(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND data_type LIKE '%TIMESTAMP%' "
        "AND data_type NOT LIKE '%WITH TIME ZONE%'"
    )
    assert rows == []


def test_views_answer_the_same_in_every_zone(filled_home):
    """Days are given by the feed's zone or UTC, never by the reader's."""
    answers = []
    with Warehouse(filled_home / "warehouse.duckdb", read_only=True) as published:
        for zone in ("UTC", "Asia/Shanghai", "America/Los_Angeles"):
            published.query(f"SET TimeZone = '{zone}'")
            answers.append({view: sorted(published.query(f"FROM {view}")[1], key=repr_in_utc) for view in CONTRACT})
            for path in (SQL / "queries").glob("*.sql"):
                published.query(path.read_text(encoding="utf-8"))
    assert all(answers[0][view] for view in ("articles", "entries", "feed_health", "runs"))
    assert answers[0] == answers[1] == answers[2]


def repr_in_utc(row: tuple[object, ...]) -> str:
    """The row as words, which sort it alike whatever zone its times are told in."""
    return repr([value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value for value in row])


def test_a_readers_threads_end_before_its_file_is_closed(filled_home):
    """Else one that still puts away the last task of a join may fall over what DuckDB has dropped by then."""
    reader, other = (Warehouse(filled_home / "warehouse.duckdb", read_only=True) for _ in range(2))  # of one instance
    threads = "SELECT current_setting('threads')"
    assert other.query(f"SET threads = 3; {threads}")[1] == [(3,)]
    reader.close()
    assert other.query(threads)[1] == [(1,)]
    other.close()
    other.close()


def test_migrating_twice_changes_nothing(store):
    """A migration is applied once, with its record."""
    before = store.commit_number
    assert store.migrate(NOW) == []
    assert store.commit_number == before


def test_a_failed_migration_leaves_no_trace(tmp_path, monkeypatch):
    """A migration and its record commit together, or not at all."""
    broken = tmp_path / "0002_broken.sql"
    broken.write_text("CREATE TABLE ledger.half (x BIGINT); SELECT no_such_column;")
    there = migrations()
    files = {**there, len(there): broken}
    monkeypatch.setattr("technews.warehouse.migrations", lambda: files)
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        with pytest.raises(duckdb.Error):
            warehouse.migrate(NOW)
        assert warehouse.query("SELECT number FROM ledger.migrations ORDER BY number")[1] == [(n,) for n in there]
        assert warehouse.query("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'")[1] == [(0,)]


def test_an_older_file_keeps_what_its_polls_said(tmp_path, monkeypatch):
    """What stands with the feed now is read once from the polls of the time before."""
    there, now = migrations(), NOW.isoformat()
    with Warehouse(tmp_path / "w.duckdb") as store:
        with monkeypatch.context() as patch:
            patch.setattr("technews.warehouse.migrations", lambda: {number: there[number] for number in range(7)})
            patch.setattr(Warehouse, "_refresh_marts", lambda _: False)  # today's views are for today's tables
            store.migrate(NOW)
        for feed in ("read", "down", "new"):
            store.query(
                """INSERT INTO ledger.feeds BY NAME SELECT $feed AS feed_id, 'u' AS url, 't' AS title, 'en' AS "language",
                'US' AS country, 'UTC' AS timezone, 60 AS every_seconds, false AS full_text, 0 AS consecutive_failures""",
                {"feed": feed},
            )
        store.query(
            f"""INSERT INTO ledger.polls BY NAME SELECT * FROM (VALUES
            ('r1', 'read', 'failed', 'HTTP 500', 'temporary', 0), ('r2', 'read', 'changed', NULL, NULL, 2),
            ('r3', 'read', 'not_modified', NULL, NULL, 0), ('r1', 'down', 'failed', 'HTTP 500', 'temporary', 0),
            ('r2', 'down', 'failed', 'HTTP 410', 'hard', 0)) AS t(run_id, feed_id, status, error, trouble, entries_repeated),
            LATERAL (SELECT TIMESTAMPTZ '{now}' + to_hours(run_id[2:]::INT) AS polled_at, 0 AS entries_seen,
            0 AS entries_new, 0 AS entries_changed)"""
        )
        store.migrate(NOW)
        _, found = store.query("SELECT feed_id, last_error, entries_repeated FROM feed_health ORDER BY feed_id")
        _, troubles = store.query("SELECT feed_id, last_trouble FROM ledger.feeds ORDER BY feed_id")
    assert found == [("down", "HTTP 410", None), ("new", None, None), ("read", "HTTP 500", 2)]
    assert troubles == [("down", "hard"), ("new", None), ("read", "temporary")]


def test_an_edited_migration_is_refused(store, monkeypatch, tmp_path):
    """Applied files never change: what was applied would not be what stands there."""
    edited = tmp_path / "0001_edited.sql"
    edited.write_text("SELECT 1;")
    files = {**migrations(), 1: edited}
    monkeypatch.setattr("technews.warehouse.migrations", lambda: files)
    with pytest.raises(WarehouseError, match="edited after it was applied"):
        store.migrate(NOW)


def test_a_file_of_a_newer_version_is_refused(store):
    """An older program must not write into a schema that it does not know."""
    store.query("INSERT INTO ledger.migrations VALUES (99, '0099_future.sql', 'x', now())")
    with pytest.raises(WarehouseError, match="upgrade technews"):
        store.migrate(NOW)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM ledger.migrations WHERE number > 4", "older version: the next `technews run`"),
        ("INSERT INTO ledger.migrations VALUES (99, '0099_future.sql', 'x', now())", "newer version: upgrade technews"),
    ],
)
def test_what_does_not_fit_a_file_of_another_version_says_so(tmp_path, change, says):
    """A reader after an upgrade gets no words of the database; the analyst's own SQL works on as it did."""
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as warehouse:
        warehouse.migrate(NOW)
        warehouse.query("DROP VIEW metadata_conflicts")
        warehouse.query(change)
    with Warehouse(path, read_only=True) as published:
        with pytest.raises(WarehouseError, match=says):
            published.rows("reports/entry_metadata", entry_id="e")
        assert published.query("SELECT count(*) FROM entries")[1] == [(0,)]


def test_books_of_a_version_that_counted_otherwise_stand(tmp_path, monkeypatch):
    """An entry that waits years ahead counts as due today, but did not in runs before: they are not counted again."""
    older = {number: path for number, path in migrations().items() if number < 5}
    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        with monkeypatch.context() as before:
            before.setattr("technews.warehouse.migrations", lambda: older)
            before.setattr(Warehouse, "_refresh_marts", lambda _: False)
            warehouse.migrate(NOW)
        warehouse.query(
            "INSERT INTO ledger.runs BY NAME SELECT n AS run_number, 'r' || n AS run_id, 'ingest' AS flow, 0 AS due, "
            "TIMESTAMPTZ '2026-03-02 10:00:00+00' AS started_at, 'completed' AS status, true AS reconciled FROM range(2) AS t(n)"
        )
        warehouse.query(
            "INSERT INTO ledger.entries BY NAME SELECT * FROM (VALUES ('e', 'f', 'k', 't', '', '', 'unknown', 'p', "
            "TIMESTAMPTZ '2026-03-02 10:00:00+00', 'r0', 'pending', 'timeout', 'r0', 1, TIMESTAMPTZ '2028-03-02')) AS e("
            "entry_id, feed_id, entry_key, title, summary, content, published_precision, fingerprint, first_seen_at, "
            "first_run_id, outcome, reason, run_id, attempts, next_attempt_at)"
        )
        warehouse.query(
            "INSERT INTO ledger.entry_history BY NAME SELECT 1 AS history_number, entry_id, outcome, reason, "
            "next_attempt_at, run_id, first_seen_at AS changed_at FROM ledger.entries"
        )
        warehouse.migrate(NOW)
        assert warehouse.query("SELECT counted_from FROM ledger.state")[1] == [(2,)]
        assert warehouse.rows("checks/reconciled", run_id=None) == []
        warehouse.query("UPDATE ledger.state SET counted_from = 0")
        assert [each["run_id"] for each in warehouse.rows("checks/reconciled", run_id=None)] == ["r1"]


def test_migrations_are_numbered_without_holes():
    """Forward only, in order."""
    assert list(migrations()) == list(range(len(migrations())))


@pytest.mark.parametrize("load", sorted(KEYED_LOADS))
def test_a_doubled_key_is_refused(store, load):
    """No load lets a key in twice; it raises and leaves nothing."""
    store.run("load/open_run", run_id="r", flow="test", engine_run_id=None, started_at=NOW)
    if load in ("set_outcomes", "record_rechecks"):
        store.run("load/add_entries", rows=[row("add_entries")], run_id="r")
    parameters = {"run_id": "r", "now": NOW, "ids": []}
    with pytest.raises(DoubledKey), store.transaction():
        store.run(f"load/{load}", rows=[row(load), row(load)], **parameters)
    with store.transaction():
        store.run(f"load/{load}", rows=[row(load)], **parameters)
    with store.transaction():
        store.run(f"load/{load}", rows=[], **parameters)


def test_every_load_with_rows_is_in_the_list_of_keyed_ones():
    """A new load must say what it does with a doubled key."""
    with_rows = {
        path.stem
        for path in (SQL / "load").glob("*.sql")
        if "$rows" in path.read_text()
        and re.search(r"^(INSERT|UPDATE ledger\.(?!state)|UPDATE content)", path.read_text(), re.MULTILINE)
    }
    assert with_rows - UNKEYED == set(KEYED_LOADS)


def test_a_change_of_outcome_outside_the_closed_table_is_refused(store):
    """`gone` never becomes `loaded` in one step: it is made pending first."""
    store.run("load/open_run", run_id="r", flow="test", engine_run_id=None, started_at=NOW)
    store.run("load/add_entries", rows=[row("add_entries")], run_id="r")
    store.run("load/set_outcomes", rows=[row("set_outcomes", outcome="gone", reason="http_404")], run_id="r")
    with pytest.raises(ForbiddenChange, match="no change from gone to loaded"):
        store.run("load/set_outcomes", rows=[row("set_outcomes")], run_id="r")


def test_an_outcome_for_an_unknown_entry_is_refused(store):
    """History is written for entries alone."""
    store.run("load/open_run", run_id="r", flow="test", engine_run_id=None, started_at=NOW)
    with pytest.raises(ForbiddenChange, match="no change from nothing to loaded"):
        store.run("load/set_outcomes", rows=[row("set_outcomes")], run_id="r")


def test_checks_find_nothing_in_an_empty_database(store):
    """Every check runs on an empty database, over everything and over one run."""
    assert failing_rows(store, None) == failing_rows(store, "r") == []
    assert {severity for _, severity, _ in checks()} <= {"error", "warn"}


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("unique_keys", "INSERT INTO ledger.entries SELECT * FROM ledger.entries"),
        ("whole_references", "DELETE FROM ledger.feeds"),
        ("one_outcome", "UPDATE ledger.entries SET outcome = 'gone'"),
        ("outcomes_match_tables", "UPDATE content.articles SET entry_id = 'another'"),
        ("outcomes_match_tables", "UPDATE content.decisions SET content_hash = 'of another text'"),
        ("outcomes_match_tables", "DELETE FROM content.decisions"),
        ("reconciled", "DELETE FROM ledger.entry_history"),
        ("reconciled", "UPDATE ledger.runs SET due = 3"),
        ("revisions_in_order", "UPDATE content.article_revisions SET revision = 7"),
        ("text_is_sound", "UPDATE content.article_revisions SET text = 'x'"),
    ],
)  # fmt: skip
def test_each_check_finds_the_damage_that_it_is_for(store, check, damage):
    """A check that cannot fail would be no check."""
    load_one(store)
    store.run("load/close_run", run_id="r", ended_at=NOW, status="completed", message=None)
    store.run("load/judge_run", run_id="r", reconciled=True, message=None)
    assert failing_rows(store, None) == []
    store.query(damage)
    assert check in {name for name, *_ in failing_rows(store, None)}


@pytest.mark.parametrize("path", sorted(SQL.rglob("*.sql")), ids=lambda p: f"{p.parent.stem}/{p.stem}")
def test_tables_are_joined_by_equality_alone(path):
    """Joined by different hashes, the database paired every revision with every decision before it looked further."""
    conditions = re.findall(
        r"\bON\b(.*?)(?=\bJOIN\b|\bWHERE\b|\bGROUP\b|;)", path.read_text(encoding="utf-8"), re.DOTALL
    )
    assert not [each for each in conditions if re.search("<>|!=", each)]


@pytest.mark.parametrize("path", sorted((SQL / "queries").glob("*.sql")), ids=lambda p: p.stem)
def test_every_example_query_runs(store, path):
    """What analysts are shown works as it stands, and says what it is for."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    columns, _ = store.query(text)
    assert columns


def test_opening_a_missing_warehouse_says_what_to_do(tmp_path):
    """Nobody has run anything yet."""
    with pytest.raises(WarehouseError, match="technews run"):
        Warehouse(tmp_path / "none.duckdb", read_only=True)


def test_the_commit_number_counts_transactions(store):
    """A published copy can be told from its source."""
    before = store.commit_number
    with store.transaction():
        pass
    with pytest.raises(RuntimeError), store.transaction():
        raise RuntimeError
    assert store.commit_number == before + 1
