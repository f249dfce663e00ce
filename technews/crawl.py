"""Asks for feeds and pages in one background thread, and hands them on in the order in which they finish.

No host holds up another, and no more is fetched ahead than fits in memory. What the run's end cuts off gives no answer
and spends no attempt. Who asks the network is an argument (`web.Web` brings the HTTP client).

Exceptions:

    WebError            the background thread died; its cause is attached
"""

import asyncio
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

from technews import chains
from technews.attempts import Failure, judge_failure
from technews.chains import Answer, Chain, FeedAnswer, FeedRequest
from technews.credentials import gather
from technews.hosts import Host, Hosts, Lane, Sign
from technews.outbox import MAX_WAITING_BYTES, Outbox
from technews.reach import Reach
from technews.records import Entry, Fetch, Page, Rejection
from technews.robots import Rules
from technews.robots_cache import Bar, RobotsCopies, RobotsCopy
from technews.settings import Settings

# Requests at once: two on each of 40 hosts. One that takes long no longer counts, or as many hosts that never answer
# would hold up all others.
AT_ONCE: Final = 80
LONG_SECONDS: Final = 5.0
MOST_AT_ONCE: Final = 120
EXIT_SECONDS: Final = 2.0
# How long a run stays for hosts that only pause. The schedule ticks every ten minutes: a run that it finds at work lets
# the tick go by, and all feeds are polled late because of one Crawl-delay.
PAUSES_SECONDS: Final = 480.0

_Item = TypeVar("_Item")


class WebError(Exception):
    """The background thread died; its cause is attached."""


class Client(Protocol):
    """Asks the network."""

    async def ask(self, chain: Chain) -> Answer:
        """The answer to a chain's next request; failures are answers too."""

    async def close(self) -> None:
        """Ends all connections."""


def _is_unreached(answer: Answer) -> bool:
    return not answer.connected and _read_sign(answer) is Sign.DOWN


def _read_sign(answer: Answer) -> Sign:
    if answer.failure in (Failure.CONNECTION, Failure.TIMEOUT):
        return Sign.DOWN
    if answer.status is None:
        return Sign.NONE
    return Sign.BUSY if answer.status in (429, 503) else Sign.WELL


class Crawl:
    """All the requests of one run.

    A context manager: its thread runs from `__enter__` to `__exit__`, which takes at most two seconds whatever
    servers do. After `deadline` (monotonic seconds) nothing starts, and what runs is cut off. Any method raises
    WebError if the thread died.
    """

    def __init__(
        self,
        settings: Settings,
        open_client: Callable[[], Client],
        deadline: float | None,
        robots: Iterable[RobotsCopy],
        in_vain: Iterable[str] = (),
    ) -> None:
        """Asks nobody yet. `open_client` is called in the thread.

        `robots` is what earlier runs have read, `in_vain` the feeds that have failed only since a host last answered.
        """
        self._open_client = open_client
        self._settings = settings
        self._deadline = math.inf if deadline is None else deadline
        self._pauses_until = math.inf if deadline is None else time.monotonic() + PAUSES_SECONDS
        self._changed = threading.Condition()
        self._feeds: Outbox[FeedAnswer] = Outbox()
        self._pages: Outbox[Page | Rejection] = Outbox()
        self._fetches: list[Fetch] = []
        self._robots = RobotsCopies(robots)
        self._reach = Reach(in_vain)
        self._inbox: deque[Chain] = deque()
        self._secrets = chains.NO_CREDENTIALS
        self._asked: set[str] = set()
        self._broken: BaseException | None = None
        self._stopping = self._ended = False
        self._hosts = Hosts(settings.host_pause)
        self._tasks: dict[asyncio.Task[None], float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="web")

    def __enter__(self) -> Self:
        """Starts the thread."""
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Cuts off what runs, and ends the thread."""
        self._stopping = True
        self._poke()
        self._thread.join(EXIT_SECONDS)
        if error is None:
            self._check()

    def keep_secret(self, addresses: Iterable[str]) -> None:
        """Clears all answers from now on of the secrets in these feeds' addresses, whoever repeats them."""
        self._secrets = gather(addresses, os.environ)

    def request_feeds(self, requests: Iterable[FeedRequest]) -> None:
        """Asks for feeds; robots.txt does not bind them, since the operator chose them."""
        now = datetime.now(UTC)
        with self._changed:
            for request in requests:
                found = chains.feed_chain(request, os.environ, self._settings.allow_hosts, now)
                self._feeds.open += 1
                if isinstance(found, Chain):
                    self._inbox.append(found)
                else:
                    self._feeds.put(found, 0)
            self._changed.notify_all()
        self._poke()

    def request_pages(self, entries: Iterable[Entry]) -> None:
        """Asks for the pages of entries; one that was asked for in this run is ignored."""
        now = datetime.now(UTC)
        with self._changed:
            for entry in entries:
                if entry.entry_id in self._asked:
                    continue
                self._asked.add(entry.entry_id)
                found = chains.page_chain(entry, self._settings.allow_hosts, now)
                self._pages.open += 1
                if isinstance(found, Chain):
                    self._inbox.append(found)
                else:
                    self._pages.put(found, 0)
            self._changed.notify_all()
        self._poke()

    def feed_answers(self, limit: int, wait: float) -> list[FeedAnswer]:
        """What answered: until `limit` answers are there, all have answered, or `wait` seconds are over."""
        return self._collect(self._feeds, limit, MAX_WAITING_BYTES, wait)

    def pages(self, limit: int, limit_bytes: int, wait: float) -> list[Page | Rejection]:
        """What finished, in that order: until `limit` results or `limit_bytes` are there, all is done, or time is up.

        `wait` is in seconds. Bytes are those of the bodies; the result that reaches the limit is the last.
        """
        return self._collect(self._pages, limit, limit_bytes, wait)

    def drain_fetches(self) -> list[Fetch]:
        """Requests that belong to no result: those for robots.txt, and what the end of the run cut off.

        After the deadline also those whose result nobody has taken: it counts as cut off, but it was asked for.
        """
        with self._changed:
            if time.monotonic() >= self._deadline:
                self._cut_off()
            fetches, self._fetches = self._fetches, []
        return fetches

    def drain_robots(self) -> list[RobotsCopy]:
        """What was read of robots.txt since the last call, to be kept for later runs."""
        with self._changed:
            return self._robots.drain()

    @property
    def feeds_open(self) -> int:
        """How many feeds were asked for and not yet handed out."""
        return self._feeds.open

    @property
    def pages_open(self) -> int:
        """How many pages were asked for and not yet handed out; what was given up is not among them."""
        return self._pages.open

    @property
    def failures_left(self) -> int:
        """After the deadline: how many failed feeds are there to be taken, of a run that reached no host until then."""
        if time.monotonic() < self._deadline:
            return 0
        with self._changed:
            self._await_end()
            return 0 if self._reach.reached else len(self._feeds.items)

    @property
    def offline(self) -> bool:
        """Whether no host was reached where several should have been: the network here is down."""
        return self._reach.offline

    def _collect(self, box: Outbox[_Item], limit: int, limit_bytes: int, wait: float) -> list[_Item]:
        until = time.monotonic() + wait
        found: list[_Item] = []
        size = 0
        with self._changed:
            while len(found) < limit and size < limit_bytes and box.open:
                self._check()
                if box.items:
                    item, bytes_ = box.take()
                    found.append(item)
                    size += bytes_
                    continue
                box.wanted = limit - len(found), limit_bytes - size
                if not self._wait(until) and not box.items:
                    break
            self._check()
        self._poke()
        return found

    def _wait(self, until: float) -> bool:
        """Waits until the thread has something to tell; False when time is up."""
        self._check()
        self._poke()  # room was made, if something was taken
        return self._changed.wait(max(0.0, until - time.monotonic())) or time.monotonic() < until

    def _await_end(self) -> None:
        until = time.monotonic() + EXIT_SECONDS
        while not (self._ended and not self._tasks) and self._wait(until):
            pass

    def _cut_off(self) -> None:
        """Waits for the thread to end what runs, and drops what was not taken but for the record of its request."""
        self._await_end()
        left = [box.take()[0] for box in (self._feeds, self._pages) for _ in range(len(box.items))]
        self._fetches += [item.fetch for item in left if item.fetch]

    def _check(self) -> None:
        if self._broken is not None:
            raise WebError(f"the web thread died: {self._broken!r}") from self._broken

    def _poke(self) -> None:
        if self._loop is None:
            return
        with suppress(RuntimeError):  # the loop is closed when the thread ended
            self._loop.call_soon_threadsafe(self._wake.set)

    # From here on: in the thread.

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as error:  # noqa: BLE001  whatever it is, the caller must hear of it
            with self._changed:
                self._broken = error
                self._changed.notify_all()
        finally:
            self._ready.set()

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._client = self._open_client()
        self._ready.set()
        try:
            while not self._stopping and self._broken is None:
                self._wake.clear()
                wait = self._start_more()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait)
        finally:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=EXIT_SECONDS / 4)
            with suppress(Exception):
                await asyncio.wait_for(self._client.close(), EXIT_SECONDS / 4)

    def _start_more(self) -> float | None:
        """Starts what may start; gives the seconds after which to look again."""
        while self._inbox:
            self._line_up(self._inbox.popleft())
        now = time.monotonic()
        if now >= self._deadline or self._only_pauses(now):
            self._end_run()
            return None
        lanes = self._lanes()
        while self._place_at(now) <= now and (started := self._hosts.start(now, lanes)):
            self._drop_late(started[0])
            task = asyncio.create_task(self._ask(*started))
            self._tasks[task] = now
            task.add_done_callback(self._done)
        if now >= self._reach.held_until or (not self._tasks and self._hosts.next_start() is None):
            self._conclude()
        times = [self._deadline, self._reach.held_until]
        if (next_start := self._hosts.next_start(lanes)) is not None:
            times.append(max(next_start, self._place_at(now)))
            if not self._tasks:
                times.append(max(now, self._pauses_until))
        return max(0.0, min(times) - now) if min(times) < math.inf else None

    def _lanes(self) -> set[Lane]:
        """The kinds of request that there is room for."""
        found = {Lane.ROBOTS}
        if self._feeds.has_room(self._coming):
            found.add(Lane.FEEDS)
        if self._pages.has_room(self._coming):
            found.add(Lane.PAGES)
        return found

    @property
    def _coming(self) -> int:
        """How many answers may be on their way to a box."""
        return min(len(self._tasks), AT_ONCE)

    def _only_pauses(self, now: float) -> bool:
        """Whether nothing is under way and all that is left waits for a pause, which was stayed for long enough."""
        if self._tasks or now < self._pauses_until:
            return False
        next_start = self._hosts.next_start()
        return next_start is not None and next_start > now

    def _drop_late(self, host: Host) -> None:
        """Gives up what cannot start before the deadline any more."""
        if host.next_start > self._deadline:
            for chain in host.empty():
                self._drop(chain, "")

    def _place_at(self, now: float) -> float:
        """When there is a place for one more request, unless one ends before: now, or as the oldest become long."""
        young = sorted(at for at in self._tasks.values() if now - at < LONG_SECONDS)
        if len(self._tasks) >= MOST_AT_ONCE:
            return math.inf
        return now if len(young) < AT_ONCE else young[len(young) - AT_ONCE] + LONG_SECONDS

    async def _ask(self, host: Host, chain: Chain) -> None:
        chain.secrets = self._secrets
        try:
            answer = await self._client.ask(chain)
        except asyncio.CancelledError:
            cut = Answer(chain.url, datetime.now(UTC), error="cut off: the run was over")
            chain.fetch = chains.fetch_of(chain, cut)
            self._drop(chain, "")
            raise
        host.ended(_read_sign(answer), time.monotonic(), robots=chain.kind == "robots")
        try:
            self._go_on(chain, answer)
        except Exception as error:  # noqa: BLE001 -- an answer that we cannot judge costs its own chain, never the run
            words = f"cannot be judged: {type(error).__name__}: {error}"
            self._settle(chain, Answer(chain.url, datetime.now(UTC), failure=Failure.BAD_ANSWER, error=words))
        if host.stopped:
            for other in host.empty():
                self._drop(other, host.stopped)
        self._hosts.enlist(host)
        self._drop_late(host)

    def _done(self, task: asyncio.Task[None]) -> None:
        with self._changed:
            self._tasks.pop(task, None)
            if self._ended:
                self._changed.notify_all()
        if not task.cancelled() and (error := task.exception()) is not None:
            with self._changed:
                self._broken = error
                self._changed.notify_all()
        self._wake.set()

    def _go_on(self, chain: Chain, answer: Answer) -> None:
        target = chains.redirect_of(chain, answer)
        if target is None:
            self._settle(chain, answer)
        elif refused := chains.move(chain, answer, target, self._settings.allow_hosts):
            self._settle(chain, replace(answer, failure=refused[0], error=refused[1]))
        else:
            self._line_up(chain)

    def _line_up(self, chain: Chain) -> None:
        host = self._hosts.of(chain.url)
        if chain.kind == "page" and host.rules is None and not host.robots_asked:
            rules = self._robots.rules(host.origin, datetime.now(UTC))
            if rules is not None:
                host.learn(rules)
        forbidden = host.forbids(chain)
        if forbidden and chain.entry:
            self._refuse(chain, chain.entry, forbidden)
        elif host.stopped:
            self._drop(chain, host.stopped)
        else:
            host.add(chain)
            self._hosts.enlist(host)
            self._drop_late(host)

    def _refuse(self, chain: Chain, entry: Entry, bar: Bar) -> None:
        """The end of a page that must not be asked for."""
        now = datetime.now(UTC)
        self._hand_out(
            judge_failure(
                entry, bar.failure, now=now, retry_after=bar.retry_after, detail=bar.detail, fetch=chain.fetch
            ),
            0,
            unreached=bar.dead,
        )

    def _settle(self, chain: Chain, answer: Answer) -> None:
        answer = chains.covered(chain, answer)
        if chain.kind == "page":
            self._hand_out(chains.judge_page(chain, answer), len(answer.body), unreached=_is_unreached(answer))
        elif chain.kind == "feed":
            self._hand_out(chains.judge_feed(chain, answer), len(answer.body), unreached=_is_unreached(answer))
        else:
            self._note(chains.fetch_of(chain, answer))
            with self._changed:
                found = self._robots.judge(chain, answer)
            self._learn(chain, found)

    def _learn(self, chain: Chain, found: Rules | Bar) -> None:
        """Lets the pages of a host go on by its rules, or ends them.

        A host that is not reached costs one page an attempt, as if it had been asked itself; the next one tries again.
        """
        host = self._hosts.of(chain.shown)
        if isinstance(found, Rules):
            host.learn(found)
        elif found.dead:
            host.robots_asked = False
            if host.pages and (entry := (first := host.pages.popleft()).entry):
                self._refuse(first, entry, found)
        else:
            host.barred = found
        if not host.robots_asked:
            self._hosts.enlist(host)
            return
        for waiting in host.take_pages():
            self._line_up(waiting)

    def _note_reached(self) -> None:
        """For the client, as soon as it has any connection: whatever comes of it, the network is up."""
        if not self._reach.reached:
            for item in self._reach.note_reached():
                self._hand_out(item, 0)

    def _conclude(self) -> None:
        """Hands out what was held back: nothing under way, or nothing that came in time, shows whose fault it was."""
        for item in self._reach.conclude(datetime.now(UTC)):
            self._hand_out(item, 0)

    def _hand_out(self, item: FeedAnswer | Page | Rejection, size: int, *, unreached: bool = False) -> None:
        if unreached and not self._reach.reached and not isinstance(item, Page):
            self._reach.hold(item, time.monotonic())
            return
        with self._changed:
            if isinstance(item, FeedAnswer):
                self._feeds.put(item, size)
                self._tell(self._feeds)
            else:
                self._pages.put(item, size)
                self._tell(self._pages)

    def _tell(self, box: Outbox[Any]) -> None:
        """Wakes who waits for this box, unless he would only wait on: turns of two threads cost more than answers."""
        if box.has_wanted or not box.has_room(self._coming):
            self._changed.notify_all()

    def _note(self, fetch: Fetch) -> None:
        with self._changed:
            self._fetches.append(fetch)

    def _drop(self, chain: Chain, why: str) -> None:
        """Ends a chain without a result for its entry; a feed of a host that was given up has failed."""
        if chain.fetch and not (chain.kind == "feed" and why):
            self._note(chain.fetch)
        if chain.kind == "robots":
            self._learn(chain, Bar(Failure.ROBOTS_UNREACHABLE, f"robots.txt: {why or 'no time left'}"))
        elif chain.kind == "feed" and why:
            self._hand_out(chains.judge_undone(chain, why, datetime.now(UTC)), 0, unreached=True)
        else:
            with self._changed:
                box = self._feeds if chain.kind == "feed" else self._pages
                box.open -= 1
                self._tell(box)

    def _end_run(self) -> None:
        self._conclude()
        self._ended = True
        for task in self._tasks:
            task.cancel()
        for chain in self._hosts.empty():
            self._drop(chain, "")
