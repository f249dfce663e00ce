"""Worker processes that clean pages: a page that hangs, kills or bloats its worker costs only itself.

Workers are spawned, never forked (a forked one would inherit the run lock and hold it after its parent was killed),
load nothing but what cleaning needs, and end with their parent, however it ends.
"""

import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType, TracebackType
from typing import Final, Self, TypeAlias

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from technews.extraction import Extraction, NotAnArticle, extract
from technews.records import Page, Reason

Source: TypeAlias = tuple[bytes, str | None, str | None]
Clean: TypeAlias = Callable[[bytes, str | None, str | None], Extraction | NotAnArticle]

TIME_LIMIT: Final = 20.0  # seconds a page
MEMORY_LIMIT: Final = 2_000_000_000  # bytes a worker
_MAIN: Final = threading.Lock()
_STUCK: Final = 60.0  # seconds beyond the limit after which the pool itself has failed


class Cleaners:
    """A pool of workers, started with the first page. To be used as a context manager.

    `clean` is what a worker does with body, content type and address of a page; it must be importable by name.
    """

    def __init__(
        self,
        *,
        clean: Clean = extract,
        limit: float = TIME_LIMIT,
        memory: int = MEMORY_LIMIT,
        workers: int | None = None,
    ) -> None:
        """`limit` in seconds a page, `memory` in bytes a worker, as many workers as processors unless given."""
        self._clean = clean
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

    def extract_all(self, pages: Sequence[Page]) -> list[Extraction | NotAnArticle]:
        """What each page says, in order."""
        return self.clean_all([(page.body, page.content_type or None, page.url or None) for page in pages])

    def clean_all(self, sources: Sequence[Source]) -> list[Extraction | NotAnArticle]:
        """The same for bodies with content type and address."""
        first = self._try_all(sources)
        # Whose worker died is tried once more, alone: it may only have stood beside the page that broke the pool.
        return [
            self._alone(source) if answer is None else answer for source, answer in zip(sources, first, strict=True)
        ]

    def _try_all(self, sources: Sequence[Source]) -> list[Extraction | NotAnArticle | None]:
        if not sources:
            return []
        pool = self._started()
        futures = [
            pool.schedule(_guarded, args=(self._clean, self._limit, *source), timeout=self._limit) for source in sources
        ]
        open_ones: set[Future[Extraction | NotAnArticle]] = set(futures)
        while open_ones:
            done, open_ones = wait(open_ones, timeout=self._limit + _STUCK, return_when=FIRST_COMPLETED)
            if not done:
                self._stop()
                break
        return [self._answer(future) for future in futures]

    def _answer(self, future: "ProcessFuture[Extraction | NotAnArticle]") -> Extraction | NotAnArticle | None:
        """What became of a page, None where its worker ended or never got to it."""
        if not future.done():
            return None
        try:
            return future.result()
        except TimeoutError:
            return NotAnArticle(Reason.EXTRACTION_TIMEOUT, f"over {self._limit:g} s")
        except (ProcessExpired, BrokenProcessPool, CancelledError):
            return None
        except Exception as error:  # noqa: BLE001 - it came from the page's own worker, and is kept as the page's reason
            return NotAnArticle(Reason.EXTRACTION_CRASHED, f"{type(error).__name__}: {error}"[:300])

    def _alone(self, source: Source) -> Extraction | NotAnArticle:
        return self._try_all([source])[0] or NotAnArticle(Reason.EXTRACTION_CRASHED, "its worker process ended")

    def _started(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._stop()
            self._pool = ProcessPool(
                max_workers=self._workers, initializer=_prepare, initargs=(self._memory,), context=_LightContext()
            )
        return self._pool

    def _stop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def _guarded(
    clean: Clean, limit: float, body: bytes, content_type: str | None, url: str | None
) -> Extraction | NotAnArticle:
    # Code that never comes back to the interpreter (a regular expression, say) neither hears the pool nor sees its
    # parent die; the kernel's alarm ends it all the same.
    signal.setitimer(signal.ITIMER_REAL, limit + 5)
    try:
        return clean(body, content_type, url)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _prepare(memory: int) -> None:
    """Makes a worker harmless: it ends with its parent, keeps to its memory, and leaves Ctrl-C to its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(ValueError, OSError):  # systems that know no such limit, or set a lower one
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _LightProcess(SpawnProcess):
    """A process that does not load its parent's main module: that would bring the whole engine into each worker."""

    def start(self) -> None:
        with _no_main_module():
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
