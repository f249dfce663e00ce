"""Whom to ask next: a queue for each host, so that a slow one holds up nobody, and the manners kept with each.

Per host (scheme, name and port): two requests at a time, a pause between two starts (its Crawl-delay where that is
longer), longer pauses when it says that it is busy, an end for this run after three refusals or failed connections in
a row. Pages wait for the host's robots.txt. The clock is an argument (monotonic seconds).
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from technews.addresses import origin_of, spell
from technews.attempts import Failure
from technews.chains import Chain
from technews.robots import Rules

AT_ONCE: Final = 2
MAX_PAUSE: Final = 60.0  # seconds
STRIKES: Final = 3


class Sign(Enum):
    """What a request showed about its host."""

    WELL = auto()
    BUSY = auto()  # 429 or 503
    DOWN = auto()  # no connection, or no answer in time
    NONE = auto()  # nothing: it was not asked


@dataclass(slots=True)
class Host:
    """One host's queues and state. `pause` is in seconds; `barred` says why none of its pages may be asked for."""

    origin: str
    pause: float
    urgent: deque[Chain] = field(default_factory=deque)
    pages: deque[Chain] = field(default_factory=deque)
    rules: Rules | None = None
    barred: tuple[Failure, str] | None = None
    robots_asked: bool = False
    running: int = 0
    next_start: float = 0.0
    backoff: float = 0.0
    busy_strikes: int = 0
    down_strikes: int = 0
    stopped: str = ""

    def add(self, chain: Chain) -> None:
        """Puts a chain in line; one that goes on after a redirect goes first, for its time is running."""
        queue = self.pages if chain.kind == "page" else self.urgent
        if chain.redirects:
            queue.appendleft(chain)
        else:
            queue.append(chain)

    def take(self, *, feeds: bool, pages: bool) -> Chain | None:
        """The next chain of a kind that may start now; for the first page it is robots.txt that comes first."""
        if self.urgent and (feeds or self.urgent[0].kind != "feed"):
            return self.urgent.popleft()
        if not self.pages:
            return None
        if self.rules is None:
            if self.robots_asked:
                return None
            self.robots_asked = True
            url = spell(f"{self.origin}/robots.txt") or self.origin
            return Chain("robots", url, url)
        return self.pages.popleft() if pages else None

    def forbids(self, chain: Chain) -> tuple[Failure, str] | None:
        """Why a page must not be asked for, as far as it is known by now; other kinds always may."""
        if chain.kind != "page":
            return None
        if self.rules is not None and not self.rules.allow(chain.url):
            return Failure.ROBOTS, f"robots.txt of {self.origin} forbids it"
        return self.barred

    def started(self, now: float) -> None:
        """Notes a start."""
        self.running += 1
        self.next_start = now + max(self.pause, self.backoff)

    def ended(self, sign: Sign, now: float, retry_after: float = 0.0) -> None:
        """Notes the end of a request; `retry_after` is the wait in seconds that a busy host asked for."""
        self.running -= 1
        if sign is Sign.WELL:
            self.busy_strikes = self.down_strikes = 0
            self.backoff = self.backoff / 2 if self.backoff > 1 else 0.0
        elif sign is Sign.BUSY:
            self.busy_strikes += 1
            self.backoff = min(max(1.0, 2 * max(self.pause, self.backoff)), MAX_PAUSE)
            self.next_start = max(self.next_start, now + max(self.backoff, retry_after))
            if retry_after > MAX_PAUSE:
                self.stopped = f"asked to be left alone for {retry_after:.0f} seconds"
        elif sign is Sign.DOWN:
            self.down_strikes += 1
        if max(self.busy_strikes, self.down_strikes) >= STRIKES:
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

    def waits(self, *, feeds: bool, pages: bool) -> bool:
        """Whether `take` would give something."""
        if self.urgent and (feeds or self.urgent[0].kind != "feed"):
            return True
        return bool(self.pages) and (pages if self.rules is not None else not self.robots_asked)


class Hosts:
    """All hosts of a run."""

    def __init__(self, pause: float) -> None:
        """Knows no host yet; `pause` is the shortest one, in seconds."""
        self._pause = pause
        self._hosts: dict[str, Host] = {}

    def of(self, url: str) -> Host:
        """The host of a URL (as `addresses.spell` wrote it)."""
        origin = origin_of(url)
        if origin not in self._hosts:
            self._hosts[origin] = Host(origin, self._pause)
        return self._hosts[origin]

    def start(self, now: float, *, feeds: bool, pages: bool) -> tuple[Host, Chain] | None:
        """What may start now, hosts in turn; `feeds` and `pages` say which kinds there is room for."""
        for host in self._hosts.values():
            if host.running < AT_ONCE and host.next_start <= now and (chain := host.take(feeds=feeds, pages=pages)):
                host.started(now)
                self._hosts[host.origin] = self._hosts.pop(host.origin)  # to the end of the row
                return host, chain
        return None

    def next_start(self, *, feeds: bool, pages: bool) -> float | None:
        """When the next host may be asked, as far as it only waits for its pause; None where none does."""
        times = [
            host.next_start
            for host in self._hosts.values()
            if host.running < AT_ONCE and host.waits(feeds=feeds, pages=pages)
        ]
        return min(times, default=None)

    def give_up(self, deadline: float) -> list[Chain]:
        """Takes what can no longer start before the deadline out of the queues."""
        late = [host for host in self._hosts.values() if host.next_start > deadline]
        return [chain for host in late for chain in host.empty()]

    def empty(self) -> list[Chain]:
        """Takes all that is in line anywhere."""
        return [chain for host in self._hosts.values() for chain in host.empty()]
