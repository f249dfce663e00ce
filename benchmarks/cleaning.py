"""How fast pages are cleaned: bare trafilatura on one and two processes, our step with and without looking ahead.

Usage: python -m benchmarks.cleaning [PAGES] [FOLDER]      (default: 600 pages, made of those in ../shared/data)

Each way reads the same pages in the same run, in turns, best of three; a worker's start is told apart. Pages of the
folder are repeated, each time under another address. With all pages on topic, every one is extracted.
"""

import gzip
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trafilatura

from technews import PROJECT_ROOT
from technews.extraction import OffTopic
from technews.records import DateReading, Entry, Feed, Outcome, Page
from technews.rules import read_rules
from technews.workers import Cleaners

_TURNS = 3


def pages(folder: Path, count: int) -> list[Page]:
    """So many pages, as a run would hand them to its cleaners."""
    now = datetime.now(UTC)
    rows = [json.loads(line) for line in (folder / "pages" / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    bodies = [gzip.decompress((folder / row["path"]).read_bytes()) for row in rows]
    found = []
    for number in range(count):
        row, body = rows[number % len(rows)], bodies[number % len(rows)]
        feed = Feed("f", "https://f.example/", "F", row["lang"], "US", "UTC", timedelta(hours=1))
        entry = Entry(
            str(number), feed, row["url"], row.get("title") or "", None, "", "", DateReading(), Outcome.PENDING, 0, now
        )  # fmt: skip
        found.append(Page(entry, f"{row['url']}?{number}", body, "text/html", now))
    return found


def bare(body: bytes) -> int:
    """What bare trafilatura does with a page."""
    return len(trafilatura.extract(body) or "")


def best(turns: Sequence[tuple[str, Callable[[], object]]]) -> dict[str, float]:
    """Seconds of each, the best of its turns; the turns take turns, so that a busy moment harms all alike."""
    took: dict[str, float] = {}
    for _ in range(_TURNS):
        for name, action in turns:
            begun = time.perf_counter()
            action()
            took[name] = min(took.get(name, float("inf")), time.perf_counter() - begun)
    return took


def main(count: int, folder: Path) -> None:
    """Prints the table."""
    given = pages(folder, count)
    bodies = [page.body for page in given]
    needs = read_rules(PROJECT_ROOT / "config" / "topics", PROJECT_ROOT / "config" / "entities.toml").needs()
    begun = time.perf_counter()
    with (
        multiprocessing.get_context("spawn").Pool(2) as two,
        Cleaners(workers=1) as single,
        Cleaners(workers=2) as whole,
        Cleaners(workers=2, needs=needs) as ahead,
    ):
        for pool in (single, whole, ahead):
            pool.extract_all(given[:4])
        two.map(bare, bodies[:4])
        print(f"start of all pools: {time.perf_counter() - begun:.1f} s")
        skipped = sum(isinstance(answer, OffTopic) for answer in ahead.extract_all(given))
        took = best(
            [
                ("bare trafilatura, 1 process", lambda: [bare(body) for body in bodies]),
                ("bare trafilatura, 2 processes", lambda: two.map(bare, bodies, chunksize=8)),
                ("our step, 1 worker, all extracted", lambda: single.extract_all(given)),
                ("our step, 2 workers, all extracted", lambda: whole.extract_all(given)),
                (f"our step, 2 workers, {skipped / count:.0%} skipped", lambda: ahead.extract_all(given)),
            ]
        )
    floor = took["bare trafilatura, 1 process"]
    for name, seconds in took.items():
        print(f"{name:42s} {seconds / count * 1000:7.1f} ms a page {floor / seconds:6.2f} x bare on 1")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600, Path(sys.argv[2] if len(sys.argv) > 2 else "../shared/data"))
