"""Worker processes: what a page does to its worker is the page's own loss, and no worker outlives its parent."""

import ctypes
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import NOW, entry

from technews import PROJECT_ROOT
from technews.extraction import Extraction, NotAnArticle
from technews.records import Page, Reason
from technews.workers import Cleaners

HEAVY = ("prefect", "great_expectations", "duckdb", "pandas", "typer", "httpx")


def behave(body: bytes, content_type: str | None, url: str | None) -> NotAnArticle:
    """What a worker does with a page that says what it will do to it."""
    wish = body.decode()
    if wish == "die":
        os._exit(3)
    if wish == "crash":
        ctypes.string_at(0)
    if wish == "hang":
        time.sleep(60)
    if wish == "regex":
        re.match("(a+)+$", "a" * 60 + "b")
    if wish == "bloat":
        return NotAnArticle(Reason.NO_ARTICLE, str(len(bytearray(1_500_000_000))))
    if wish == "raise":
        raise KeyError(wish)
    if wish == "modules":
        import technews.pages  # noqa: F401 - what a worker loads for its first page

        loaded = [name for name in HEAVY if name in sys.modules]
        return NotAnArticle(Reason.NO_ARTICLE, " ".join([*loaded, getattr(sys.modules["__main__"], "__file__", "")]))
    if wish.startswith("make "):
        Path(wish.removeprefix("make ")).touch()
    if wish == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
    return NotAnArticle(Reason.NO_ARTICLE, wish)


@pytest.fixture(scope="module")
def cleaners() -> Iterator[Cleaners]:
    """A pool whose workers behave as asked, with short limits."""
    with Cleaners(clean=behave, limit=1.0, memory=1_000_000_000, workers=2) as pool:
        yield pool


def answers(pool: Cleaners, *wishes: str) -> list[tuple[Reason, str]]:
    """Reason and detail for each wish."""
    found = pool.clean_all([(wish.encode(), None, None) for wish in wishes])
    return [(one.reason, one.detail) for one in found if isinstance(one, NotAnArticle)]


def test_workers_are_started_before_the_first_page() -> None:
    """Asked to, the pool starts its workers at once; they read pages afterwards, and end with it."""
    with Cleaners(clean=behave, workers=2) as pool:
        before = set(multiprocessing.active_children())
        pool.start()
        started = set(multiprocessing.active_children()) - before
        assert len(started) == 2
        assert answers(pool, "as always") == [(Reason.NO_ARTICLE, "as always")]
    assert not any(worker.is_alive() for worker in started)


@pytest.mark.parametrize(
    ("wish", "reason", "detail"),
    [
        ("hang", Reason.EXTRACTION_TIMEOUT, "over 1 s"),
        ("regex", Reason.EXTRACTION_TIMEOUT, "over 1 s"),
        ("die", Reason.EXTRACTION_CRASHED, "its worker process ended"),
        ("crash", Reason.EXTRACTION_CRASHED, "its worker process ended"),
        ("bloat", Reason.EXTRACTION_CRASHED, "MemoryError"),
        ("raise", Reason.EXTRACTION_CRASHED, "KeyError"),
        ("interrupt", Reason.NO_ARTICLE, "interrupt"),
    ],
)
def test_a_harmful_page_costs_only_itself(cleaners: Cleaners, wish: str, reason: Reason, detail: str) -> None:
    """The pages around it are read, in order."""
    found = answers(cleaners, "a", wish, "b", "c")
    assert found[1][0] is reason
    assert detail in found[1][1]
    assert [detail for _, detail in found[:1] + found[2:]] == ["a", "b", "c"]


def test_workers_load_nothing_but_what_cleaning_needs() -> None:
    """No engine, no database, no command line, and not the main module of whoever started them."""
    with Cleaners(clean=behave, workers=1) as pool:
        assert answers(pool, "modules") == [(Reason.NO_ARTICLE, "")]


def test_pages_are_read_in_order() -> None:
    """Real extraction in real workers: each page's answer at its place; no page, no worker."""
    body = (
        "<html><head><title>Story {0}</title></head><body><article>"
        + "<p>Paragraph {0} of the story, long enough.</p>" * 9
    )
    pages = [Page(entry(), f"https://ledger.example/{i}", body.format(i).encode(), "text/html", NOW) for i in range(6)]
    with Cleaners(workers=2) as pool:
        assert pool.extract_all([]) == []
        found = pool.extract_all(pages)
    assert [one.title for one in found] == [f"Story {i}" for i in range(6)]
    assert all(isinstance(one, Extraction) for one in found)


def test_pages_are_with_the_workers_before_their_answers_are_asked_for(tmp_path: Path) -> None:
    """So that what read them can do other work meanwhile; the answers of pages given later wait in their place."""
    made = tmp_path / "made"
    page, other = (
        Page(entry(), "https://ledger.example/1", wish.encode(), "text/html", NOW) for wish in (f"make {made}", "x")
    )
    with Cleaners(clean=behave, workers=1) as pool:
        first, second = pool.extract_each([page]), pool.extract_each([other])
        deadline = time.monotonic() + 20
        while not made.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert made.exists()
        assert [said.detail for _, said in second if isinstance(said, NotAnArticle)] == ["x"]
        assert [said.detail for _, said in first if isinstance(said, NotAnArticle)] == [f"make {made}"]


PARENT = """
import os, sys, threading, time
sys.path[:0] = sys.argv[1:3]
from test_workers import behave
from technews.workers import Cleaners
pool = Cleaners(clean=behave, limit=60, workers=1)
threading.Thread(target=pool.clean_all, args=([(b"hang", None, None)],), daemon=True).start()
while pool._pool is None or not pool._pool._pool_manager.worker_manager.workers:
    time.sleep(0.01)
time.sleep(0.3)
print(*pool._pool._pool_manager.worker_manager.workers, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks /proc whether a process lives")
def test_workers_end_with_a_killed_parent() -> None:
    """After SIGKILL of the parent, a busy worker is gone within moments."""
    here = str(Path(__file__).parent)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, here, str(PROJECT_ROOT)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = Path("/proc") / parent.stdout.readline().strip()
        assert worker.exists()
        parent.kill()
    deadline = time.monotonic() + 3
    while worker.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not worker.exists()


def test_the_parent_stays_light() -> None:
    """Importing the pool and what assembles articles loads neither trafilatura nor lxml nor a language model."""
    code = "import sys, technews.workers; print([m for m in ('trafilatura', 'lxml', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT_ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_after_the_deadline_no_page_is_begun() -> None:
    """What the run's time did not suffice for has no answer, and is not told to be no article; what was begun ends."""
    pages = [Page(entry(), "https://ledger.example/1", b"<p>x", "text/html", NOW)] * 3
    with Cleaners(clean=behave, workers=1, deadline=time.monotonic() - 1) as late:
        assert late.extract_all(pages) == [None, None, None]
    hanging = [Page(entry(), "https://ledger.example/1", b"hang", "text/html", NOW)] * 9
    with Cleaners(clean=behave, limit=2.0, workers=1, deadline=time.monotonic() + 1.5) as pool:
        found = pool.extract_all(hanging)
    assert found[-1] is None
    assert all(
        answer is None or (isinstance(answer, NotAnArticle) and answer.reason is Reason.EXTRACTION_TIMEOUT)
        for answer in found
    )
