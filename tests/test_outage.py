"""The network here is down for a while: no feed and no page is blamed for it, and what is a host's own fault still is."""

import socket
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, document, entry, feed
from published import ask
from web_site import Site, feeds_toml

from flows.ingest import ingest
from technews.chains import FeedAnswer, FeedRequest
from technews.ledger import opened
from technews.polls import Poll
from technews.reach import Reach
from technews.records import Fetch, Outcome, Reason, Rejection
from technews.rhythm import Trouble
from technews.settings import read_settings
from technews.web import Web

HALF = timedelta(minutes=30)


def unread(name: str, host: str) -> FeedAnswer:
    """The failure of a feed whose host could not be reached."""
    url = f"https://{host}/feed"
    return FeedAnswer(feed(name, url=url), Fetch("feed", url, NOW, 9, error="no such name"), "failed")


A, SAME, B = unread("a", "a.example"), unread("news", "feeds.a.example"), unread("b", "b.example")
DEAD = replace(unread("dead", "dead.example"), failing=True)
PAGE = Rejection(entry(attempts=5), Outcome.UNREACHABLE, Reason.ATTEMPTS_USED_UP)


@pytest.mark.parametrize(
    ("in_vain", "held", "offline"),
    [
        ((), (A, B), True),
        ((), (A,), False),
        ((), (A, SAME), False),
        ((), (A, DEAD), False),
        ((), (A, DEAD, B), True),
        ((), (A, PAGE), False),
        ((), (PAGE,), False),
        (("https://b.example/feed",), (A,), True),
        (("https://user:word@a.example/feed", "https://${HOST}/feed"), (A,), False),
        (("https://a.example/feed", "https://b.example/feed"), (PAGE,), True),
        (("https://a.example/feed", "https://b.example/feed"), (), False),
    ],
    ids=[
        "two sites", "one", "two hosts of one site", "one and one that failed before",
        "two and one that failed before", "a page is no witness", "pages alone", "another before",
        "the same before", "a page in an outage that is known", "nobody was asked",
    ],
)  # fmt: skip
def test_two_sites_asked_for_feeds_in_vain_are_an_outage(in_vain, held, offline):
    """In this run or since a host last answered; one site alone may be down itself, and what was down before is."""
    reach = Reach(in_vain)
    for item in held:
        reach.hold(item)
    found = reach.conclude(NOW)
    assert reach.offline is offline
    excused = [item.offline if isinstance(item, FeedAnswer) else not item.spent for item in found]
    assert excused == [offline] * len(held)
    assert reach.conclude(NOW) == []


def test_one_host_that_is_reached_ends_the_doubt():
    """What failed before it and what fails after it has failed by itself."""
    reach = Reach(["https://b.example/feed"])
    reach.hold(A)
    assert reach.note_reached() == [A]
    assert (reach.reached, reach.offline) == (True, False)


@pytest.fixture
def closed():
    """Addresses at which nobody listens, which a run may ask."""
    with ExitStack() as sockets:
        taken = [sockets.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in taken]


@pytest.mark.parametrize(
    ("others", "offline"),
    [([], True), (["http://10.1.2.3/feed"], True), (["robots"], False), (["dead"], False)],
    ids=["nobody", "an address that we refuse", "a page's host", "one of two was down before"],
)
def test_whom_the_web_reached_decides(closed, others, offline):
    """A refused address is neither an answer nor a failure of the network; an answer to whatever request is one."""
    with Site() as site:
        allowed = frozenset([*closed, site.host])
        settings = replace(read_settings({}, Path("/nonexistent")), allow_hosts=allowed, host_pause=0.0)
        with Web(settings) as web:
            urls = [f"http://{host}/feed" for host in closed] + [url for url in others if url.startswith("http")]
            failing = "dead" in others
            web.request_feeds(
                FeedRequest(feed(str(place), url=url), failing=failing and place == 0) for place, url in enumerate(urls)
            )
            page = f"{site.base}/x" if "robots" in others else f"http://{closed[0]}/x"
            web.request_pages([entry("p", url=page, attempts=5)])
            found = []
            while web.feeds_open:
                found += web.feed_answers(9, 5)
            (rejection,) = web.pages(9, 1 << 20, 5)
            assert web.offline is offline
    assert [answer.offline for answer in sorted(found, key=lambda each: each.feed.id)][:2] == [offline] * 2
    assert all(not answer.offline for answer in found if "10.1.2.3" in answer.feed.url)
    ended = Reason.HTTP_404 if "robots" in others else Reason.ATTEMPTS_USED_UP
    assert rejection.reason is (Reason.CONNECTION_FAILED if offline else ended)
    assert rejection.spent is not offline


def test_an_outage_is_remembered_until_a_host_answers(tmp_path, environment):
    """Where one feed is due at a time, several runs show that nobody answers; what was never read shows nothing."""

    def polled(ledger, run_id: str, minutes: int, trouble=Trouble.TEMPORARY, **statuses: int | None) -> list[str]:
        at = ledger.now + timedelta(minutes=minutes)
        ledger.run_id = run_id
        polls = [
            Poll(
                feeds[name].feed, "changed" if status else "failed", at,
                Fetch("feed", feeds[name].feed.url, at, 5, status=status, feed_id=name),
                document("x") if status else None,
                trouble=trouble,
            )
            for name, status in statuses.items()
        ]  # fmt: skip
        ledger.record_polls(polls, ledger.feeds())
        return sorted(ledger.asked_in_vain())

    with opened(read_settings({}, tmp_path / "home"), "ingest", now=NOW) as ledger:
        feeds = ledger.configure([feed("a"), feed("b"), feed("dead"), feed("never-read")])
        run_id = ledger.run_id
        url = {name: feeds[name].feed.url for name in feeds}
        outage = {"trouble": Trouble.LOCAL, "a": None, "b": None}  # before anything was ever read
        assert polled(ledger, "first", -9, **outage, **{"never-read": None}) == sorted({*url.values()} - {url["dead"]})
        assert polled(ledger, "r0", 0, a=200, b=200, dead=200) == []
        assert polled(ledger, "r1", 5, **{"a": 200, "dead": None, "never-read": None}) == []
        assert polled(ledger, "r2", 10, **{"a": None, "dead": None, "never-read": None}) == [url["a"]]
        assert polled(ledger, "r3", 20, b=None) == [url["a"], url["b"]]
        assert polled(ledger, "r4", 40, a=None) == [url["a"], url["b"]]
        assert polled(ledger, "r5", 50, a=404) == []
        assert polled(ledger, "r6", 60, b=None) == []  # it fails by itself: the network was up meanwhile
        ledger.run_id = run_id
        ledger.finish("completed")


def test_an_hour_without_network_costs_an_hour(home, monkeypatch):
    """Down for two runs and back: every feed is due after `every`, and no page loses an attempt or is given up.

    One feed that dies among living ones backs off.
    """
    began = datetime.now(UTC)

    def run(minutes: int, *, force: bool = False):
        file.write_text(feeds_toml(a=one.base + "/a", b=other.base + "/b").replace('"1s"', '"30m"'))
        return ingest.fn(file, None, force=force, now=began + timedelta(minutes=minutes)).row

    def waits() -> list[timedelta]:
        return [wait for (wait,) in ask(home, 'SELECT "interval" FROM feed_health ORDER BY feed_id')]

    file = home.parent / "feeds.toml"
    with Site() as one, Site() as other:
        monkeypatch.setenv("TECHNEWS_ALLOW_HOSTS", f"{one.host},{other.host}")
        slow = [f"/slow-{number}" for number in range(4)]  # one more than are asked of a host that cannot be reached
        one.pages |= dict.fromkeys(slow, (500, {}, b""))
        one.feed("/a", *(one.base + path for path in slow))
        other.feed("/b", other.base + "/gone")
        assert run(0)["feeds_polled"] == 2
        pages = [dict(one.pages), dict(other.pages)]
    row = run(8 * 24 * 60, force=True)
    assert (row["feeds_failed"], row["status"]) == (2, "degraded")
    assert "the network here was down" in row["message"]
    assert (waits(), run(50)["feeds_failed"], waits()) == ([HALF] * 2, 2, [HALF] * 2)
    assert ask(home, "SELECT consecutive_failures, count(*) FROM feed_health GROUP BY ALL") == [(2, 2)]
    assert ask(home, "SELECT cause, gap_until FROM coverage_gaps") == [("unreachable", None)] * 2
    assert ask(home, "SELECT no_feed_answers FROM freshness") == [(True,)]
    (words,) = ask(home, "SELECT explanation FROM feed_health WHERE feed_id = 'a'")[0]
    assert "the network here was down, and it is asked again after `every`" in words
    assert ask(home, "SELECT attempts, outcome FROM entries WHERE url LIKE '%slow%'") == [(1, "pending")] * 4
    with Site(int(one.host.split(":")[1])) as one:
        one.pages |= pages[0]
        one.pages |= dict.fromkeys(slow, (410, {}, b""))
        with Site(int(other.host.split(":")[1])) as other:
            other.pages |= pages[1]
            row = run(80)
            assert (row["feeds_polled"], row["feeds_failed"], row["pending"]) == (2, 0, 0)
            assert ask(home, "SELECT count(*) FROM coverage_gaps WHERE gap_until IS NULL") == [(0,)]
        run(110, force=True)
        assert waits()[1] == 2 * HALF
