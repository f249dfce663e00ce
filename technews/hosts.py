"""Whom to ask next: a queue for each host, so that a slow one holds up nobody, and the manners kept with each.

Per host (scheme, name and port): two requests at a time, a pause between two starts (its Crawl-delay where that is
longer), longer pauses when it says that it is busy, an end for this run after three refusals or failed connections in
a row, or one refusal of its robots.txt. Pages wait for the host's robots.txt. The clock is an argument (monotonic
seconds); a turn costs the logarithm of the number of hosts.
"""

import heapq
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from typing import Final

from technews.addresses import origin_of, spell
from technews.attempts import Failure
from technews.chains import Chain
from technews.robots import Rules
from technews.robots_cache import Bar

AT_ONCE: Final = 2
MAX_PAUSE: Final = 60.0  # seconds
STRIKES: Final = 3


class Sign(Enum):
    """What a request showed about its host."""

    WELL = auto()
    BUSY = auto()  # 429 or 503
    DOWN = auto()  # no connection, or no answer in time
    NONE = auto()  # nothing: it was not asked


class Lane(Enum):
    """What kind of room a start needs: feeds and pages wait for room in their outbox, robots.txt for none."""

    FEEDS = auto()
    PAGES = auto()
    ROBOTS = auto()


ALL_LANES: Final = frozenset(Lane)


@dataclass(slots=True)
class Host:
    """One host's queues and state. `pause` is in seconds; `barred` says why none of its pages may be asked for.

    `listed` are the lanes in which `Hosts` has it in line.
    """

    origin: str
    pause: float
    urgent: deque[Chain] = field(default_factory=deque)
    pages: deque[Chain] = field(default_factory=deque)
    rules: Rules | None = None
    barred: Bar | None = None
    robots_asked: bool = False
    running: int = 0
    next_start: float = 0.0
    backoff: float = 0.0
    busy_strikes: int = 0
    down_strikes: int = 0
    stopped: str = ""
    listed: set[Lane] = field(default_factory=set)

    def add(self, chain: Chain) -> None:
        """Puts a chain in line; one that goes on after a redirect goes first, for its time is running."""
        queue = self.pages if chain.kind == "page" else self.urgent
        if chain.redirects:
            queue.appendleft(chain)
        else:
            queue.append(chain)

    @property
    def lanes(self) -> set[Lane]:
        """What `take` would give something of; for the first page it is robots.txt that comes first."""
        found = set()
        if self.urgent:
            found.add(Lane.FEEDS if self.urgent[0].kind == "feed" else Lane.ROBOTS)
        if self.pages and self.rules is not None:
            found.add(Lane.PAGES)
        elif self.pages and not self.robots_asked:
            found.add(Lane.ROBOTS)
        return found

    def take(self, lane: Lane) -> Chain:
        """The next chain of one of the host's lanes."""
        if lane is Lane.PAGES:
            return self.pages.popleft()
        if self.urgent and (lane is Lane.FEEDS) == (self.urgent[0].kind == "feed"):
            return self.urgent.popleft()
        self.robots_asked = True
        url = spell(f"{self.origin}/robots.txt") or self.origin
        return Chain("robots", url, url)

    def forbids(self, chain: Chain) -> Bar | None:
        """Why a page must not be asked for, as far as it is known by now; other kinds always may."""
        if chain.kind != "page":
            return None
        if self.rules is not None and not self.rules.allow(chain.url):
            return Bar(Failure.ROBOTS, f"robots.txt of {self.origin} forbids it")
        return self.barred

    def started(self, now: float) -> None:
        """Notes a start."""
        self.running += 1
        self.next_start = now + max(self.pause, self.backoff)

    def ended(self, sign: Sign, now: float, *, robots: bool = False) -> None:
        """Notes the end of a request; `robots`: it was for robots.txt, whose refusal alone stops the host."""
        self.running -= 1
        if sign is Sign.WELL:
            self.busy_strikes = self.down_strikes = 0
            self.backoff = self.backoff / 2 if self.backoff > 1 else 0.0
        elif sign is Sign.BUSY:
            self.busy_strikes += 1
            self.backoff = min(max(1.0, 2 * max(self.pause, self.backoff)), MAX_PAUSE)
            self.next_start = max(self.next_start, now + self.backoff)
        elif sign is Sign.DOWN:
            self.down_strikes += 1
        if robots and sign is Sign.BUSY:
            self.stopped = "answers robots.txt with 429 or 503"
        elif max(self.busy_strikes, self.down_strikes) >= STRIKES:
            self.stopped = f"failed {STRIKES} times in a row"

    def learn(self, rules: Rules) -> None:
        """Keeps to the rules of robots.txt from now on."""
        self.rules = rules
        self.pause = max(self.pause, rules.delay or 0.0)

    def take_pages(self) -> list[Chain]:
        """Takes the pages out of the line."""
        chains = list(self.pages)
        self.pages.clear()
        return chains

    def empty(self) -> list[Chain]:
        """Takes all that is in line."""
        chains = [*self.urgent, *self.take_pages()]
        self.urgent.clear()
        return chains


class Hosts:
    """All hosts of a run.

    Each lane is a heap of hosts by the time of their next start. That time only ever moves on, so an entry may be too
    early, never too late: it is looked at again when it comes up.
    """

    def __init__(self, pause: float) -> None:
        """Knows no host yet; `pause` is the shortest one, in seconds."""
        self._pause = pause
        self._hosts: dict[str, Host] = {}
        self._turn = count()  # of hosts with one time, the one that came first goes first
        self._lines: dict[Lane, list[tuple[float, int, Host]]] = {lane: [] for lane in Lane}

    def of(self, url: str) -> Host:
        """The host of a URL (as `addresses.spell` wrote it)."""
        origin = origin_of(url)
        if origin not in self._hosts:
            self._hosts[origin] = Host(origin, self._pause)
        return self._hosts[origin]

    def enlist(self, host: Host) -> None:
        """Puts a host in line where it has work and a free place: after whatever may have given it one."""
        if host.running < AT_ONCE:
            for lane in host.lanes - host.listed:
                host.listed.add(lane)
                heapq.heappush(self._lines[lane], (host.next_start, next(self._turn), host))

    def start(self, now: float, lanes: Collection[Lane] = ALL_LANES) -> tuple[Host, Chain] | None:
        """What may start now in these lanes, hosts in turn."""
        first = self._first(lanes)
        if first is None or first[0] > now:
            return None
        _, _, host, lane = first
        heapq.heappop(self._lines[lane])
        host.listed.discard(lane)
        chain = host.take(lane)
        host.started(now)
        self.enlist(host)
        return host, chain

    def next_start(self, lanes: Collection[Lane] = ALL_LANES) -> float | None:
        """When the next host may be asked, as far as it only waits for its pause; None where none does."""
        first = self._first(lanes)
        return first and first[0]

    def empty(self) -> list[Chain]:
        """Takes all that is in line anywhere."""
        return [chain for host in self._hosts.values() for chain in host.empty()]

    def _first(self, lanes: Collection[Lane]) -> tuple[float, int, Host, Lane] | None:
        tops = [(*line[0], lane) for lane in Lane if lane in lanes and (line := self._clean(lane))]
        return min(tops, key=lambda top: top[:2], default=None)

    def _clean(self, lane: Lane) -> list[tuple[float, int, Host]]:
        """The line with a true entry at its head."""
        line = self._lines[lane]
        while line:
            at, _, host = line[0]
            if host.running >= AT_ONCE or lane not in host.lanes:
                heapq.heappop(line)
                host.listed.discard(lane)
            elif host.next_start > at:
                heapq.heapreplace(line, (host.next_start, next(self._turn), host))
            else:
                break
        return line
