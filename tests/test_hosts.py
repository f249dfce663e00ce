"""Whom to ask next, with the clock as an argument."""

import pytest

from technews.attempts import Failure
from technews.chains import Chain
from technews.hosts import MAX_PAUSE, Host, Hosts, Sign
from technews.robots import ALLOW_ALL, Rules, read_rules

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
    first, second = known.take(feeds=True, pages=True), known.take(feeds=True, pages=True)
    assert first is not None
    assert second is not None
    assert (first.kind, second.kind, second.url) == ("feed", "robots", SITE + "/robots.txt")
    assert known.take(feeds=True, pages=True) is None
    known.learn(ALLOW_ALL)
    assert known.take(feeds=True, pages=False) is None
    assert known.take(feeds=True, pages=True) is not None


def test_a_redirected_chain_goes_first() -> None:
    """Who was sent on is not put at the end of the line again."""
    known = host()
    known.add(chain(path="/1"))
    known.add(chain(path="/2", redirects=1))
    taken = known.take(feeds=True, pages=True)
    assert taken is not None
    assert taken.url.endswith("/2")


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
    assert (known.forbids(chain()) or ())[0] is Failure.ROBOTS
    assert known.forbids(chain("feed")) is None
    barred = host(rules=None)
    assert barred.forbids(chain()) is None
    barred.barred = (Failure.ROBOTS_UNREACHABLE, "HTTP 500")
    assert barred.forbids(chain()) == barred.barred


def test_hosts_take_turns() -> None:
    """With room for one request at a time, each host gets it in turn."""
    hosts = Hosts(0)
    for name in "abc":
        for n in range(2):
            url = f"https://{name}.example/{n}"
            hosts.of(url).learn(ALLOW_ALL)
            hosts.of(url).add(Chain("page", url, url))
    order = []
    while started := hosts.start(0, feeds=True, pages=True):
        order.append(started[1].url[8])
    assert order == list("abcabc")


def test_when_to_look_again() -> None:
    """The next start is that of the host whose pause ends first; one without work or without a free place has none."""
    hosts = Hosts(5)
    assert hosts.next_start(feeds=True, pages=True) is None
    known = hosts.of(SITE + "/1")
    known.learn(ALLOW_ALL)
    for n in range(4):
        known.add(chain(path=f"/{n}"))
    assert hosts.start(10, feeds=True, pages=True)
    assert hosts.start(12, feeds=True, pages=True) is None
    assert hosts.next_start(feeds=True, pages=True) == 15
    assert hosts.next_start(feeds=True, pages=False) is None
    assert hosts.give_up(20) == []
    assert hosts.start(15, feeds=True, pages=True)
    assert hosts.next_start(feeds=True, pages=True) is None  # two are running
    assert len(hosts.give_up(19)) == 2
