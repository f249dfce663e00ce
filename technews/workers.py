"""Worker processes that clean pages: a page that hangs, kills or bloats its worker costs only itself.

Workers are spawned, never forked (a forked one would inherit the run lock and hold it after its parent was killed),
load nothing but what cleaning needs, and end with their parent, however it ends. Small pages go to them in portions; a
portion that is lost is tried again page by page.
"""

import importlib
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache, partial
from multiprocessing.context import SpawnContext, SpawnProcess
from operator import itemgetter
from queue import Empty, SimpleQueue
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from pebble import ProcessExpired, ProcessPool

from technews.extraction import Extraction, NotAnArticle, OffTopic, Told, extract, extract_unless
from technews.needs import Needs
from technews.process_tree import called_apart, deaf_to_ctrl_c
from technews.records import Outcome, Page, Reason

if TYPE_CHECKING:
    from technews.look_ahead import Lookout

Cleaned: TypeAlias = Extraction | NotAnArticle | OffTopic
Source: TypeAlias = tuple[bytes, str | None, str | None, Told | None]
Portion: TypeAlias = Sequence[tuple[int, Source]]  # each page with its place
Answers: TypeAlias = Iterator[tuple[int, Cleaned | None]]
Task: TypeAlias = Future[list[Cleaned]]
Clean: TypeAlias = Callable[[bytes, str | None, str | None], Extraction | NotAnArticle]

TIME_LIMIT: Final = 20.0  # seconds a page
MEMORY_LIMIT: Final = 2_000_000_000  # bytes a worker
_MAIN: Final = threading.Lock()
_STUCK: Final = 60.0  # seconds beyond the limit after which the pool itself has failed
_PORTION: Final = 8  # pages
_PORTION_BYTES: Final = 256 * 1024
_LOST: Final = NotAnArticle(Reason.EXTRACTION_CRASHED, "its worker process ended")
_needs: Needs | None = None  # in a worker: what topics need


class Cleaners:
    """A pool of workers, started with the first page. To be used as a context manager.

    `clean` is what a worker does with body, content type and address of a page; it must be importable by name.
    """

    def __init__(  # noqa: PLR0913 - each is a limit or a part of its own
        self,
        *,
        clean: Clean = extract,
        needs: Needs | None = None,
        deadline: float | None = None,
        limit: float = TIME_LIMIT,
        memory: int = MEMORY_LIMIT,
        workers: int | None = None,
    ) -> None:
        """`limit` in seconds a page, `memory` in bytes a worker, as many workers as processors unless given.

        With `needs`, a page on which one of each topic's facets is nowhere is not extracted. After `deadline` (in
        monotonic seconds) no page is begun.
        """
        self._clean = clean
        # Packed, it fits into the pipe: else our own thread would stand still until each worker lives to read it.
        self._needs = zlib.compress(pickle.dumps(needs)) if needs else None
        self._deadline = deadline
        self._limit = limit
        self._memory = memory
        self._workers = workers or os.cpu_count() or 1
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        """The pool, not started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends all workers."""
        self._stop()

    def start(self) -> None:
        """Starts the workers before the first page is there: they load what they need while it is sought."""
        self._started()

    def extract_each(self, pages: Sequence[Page]) -> Answers:
        """What each page says, by its place, as soon as it is known; None where the deadline left no time.

        The workers have the pages at once, behind those that they were given before.
        """
        return self._each([(page.body, page.content_type or None, page.url or None, _told(page)) for page in pages])

    def extract_all(self, pages: Sequence[Page]) -> list[Cleaned | None]:
        """The same in order."""
        return _in_order(self.extract_each(pages))

    def clean_all(self, sources: Sequence[tuple[bytes, str | None, str | None]]) -> list[Extraction | NotAnArticle]:
        """The same for bodies with content type and address, of which no feed told: each is extracted."""
        answers = _in_order(self._each([(*source, None) for source in sources]))
        return [answer for answer in answers if isinstance(answer, Extraction | NotAnArticle)]

    def _each(self, sources: Sequence[Source]) -> Answers:
        places = list(enumerate(sources))
        return self._with_second_tries(places, self._begin(list(_portions(places))))

    def _with_second_tries(self, places: Portion, answers: Answers) -> Answers:
        # What was lost with its portion is tried page by page, and what is lost then once more, alone: it may only have
        # stood beside the page that broke the pool.
        again, alone = list[int](), list[int]()
        yield from _but_lost(answers, again)
        yield from _but_lost(self._begin([[places[at]] for at in again]), alone)
        for at in alone:
            yield from self._begin([[places[at]]])

    def _begin(self, portions: Sequence[Portion]) -> Answers:
        """Gives the portions to the workers."""
        if not portions or self._is_late():
            return ((at, None) for portion in portions for at, _ in portion)
        pool = self._started()
        futures: dict[Task, Portion] = {
            pool.schedule(
                _guarded, args=(self._clean, self._limit, [source for _, source in portion]), timeout=self._limit
            ): portion
            for portion in portions
        }
        return self._collected(futures)

    def _collected(self, futures: Mapping[Task, Portion]) -> Answers:
        for future in self._as_done(futures):
            portion = futures[future]
            yield from zip((at for at, _ in portion), self._answers(len(portion), future), strict=True)

    def _as_done(self, futures: Collection[Task]) -> Iterator[Task]:
        """Each when it is done; after the deadline those that had not begun are cancelled; all, if nothing moves."""
        done: SimpleQueue[Task] = SimpleQueue()
        for future in futures:
            future.add_done_callback(done.put)
        left, late = set(futures), False
        while left:
            if not late and self._is_late():
                late = True
                for future in left:
                    if not future.running():
                        future.cancel()
            patience = self._limit + _STUCK
            if self._deadline is not None and not late:
                patience = min(patience, self._deadline - time.monotonic() + 0.01)
            try:
                future = done.get(timeout=max(patience, 0))
            except Empty:
                if late or not self._is_late():
                    self._stop()
                    yield from left
                    return
            else:
                left.discard(future)
                yield future

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _answers(self, size: int, future: Task) -> Sequence[Cleaned | None]:
        """What became of each page: `_LOST` where the worker ended or never got to it, None where time was over."""
        if not future.done():
            return [_LOST] * size
        try:
            return future.result()
        except TimeoutError:  # of several pages nobody knows which one it was
            late = NotAnArticle(Reason.EXTRACTION_TIMEOUT, f"over {self._limit:g} s")
            return [late] if size == 1 else [_LOST] * size
        except CancelledError:
            return [None if self._is_late() else _LOST] * size
        except (ProcessExpired, BrokenProcessPool):
            return [_LOST] * size

    def _started(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._stop()
            pool = self._pool = ProcessPool(
                max_workers=self._workers,
                initializer=_prepare,
                initargs=(self._memory, self._needs, self._clean is extract),
                context=_LightContext(),
            )
            called_apart(lambda: pool.active)  # asked for the first time, it starts its workers
        return self._pool

    def _stop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def _told(page: Page) -> Told | None:
    """What the page's feed told of it; None where the page is read whatever it is about, since its article is known."""
    entry = page.entry
    if entry.outcome is not Outcome.PENDING or entry.article_id:
        return None
    return Told(entry.title, entry.content, entry.summary, entry.feed.language)


def _in_order(answers: Answers) -> list[Cleaned | None]:
    return [answer for _, answer in sorted(answers, key=itemgetter(0))]


def _but_lost(answers: Answers, lost: list[int]) -> Answers:
    """The answers, but for those of lost pages, whose places are noted."""
    for at, answer in answers:
        if answer is _LOST:
            lost.append(at)
        else:
            yield at, answer


def _portions(sources: Sequence[tuple[int, Source]]) -> Iterator[Portion]:
    """Small pages in portions, since handing over a page costs as much as a small one; large ones each alone."""
    portion: list[tuple[int, Source]] = []
    size = 0
    for at, source in sources:
        size += len(source[0])
        if portion and (size > _PORTION_BYTES or len(portion) == _PORTION):
            yield portion
            portion, size = [], len(source[0])
        portion.append((at, source))
    if portion:
        yield portion


def _guarded(clean: Clean, limit: float, sources: Sequence[Source]) -> list[Cleaned]:
    # Code that never comes back to the interpreter (a regular expression, say) neither hears the pool nor sees its
    # parent die; the kernel's alarm ends it all the same.
    signal.setitimer(signal.ITIMER_REAL, limit + 5)
    try:
        return [_cleaned(clean, source) for source in sources]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _cleaned(clean: Clean, source: Source) -> Cleaned:
    body, content_type, url, told = source
    try:
        if told is not None and (lookout := _lookout()) is not None:
            return extract_unless(partial(lookout.look, told), body, content_type, url)
        return clean(body, content_type, url)
    except Exception as error:  # noqa: BLE001 - whatever a page raises is kept as its own reason
        return NotAnArticle(Reason.EXTRACTION_CRASHED, f"{type(error).__name__}: {error}"[:300])


@cache
def _lookout() -> "Lookout | None":
    if _needs is None:
        return None
    from technews.look_ahead import Lookout  # noqa: PLC0415 - loads what only a worker needs

    return Lookout(_needs)


def _prepare(memory: int, needs: bytes | None, extracts: bool) -> None:  # noqa: FBT001 - passed on by the pool
    """Makes a worker harmless: it ends with its parent, keeps to its memory, and leaves Ctrl-C to its parent."""
    global _needs  # noqa: PLW0603 - what a worker is given once, for all its pages
    _needs = pickle.loads(zlib.decompress(needs)) if needs else None  # noqa: S301 - from our own parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(ValueError, OSError):  # systems that know no such limit, or set a lower one
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    if extracts:  # loaded before the clock of the first page starts: on a busy machine it takes seconds
        importlib.import_module("technews.pages")
        _lookout()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _LightProcess(SpawnProcess):
    """A process that does not load its parent's main module: that would bring the whole engine into each worker."""

    def start(self) -> None:
        with _no_main_module(), deaf_to_ctrl_c():
            super().start()


class _LightContext(SpawnContext):
    Process = _LightProcess


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Spawning tells the child to import `sys.modules["__main__"]` by its file; an empty module has none."""
    with _MAIN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
