"""The network here is down for a while: no feed and no page is blamed for it, and what is a host's own fault still is."""

import socket
from contextlib import ExitStack, suppress
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
from technews.reach import HOLD_SECONDS, Reach
from technews.records import Fetch, Outcome, Reason, Rejection
from technews.rhythm import Trouble
from technews.robots_cache import RobotsCopy
from technews.settings import read_settings
from technews.web import Web
from technews.work import fetch_row

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
        reach.hold(item, 5.0)
    found = reach.conclude(NOW)
    assert reach.offline is offline
    excused = [item.offline if isinstance(item, FeedAnswer) else not item.spent for item in found]
    assert excused == [offline] * len(held)
    assert reach.conclude(NOW) == []


def test_one_host_that_is_reached_ends_the_doubt():
    """What failed before it and what fails after it has failed by itself."""
    reach = Reach(["https://b.example/feed"])
    reach.hold(A, 5.0)
    assert reach.note_reached() == [A]
    assert (reach.reached, reach.offline) == (True, False)


def test_a_failure_is_held_for_so_long_at_most():
    """From the first that is held; what is held after a conclusion has its own time."""
    reach = Reach()
    reach.hold(A, 5.0)
    reach.hold(B, 9.0)
    assert reach.held_until == 5.0 + HOLD_SECONDS
    assert len(reach.conclude(NOW)) == 2
    assert reach.held_until > 10**9
    reach.hold(A, 30.0)
    assert reach.held_until == 30.0 + HOLD_SECONDS
    assert (len(reach.note_reached()), reach.held_until > 10**9) == (1, True)


def listening(sockets: ExitStack, number: int) -> tuple[list[socket.socket], list[str]]:
    """Servers that say nothing, and their addresses."""
    servers = [sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0)) for _ in range(number)]
    return servers, [f"127.0.0.1:{each.getsockname()[1]}" for each in servers]


@pytest.fixture
def closed():
    """Addresses at which nobody listens, which a run may ask."""
    with ExitStack() as sockets:
        return listening(sockets, 2)[1]


def settings_for(hosts):
    """The settings of a run that may ask these hosts, without a pause."""
    return replace(read_settings({}, Path("/nonexistent")), allow_hosts=frozenset(hosts), host_pause=0.0)


@pytest.mark.parametrize(
    ("others", "offline"),
    [([], True), (["http://10.1.2.3/feed"], True), (["robots"], False), (["dead"], False)],
    ids=["nobody", "an address that we refuse", "a page's host", "one of two was down before"],
)
def test_whom_the_web_reached_decides(closed, others, offline):
    """A refused address is neither an answer nor a failure of the network; an answer to whatever request is one."""
    with Site() as site, Web(settings_for([*closed, site.host])) as web:
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


def failures(web: Web) -> list[FeedAnswer]:
    """The answers to all feeds that were asked for."""
    return [answer for _ in range(web.feeds_open) for answer in web.feed_answers(1, 5)]


def test_a_host_with_a_pause_holds_up_no_poll(closed, monkeypatch):
    """It would be the last that might answer, three Crawl-delays later."""
    monkeypatch.setattr("technews.reach.HOLD_SECONDS", 0.6)
    with ExitStack() as sockets:
        _, (host,) = listening(sockets, 1)
    now = datetime.now(UTC)
    slow = RobotsCopy(f"http://{host}", now, b"User-agent: *\nCrawl-delay: 30\n", "", now, now + timedelta(hours=9))
    with Web(settings_for([*closed, host]), robots=[slow]) as web:
        web.request_pages([entry(f"p{number}", url=f"http://{host}/{number}") for number in range(3)])
        web.request_feeds(FeedRequest(feed(str(place), url=f"http://{at}/feed")) for place, at in enumerate(closed))
        assert [answer.offline for answer in failures(web)] == [True] * 2
        assert (web.offline, web.pages_open) == (True, 3)


def test_what_was_held_is_taken_when_the_run_is_over(home, closed, monkeypatch):
    """Each feed that failed is a failed poll, though others were still being asked when the time was over."""
    with ExitStack() as sockets:
        _, (hanging,) = listening(sockets, 1)
        for _ in range(2):  # its queue is full then, and whoever comes gets no answer
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", int(hanging.split(":")[1])))
        monkeypatch.setenv("TECHNEWS_ALLOW_HOSTS", ",".join([*closed, hanging]))
        monkeypatch.setenv("TECHNEWS_RUN_MINUTES", "0.04")
        monkeypatch.setattr("tasks.poll._GATHER_SECONDS", 0.0)  # as where pages are under way
        file = home.parent / "feeds.toml"
        file.write_text(feeds_toml(a=f"http://{closed[0]}/", b=f"http://{closed[1]}/", c=f"http://{hanging}/"))
        row = ingest.fn(file, None).row
    assert (row["feeds_polled"], row["feeds_failed"], row["reconciled"]) == (2, 2, True)
    assert "none is blamed; the run's time was over" in row["message"]


def test_a_connection_tells_that_the_network_is_up_whatever_comes_of_it(closed):
    """One server ends the handshake, another never answers: they were there, so that the others failed by themselves."""
    with ExitStack() as sockets:
        servers, hosts = listening(sockets, 2)
        with Web(settings_for([*hosts, *closed])) as web:
            web.request_feeds(
                FeedRequest(feed(str(place), url=f"https://{at}/")) for place, at in enumerate([*hosts, *closed])
            )
            servers[0].accept()[0].close()
            found = web.feed_answers(3, 5)
            assert sorted(answer.feed.id for answer in found) == ["0", "2", "3"]
            assert [answer.offline for answer in found if answer.offline] == []
            assert web.offline is False


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
        assert polled(ledger, "first", -99, **outage, **{"never-read": None}) == sorted({*url.values()} - {url["dead"]})
        assert polled(ledger, "r0", -90, a=200, b=200, dead=200) == []
        assert polled(ledger, "r1", -85, **{"a": 200, "dead": None, "never-read": None}) == []
        assert polled(ledger, "r2", -80, **{"a": None, "dead": None, "never-read": None}) == [url["a"]]
        assert polled(ledger, "r3", -70, b=None) == [url["a"], url["b"]]
        assert polled(ledger, "r4", -50, a=None) == [url["a"], url["b"]]
        assert polled(ledger, "r5", -40, a=404) == []
        assert polled(ledger, "r6", -30, b=None) == []  # it fails by itself: the network was up meanwhile
        assert polled(ledger, "r7", 60 * 24, dead=404) == []  # by a clock that was a day fast
        assert polled(ledger, "r8", -20, a=None) == [url["a"]]
        ledger.run_id = run_id
        ledger.finish("completed")


DAY = timedelta(days=1)


SPANS = {  # days ago: the runs that a host answered, and since when a week of patience counts at the earliest
    "every day": ([0.1, 1, 2, 3.9, 5, 6, 7.9], None),
    "a week ago": ([8.5], 0),
    "never": ([], 0),
    "two spans, and one that lasts": ([2.5, 3, 8.9], 0),
    "one of two days and a half": ([0.5, 1, 3.5, 4, 5, 6, 7, 8], 1),
    "two of them": ([0.5, 1, 3.5, 4, 6.5, 8], 1),
    "a new home": ([0.5, 1, 2], 2),
    "one that ended almost a week ago": ([1, 2, 3, 4, 5, 6, 6.9, 8.95], 6.9),
    "a clock that was fast": ([-3, 1, 2, 3, 4, 5, 6, 7, 8], None),
}


def test_a_week_of_patience_is_a_week_with_the_network(tmp_path, environment):
    """It counts from the last span of two days in which no host answered, be it the network or the machine that was off.

    Runs that nobody answered do not end it.
    """
    with opened(read_settings({}, tmp_path / "home"), "ingest", now=NOW) as ledger:
        run_id, began = ledger.run_id, ledger.now
        for case, (name, (answered, since)) in enumerate(SPANS.items(), start=1):
            ledger.now = began + 100 * case * DAY
            runs = [(ago, 200) for ago in answered] + [(ago, None) for ago in (0.25, 1.5, 7.5)]
            for place, (ago, status) in enumerate(runs):
                at, ledger.run_id = ledger.now - ago * DAY, f"{case} {place}"
                ledger.store.run(
                    "load/open_run", run_id=ledger.run_id, flow="ingest", engine_run_id=None, started_at=at
                )
                fetch = fetch_row(Fetch("robots", "https://a.example/", at, 5, status=status))
                ledger.store.run("load/add_fetches", rows=[fetch], run_id=ledger.run_id)
            assert ledger.network_since() == (None if since is None else ledger.now - since * DAY), name
        ledger.now, ledger.run_id = began, run_id
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
