"""What downloading keeps from run to run, seen in the tables after whole ingests: robots.txt, attempts, no secrets."""

import base64
import html
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from warcio.archiveiterator import ArchiveIterator
from web_site import Site, feeds_toml

from technews.settings import read_settings
from technews.warehouse import Warehouse


@pytest.fixture
def ingest(tmp_path: Path, home: Path) -> Callable[..., Any]:
    """One ingest over feeds of the site; the row of the run."""

    def run(now: datetime | None = None, **feeds: str) -> Any:
        (tmp_path / "feeds.toml").write_text(feeds_toml(**feeds), encoding="utf-8")
        from flows.ingest import ingest as flow

        return flow.fn(tmp_path / "feeds.toml", None, force=True, now=now).row

    return run


def answer(sql: str) -> list[Any]:
    """What the published warehouse says."""
    with Warehouse(read_settings().warehouse, read_only=True) as store:
        return store.query(sql)[1]


def test_robots_is_asked_for_once_a_day(ingest: Callable[..., Any], site: Site) -> None:
    """A second run keeps to what the first has read of robots.txt, in the ledger, without asking again."""
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /closed\n")
    ingest(wire=site.feed("/feed", site.off_topic("a"), site.off_topic("closed-a")))
    ingest(wire=site.feed("/feed", site.off_topic("b"), site.off_topic("closed-b")))
    outcomes = answer("SELECT outcome, reason, count(*) FROM entries GROUP BY ALL ORDER BY ALL")
    assert outcomes == [("blocked", "robots", 2), ("off_topic", "facet_missing", 2)]
    assert site.hits["/robots.txt"] == 1
    assert site.hits["/closed-a"] + site.hits["/closed-b"] == 0
    ((origin, body, read_at, expires_at),) = answer("SELECT origin, body, read_at, expires_at FROM ledger.robots")
    assert (origin, body) == (site.base, b"User-agent: *\nDisallow: /closed\n")
    assert expires_at - read_at == timedelta(days=1)
    assert answer("SELECT count(*) FROM fetches WHERE kind = 'robots'") == [(1,)]


def test_attempts_are_spread_over_runs(ingest: Callable[..., Any], site: Site) -> None:
    """A page that fails is asked for six times in three days, later each time, and then given up."""
    site.pages["/down"] = (500, {}, b"")
    feed = site.feed("/feed", site.base + "/down")
    delays = []
    for passed in (0, 0.5, 1.5, 5, 17, 49):
        ingest(now=datetime.now(UTC) + timedelta(hours=passed), wire=feed)
        ((due,),) = answer("SELECT next_attempt_at FROM entries")
        delays.append(round((due - datetime.now(UTC)) / timedelta(minutes=15)) if due else None)
    assert delays == [1, 4, 16, 64, 192, None]
    assert answer("SELECT outcome, reason FROM entries") == [("unreachable", "attempts_used_up")]
    assert answer("SELECT attempt FROM fetches WHERE kind = 'page' ORDER BY ALL") == [(n,) for n in range(1, 7)]


def test_a_clock_that_was_put_back_keeps_no_entry_waiting(ingest: Callable[..., Any], site: Site) -> None:
    """What a clock far ahead made due in years is due at once, again and again until it has its outcome; books agree."""
    site.pages["/down"] = (503, {}, b"")
    feed = site.feed("/feed", site.base + "/down")
    ingest(wire=feed)
    with Warehouse(read_settings().state_file) as store, store.transaction():
        for table in ("entries", "entry_history"):
            store.query(f"UPDATE ledger.{table} SET next_attempt_at = next_attempt_at + INTERVAL 700 DAY")
    assert (row := ingest(wire=feed))["reconciled"]
    assert (row["due"], row["pending"], row["message"]) == (1, 1, None)
    assert answer("SELECT attempts, next_attempt_at - now() < INTERVAL 2 HOUR FROM entries") == [(2, True)]
    site.off_topic("down")
    assert (row := ingest(now=datetime.now(UTC) + timedelta(hours=2), wire=feed))["reconciled"]
    assert (row["due"], row["pending"], row["off_topic"]) == (1, 0, 1)


def test_what_is_under_way_at_the_end_spends_no_attempt(
    ingest: Callable[..., Any], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that the run's end cuts off is pending as before; its request is recorded."""
    monkeypatch.setenv("TECHNEWS_RUN_MINUTES", "0.03")
    site.pages["/slow"] = lambda handler: time.sleep(20) or (200, {}, b"")
    row = ingest(wire=site.feed("/feed", site.base + "/slow"))
    assert row["reconciled"]
    assert answer("SELECT outcome, reason, attempts FROM entries") == [("pending", "new", 0)]
    assert answer("SELECT error FROM fetches WHERE kind = 'page'") == [("cut off: the run was over",)]


def test_no_secret_is_stored_anywhere(
    ingest: Callable[..., Any], site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that echoes its feed's password in every way gets it into no table, archived answer or log line."""
    secret = "Zw\u00f6lf&<k3y>+/ x"
    monkeypatch.setenv("WIRE_KEY", secret)
    caplog.set_level("DEBUG")
    pair = base64.b64encode(f"${{}}:{secret}".encode()).decode()
    spelt = [secret, quote(secret), quote(secret, safe="").lower(), html.escape(secret), json.dumps(secret)[1:-1], pair]

    def echo(handler: Any) -> Any:
        titles = "".join(
            f"<item><guid>{n}</guid><title>{html.escape(text)}</title><description>{html.escape(text)}</description>"
            f"<author>{html.escape(text)}</author><link>{site.base}/{quote(text)}</link></item>"
            for n, text in enumerate([*spelt, handler.headers["Authorization"], handler.path])
        )
        body = f"<rss><channel><title>{html.escape(secret)}</title>{titles}</channel></rss>"
        return 200, {"ETag": f'"{quote(secret)}"', "X-Echo": handler.path}, body.encode("utf-16")

    site.pages["/feed"] = echo
    site.pages["/moved"] = lambda handler: (302, {"Location": handler.path.replace("moved", "nowhere")}, b"")
    base = site.base.replace("http://", "http://${WIRE_KEY}@")
    ingest(wire=base + "/feed?key=${WIRE_KEY}", other=base + "/moved?key=${WIRE_KEY}")
    traces = ["k3y", "K3Y", pair[8:16], secret.encode().hex()]
    stored = [*_all_text(), *_all_answers(), caplog.text]
    assert sum("WIRE_KEY" in text for text in stored) > len(spelt)
    assert [trace for trace in traces if any(trace in text for text in stored)] == []


def _all_text() -> list[str]:
    """Every row of every table, as text."""
    tables = answer("SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal")
    return [str(row) for (table,) in tables for row in answer(f"FROM {table}")]


def _all_answers() -> list[str]:
    """Every archived answer, its headers included."""
    found = []
    for path in read_settings().archive.rglob("*.warc*"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                found.append(f"{record.rec_headers} {record.http_headers}")
                found.append(record.content_stream().read().decode("utf-8", "replace"))
    return found
