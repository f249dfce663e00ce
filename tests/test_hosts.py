"""Whom to ask next, with the clock as an argument."""

import time

import pytest

from technews.attempts import Failure
from technews.chains import Chain
from technews.hosts import ALL_LANES, MAX_PAUSE, Host, Hosts, Lane, Sign
from technews.robots import ALLOW_ALL, Rules, read_rules
from technews.robots_cache import Bar

SITE = "https://a.example"


def chain(kind: str = "page", path: str = "/1", redirects: int = 0) -> Chain:
    """A chain that waits for its turn."""
    return Chain(kind, SITE + path, SITE + path, redirects=redirects)  # type: ignore[arg-type]


def host(pause: float = 0.0, rules: Rules | None = ALLOW_ALL) -> Host:
    """A host whose robots.txt is known."""
    return Host(SITE + ":443", pause, rules=rules)


def test_robots_comes_before_the_first_page_and_not_before_feeds() -> None:
    """A page waits for robots.txt, which is asked for once; a feed does not wait."""
    known = host(rules=None)
    known.add(chain("page"))
    known.add(chain("feed", "/feed"))
    assert known.lanes == {Lane.FEEDS, Lane.ROBOTS}
    assert known.take(Lane.FEEDS).kind == "feed"
    robots = known.take(Lane.ROBOTS)
    assert (robots.kind, robots.url) == ("robots", SITE + "/robots.txt")
    assert known.lanes == set()
    known.learn(ALLOW_ALL)
    assert known.lanes == {Lane.PAGES}
    assert known.take(Lane.PAGES).kind == "page"


def test_a_redirected_chain_goes_first() -> None:
    """Who was sent on is not put at the end of the line again."""
    known = host()
    known.add(chain(path="/1"))
    known.add(chain(path="/2", redirects=1))
    assert known.take(Lane.PAGES).url.endswith("/2")


def test_pauses_double_and_halve() -> None:
    """Busy answers double the pause, from a second to a minute; good ones halve it again."""
    known = host()
    pauses = []
    for _ in range(8):
        known.started(0)
        known.ended(Sign.BUSY, 0)
        pauses.append(known.backoff)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert max(pauses) == MAX_PAUSE
    for _ in range(10):
        known.started(0)
        known.ended(Sign.WELL, 0)
    assert known.backoff == 0


@pytest.mark.parametrize("sign", [Sign.BUSY, Sign.DOWN])
def test_three_in_a_row_stop_a_host(sign: Sign) -> None:
    """A good answer in between starts the count anew; an address that was refused says nothing."""
    known = host()
    for step in (sign, sign, Sign.WELL, sign, Sign.NONE, sign):
        known.started(0)
        known.ended(step, 0)
    assert not known.stopped
    known.started(0)
    known.ended(sign, 0)
    assert known.stopped


def test_a_refused_robots_stops_a_host_at_once() -> None:
    """A host that has no time to say what it allows has none for its pages."""
    known = host(rules=None)
    known.started(0)
    known.ended(Sign.BUSY, 0, robots=True)
    assert known.stopped


def test_a_crawl_delay_holds_from_the_first_page_on() -> None:
    """robots.txt itself does not count: the first page need not wait for the delay that it names."""
    known = host(pause=1, rules=None)
    known.started(0)
    known.learn(read_rules(b"User-agent: *\nCrawl-delay: 30\n"))
    known.ended(Sign.WELL, 0)
    assert known.next_start == 1
    known.started(1)
    assert known.next_start == 31


def test_what_forbids_a_page() -> None:
    """Rules, or that there are none to be had; feeds are never forbidden."""
    known = host(rules=read_rules(b"User-agent: *\nDisallow: /\n"))
    forbidden = known.forbids(chain())
    assert forbidden
    assert forbidden.failure is Failure.ROBOTS
    assert known.forbids(chain("feed")) is None
    barred = host(rules=None)
    assert barred.forbids(chain()) is None
    barred.barred = Bar(Failure.ROBOTS_UNREACHABLE, "HTTP 500")
    assert barred.forbids(chain()) == barred.barred


def filled(hosts: Hosts, name: str, pages: int) -> Host:
    """A host with pages in line."""
    for n in range(pages):
        url = f"https://{name}.example/{n}"
        known = hosts.of(url)
        known.learn(ALLOW_ALL)
        known.add(Chain("page", url, url))
        hosts.enlist(known)
    return known


def test_hosts_take_turns() -> None:
    """With room for one request at a time, each host gets it in turn."""
    hosts = Hosts(0)
    for name in "abc":
        filled(hosts, name, 2)
    order = []
    while started := hosts.start(0):
        order.append(started[1].url[8])
    assert order == list("abcabc")


def test_when_to_look_again() -> None:
    """The next start is that of the host whose pause ends first; one without work or without a free place has none."""
    hosts = Hosts(5)
    assert hosts.next_start() is None
    known = filled(hosts, "a", 4)
    assert hosts.start(10)
    assert hosts.start(12) is None
    assert hosts.next_start() == 15
    assert hosts.next_start(ALL_LANES - {Lane.PAGES}) is None
    assert hosts.start(15)
    assert hosts.next_start() is None  # two are running
    known.ended(Sign.WELL, 16)
    hosts.enlist(known)
    assert hosts.next_start() == 20
    assert hosts.start(19) is None
    assert hosts.start(20)


def test_a_pause_that_grew_while_a_host_stood_in_line_is_kept() -> None:
    """A busy answer moves a host's next start on, also where it is in line already."""
    hosts = Hosts(0)
    known = filled(hosts, "a", 3)
    assert hosts.start(0)
    known.ended(Sign.BUSY, 0)
    hosts.enlist(known)
    assert hosts.next_start() == 1
    assert hosts.start(0.5) is None
    assert hosts.start(1)


def test_what_is_emptied_leaves_the_line() -> None:
    """A host whose pages were taken out of the line is not started, and comes back with its next page."""
    hosts = Hosts(0)
    known = filled(hosts, "a", 3)
    assert len(known.empty()) == 3
    assert hosts.next_start() is None
    assert hosts.start(0) is None
    filled(hosts, "a", 1)
    assert hosts.start(0)


def test_a_turn_costs_hardly_more_with_many_hosts() -> None:
    """The cost of a turn grows with the logarithm of the number of hosts: 30 times as many cost under 4 times."""

    def seconds_a_turn(number: int) -> float:
        hosts = Hosts(1)
        for n in range(number):
            filled(hosts, f"h{n}", 2)
        begin = time.process_time()
        for turn in range(500):
            hosts.next_start()
            assert hosts.start(turn)
        return time.process_time() - begin

    few, many = (min(seconds_a_turn(number) for _ in range(5)) for number in (300, 9_000))
    assert many < 4 * few
