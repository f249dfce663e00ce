"""Entries whose link changes in the feed while the page of the old one is under way, in whole ingests over real HTTP."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from web_site import Site, feeds_toml

from flows.ingest import ingest
from technews.ledger import Ledger
from technews.settings import read_settings
from technews.warehouse import Warehouse, failing_rows

DOWN, GONE = (500, {}, b""), (404, {}, b"")
Served = Callable[..., None]


@pytest.fixture
def serve(site: Site, monkeypatch: pytest.MonkeyPatch) -> Served:
    """Serves the feed's entry under this link; the page at `path` answers, once that poll is written down."""
    polled = threading.Event()
    record = Ledger.record_polls

    def recorded(*arguments: Any) -> Any:
        rows = record(*arguments)
        polled.set()
        return rows

    monkeypatch.setattr(Ledger, "record_polls", recorded)

    def served(link: str, path: str, answer: Any) -> None:
        polled.clear()
        date = "<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>"
        item = f"<item><title>Apple and Alibaba</title><guid>g</guid>{date}<link>{site.base}{link}</link></item>"
        body = f"<rss version='2.0'><channel><title>T</title>{item}</channel></rss>".encode()
        site.pages["/feed"] = (200, {"Content-Type": "application/rss+xml"}, body)
        site.pages[path] = lambda _: answer if polled.wait(30) else DOWN

    return served


@pytest.fixture
def run(home: Any, site: Site) -> Callable[[int], list[Any]]:
    """An ingest in so many hours: the entry's outcome, reason and attempts after it."""

    def ingested(hours: int) -> list[Any]:
        file = home.parent / "feeds.toml"
        file.write_text(feeds_toml(wire=site.base + "/feed"), encoding="utf-8")
        report = ingest.fn(file, None, force=True, now=datetime.now(UTC) + timedelta(hours=hours))
        assert report.ok
        with Warehouse(read_settings().warehouse, read_only=True) as store:
            assert [name for name, severity, *_ in failing_rows(store, None) if severity == "error"] == []
        (row,) = asked("SELECT outcome, reason, attempts FROM ledger.entries")
        return list(row)

    return ingested


def asked(sql: str) -> list[Any]:
    """What the published warehouse says."""
    with Warehouse(read_settings().warehouse, read_only=True) as store:
        return store.query(sql)[1]


def pages() -> list[Any]:
    """Path, status and archive pointer of every request for a page."""
    return asked(
        "SELECT regexp_extract(url, '//[^/]*(.*)', 1), status, archive_file IS NOT NULL FROM ledger.fetches "
        "WHERE kind = 'page' ORDER BY requested_at"
    )


def test_what_only_tracks_is_no_other_link(serve: Served, run: Any, site: Site) -> None:
    """An answer counts under every spelling of its link: a Retry-After is kept, a page is loaded."""
    site.on_topic("a")
    page = site.pages["/a"]
    serve("/a?utm_content=1", "/a", DOWN)
    assert run(0) == ["pending", "server_error", 1]
    serve("/a?utm_content=2", "/a", (503, {"Retry-After": "36000"}, b""))
    assert run(1) == ["pending", "server_error", 2]
    serve("/a?utm_content=3", "/a", page)
    assert run(8) == ["pending", "server_error", 2]
    serve("/a?utm_content=4", "/a", page)
    assert run(12) == ["loaded", "on_topic", 2]
    assert [status for _, status, _ in pages()] == [500, 503, 200]


def test_the_page_of_a_link_that_was_given_up_is_no_article(serve: Served, run: Any, site: Site) -> None:
    """The request is written down with its record in the archive, and the new link is due at once."""
    site.off_topic("old")
    page = site.pages["/old"]
    serve("/old", "/old", DOWN)
    run(0)
    serve("/new", "/old", page)
    assert run(1) == ["pending", "link_changed", 1]
    site.on_topic("new")
    assert run(1) == ["loaded", "on_topic", 1]
    assert pages() == [("/old", 500, False), ("/old", 200, True), ("/new", 200, True)]


def test_a_link_that_is_new_at_every_serving_is_read(serve: Served, run: Any, site: Site) -> None:
    """One answer is passed over, not each: neither the first page nor a later look is put off for ever."""
    site.on_topic("a")
    page = site.pages["/a"]
    outcomes = []
    for number, answer in enumerate([DOWN, page, page, DOWN, page, page]):
        serve(f"/a?visit={number}", "/a", answer)
        outcomes.append(run(number))
    assert [reason for _, reason, _ in outcomes] == ["server_error", "link_changed", *["on_topic"] * 4]
    assert asked("SELECT result, detail FROM ledger.rechecks ORDER BY rechecked_at") == [
        ("failed", "server_error"),
        ("failed", "link_changed"),
        ("unchanged", None),
    ]


def test_a_page_that_is_gone_where_the_link_moved_twice(serve: Served, run: Any, site: Site) -> None:
    """What a link answers that is the entry's no more is never its end: the present one is asked in its turn."""
    serve("/a", "/a", DOWN)
    run(0)
    serve("/b", "/a", GONE)
    assert run(1) == ["pending", "link_changed", 1]
    serve("/c", "/b", GONE)
    assert run(1) == ["pending", "link_changed", 2]
    site.on_topic("c")
    assert run(3) == ["loaded", "on_topic", 2]
