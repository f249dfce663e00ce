"""One slow host delays no other feed's poll and no other page: whole ingests against hosts that take their time."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fault_site import DeadHost, Host, drip, http
from web_site import Site, feeds_toml

from technews import PROJECT_ROOT
from technews.settings import read_settings
from technews.warehouse import Warehouse

PAGES = 20


@pytest.fixture
def ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """An ingest with these hosts allowed, whose chains of requests may take four seconds, and whose run two minutes."""
    monkeypatch.setattr("technews.web.CHAIN_SECONDS", 4.0)
    monkeypatch.setattr("technews.web.CONNECT_SECONDS", 2.0)
    monkeypatch.setenv("TECHNEWS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TECHNEWS_CONFIG", str(PROJECT_ROOT / "config"))
    monkeypatch.setenv("TECHNEWS_HOST_PAUSE", "0")
    monkeypatch.setenv("TECHNEWS_RUN_MINUTES", "2")

    def run(*hosts: Any, **feeds: str) -> Any:
        monkeypatch.setenv("TECHNEWS_ALLOW_HOSTS", ",".join(host.host for host in hosts))
        (tmp_path / "feeds.toml").write_text(feeds_toml(**feeds), encoding="utf-8")
        from flows.ingest import ingest as flow

        return flow.fn(tmp_path / "feeds.toml", None, force=True)

    return run


def answer(sql: str) -> list[Any]:
    """What the published warehouse says."""
    with Warehouse(read_settings().warehouse, read_only=True) as store:
        return store.query(sql)[1]


def rss(*links: str) -> bytes:
    """An answer with a feed of these links."""
    items = "".join(f"<item><title>Item</title><guid>{link}</guid><link>{link}</link></item>" for link in links)
    return http(200, {}, f"<rss><channel><title>T</title>{items}</channel></rss>".encode())


def test_slow_hosts_delay_nobody(ingest: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """200 entries of a host with `Crawl-delay: 30`, a dead host and a trickling one: all else is done in its own time.

    The slow ones stand first in every line. The first feed and page of the good host start within a second of the
    run's first request, its last page ends before anything of the slow hosts can have come to an end by its time limit;
    and the run does not stay for pauses longer than it is told to.
    """
    monkeypatch.setattr("technews.crawl.PAUSES_SECONDS", 3.0)
    drips = drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", b"x")
    with ExitStack() as parts:
        slow, good = parts.enter_context(Site()), parts.enter_context(Site())
        trickling = parts.enter_context(Host(drips, drips))
        dead = parts.enter_context(DeadHost())
        slow.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 30\n")
        lists = [
            parts.enter_context(Host(rss(*(f"{host.base}/{n}" for n in range(200)))))
            for host in (slow, dead, trickling)
        ]
        feed = good.feed("/feed", *(good.off_topic(f"p{n}") for n in range(PAGES)))
        begin = time.monotonic()
        report = ingest(
            slow, good, trickling, dead, *lists,
            slow=lists[0].base, dead=lists[1].base, trickling=lists[2].base,
            deadfeed=f"{dead.base}/feed", tricklingfeed=f"{trickling.base}/feed", good=feed,
        )  # fmt: skip
        took = time.monotonic() - begin
    ((first, last),) = answer("SELECT min(requested_at), max(requested_at) FROM fetches WHERE feed_id = 'good'")
    ((start,),) = answer("SELECT min(requested_at) FROM fetches")
    outcomes = dict(answer("SELECT outcome, count(*) FROM entries WHERE feed_id = 'good' GROUP BY ALL"))
    assert outcomes == {"off_topic": PAGES}
    assert _seconds(start, first) < 1
    assert _seconds(start, last) < 4
    assert sum(slow.hits.values()) == 2  # robots.txt, and one page: the next would be half a minute away
    assert report.row["reconciled"]
    assert took < 60


def _seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()
