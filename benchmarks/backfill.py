"""A backfill as a whole process: against bare trafilatura over the same pages, its memory over time, a kill half-way.

Usage: python -m benchmarks.backfill [PAGES ...] [--share PERCENT] [--kill] [--folder FOLDER]
(default: 1200 2000 10000, none on topic, the real pages of ../shared/data where they are; else, or with --folder "",
generated ones of 16 kB)

Each size is a WARC file and a process of its own, start-up included, without the engine. Bare trafilatura runs in one
process over the same pages (400 of them): once with its defaults (text alone), once with its metadata, as ours has
them. The marginal page is what a page costs between two sizes. Processor time is of all processes, and what to
compare on a busy machine. `--kill` kills the process at half of the documents and starts it again.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.ingest import page

SAMPLE = 400
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_TITLES = re.compile(
    rb"<h1\b.*?</h1>|<meta[^>]*(?:og|twitter):title[^>]*>|<title.*?</title>", re.DOTALL | re.IGNORECASE
)
_HEADLINE = re.compile(rb'"headline"\s*:\s*"(?:[^"\\]|\\.)*"')


class Cost(NamedTuple):
    """What a process took: seconds by the clock, and of the processors."""

    seconds: float
    cpu: float


def off_topic(folder: Path) -> list[bytes]:
    """The real pages that need not be read, since a facet is nowhere on them."""
    from benchmarks.cleaning import pages
    from technews import PROJECT_ROOT
    from technews.extraction import OffTopic
    from technews.rules import read_rules
    from technews.workers import Cleaners

    all_pages = pages(folder, len((folder / "pages" / "index.jsonl").read_text(encoding="utf-8").splitlines()))
    with Cleaners(
        needs=read_rules(PROJECT_ROOT / "config" / "topics", PROJECT_ROOT / "config" / "entities.toml").needs()
    ) as cleaners:
        answers = zip(all_pages, cleaners.extract_all(all_pages), strict=True)
        return [given.body for given, answer in answers if isinstance(answer, OffTopic)]


def bodies(count: int, share: int, real: Sequence[bytes]) -> Iterator[bytes]:
    """So many pages, with this share (percent) on topic: a real page is, once its titles say so."""
    for number in range(count):
        wanted = number % 100 < share
        if not real:
            yield page(number * 20 if wanted else number * 20 + 1)
        elif wanted:
            title = f"Apple picks Qwen of Alibaba for AI on iPhones in China, report {number} says".encode()
            body = _HEADLINE.sub(b'"headline": "' + title + b'"', _TITLES.sub(b"", real[number % len(real)]))
            yield b"<title>" + title + b"</title><h1>" + title + b"</h1>" + body
        else:
            yield real[number % len(real)]


def write(path: Path, pages: int, share: int, real: Sequence[bytes] = ()) -> None:
    """A WARC file as a crawl writes it. A page that stands in it again does so on another site."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number, body in enumerate(bodies(pages, share, real)):
            site = number // len(real) if real else number % 50
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    f"https://site{site}.example/page-{number}", "response", payload=BytesIO(body),
                    length=len(body), http_headers=http,
                    warc_headers_dict={"WARC-Date": f"{START + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"},
                )
            )  # fmt: skip


def bare(path: str, *, with_metadata: bool) -> None:
    """Bare trafilatura over the first pages of the file: its start, and what a page takes."""
    begun = time.monotonic()
    import trafilatura
    from warcio.archiveiterator import ArchiveIterator

    ready, cpu = time.monotonic(), time.process_time()
    done = 0
    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream):
            body = record.content_stream().read()
            if with_metadata:
                trafilatura.bare_extraction(body, with_metadata=True)
            else:
                trafilatura.extract(body)
            done += 1
            if done == SAMPLE:
                break
    took, used = time.monotonic() - ready, time.process_time() - cpu
    print(json.dumps({"start": ready - begun, "a_page": took / done, "cpu_a_page": used / done}))


def child(path: str) -> None:
    """One backfill; memory is sampled after each batch."""
    from flows.backfill import backfill
    from technews.backfill_batch import Batch, Stretch
    from technews.backfill_run import BackfillRun
    from technews.progress import shown

    honest, samples = BackfillRun.settle, []

    def settle(run: BackfillRun, batch: Batch, items: list) -> Stretch | None:
        again = honest(run, batch, items)
        samples.append((run.done, rss()))
        return again

    BackfillRun.settle = settle
    with shown():
        row = backfill.fn([Path(path)]).row
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    counts = {name: row[name] for name in ("status", "reconciled", "entries_new", "loaded", "off_topic", "empty")}
    print(json.dumps({**counts, "peak_mb": peak, "samples": samples}))


def rss() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(path: Path, home: Path, *, kill_at: int = 0) -> tuple[dict[str, Any], Cost]:
    """One process; with `kill_at` it is killed once so many documents are settled, and started again."""
    environment = {**os.environ, "TECHNEWS_HOME": str(home), "TECHNEWS_HOST_PAUSE": "0"}
    command = [sys.executable, "-m", "benchmarks.backfill", "--child", str(path)]
    if kill_at:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        threading.Thread(target=_kill_at, args=(process, kill_at), daemon=True).start()
        process.wait()
    begun, used = time.monotonic(), _cpu_of_children()
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    cost = Cost(time.monotonic() - begun, _cpu_of_children() - used)
    return json.loads(done.stdout.splitlines()[-1]), cost


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _kill_at(process: subprocess.Popen, documents: int) -> None:
    """The end, as a power cut brings it; how far it is shows in what it logs."""
    for line in process.stderr or []:
        words = line.split(" documents")[0].split()
        if words and words[-1].replace(",", "").isdigit() and int(words[-1].replace(",", "")) >= documents:
            process.kill()
            return


def plain(path: Path, *, with_metadata: bool) -> dict[str, float]:
    """What bare trafilatura takes, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.backfill", "--bare", str(path)]
    wish = ["--with-metadata"] if with_metadata else []
    return json.loads(subprocess.run([*command, *wish], check=True, capture_output=True, text=True).stdout)


def line(size: int, share: int, measured: dict[str, Any], cost: Cost, others: Sequence[dict[str, float]]) -> str:
    """One size in the table."""
    samples = [memory for _, memory in measured["samples"]]
    at = [samples[min(len(samples) * n // 4, len(samples) - 1)] for n in (1, 2, 4)] if samples else [0, 0, 0]
    ratios = "".join(f"{(other['start'] + other['a_page'] * size) / cost.seconds:8.2f}" for other in others)
    return (
        f"{size:6d} {share:8d}% {cost.seconds:8.1f} {1000 * cost.seconds / size:8.1f} {1000 * cost.cpu / size:8.1f}"
        f"{ratios}   {at[0]:.0f} {at[1]:.0f} {at[2]:.0f} {measured['peak_mb']:5.0f}   {measured['entries_new']} new, "
        f"{measured['loaded']} loaded, {measured['status']}, counts agree: {measured['reconciled']}"
    )


def marginal(first: tuple[int, Cost], last: tuple[int, Cost], others: Sequence[dict[str, float]]) -> str:
    """What a page costs beyond the start."""
    pages = last[0] - first[0]
    seconds, cpu = ((last[1][field] - first[1][field]) / pages for field in (0, 1))
    words = (f"{other['a_page'] / seconds:.1f} by the clock, {other['cpu_a_page'] / cpu:.1f} by processor time"
             for other in others)  # fmt: skip
    return f"marginal page: {1000 * seconds:.1f} ms, {1000 * cpu:.1f} of the processors; bare takes " + "; ".join(words)


def main() -> None:
    """Prints a table, a line a size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=[1_200, 2_000, 10_000])
    parser.add_argument("--share", type=int, default=0)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--folder", default="../shared/data")
    parser.add_argument("--child")
    parser.add_argument("--bare")
    parser.add_argument("--with-metadata", action="store_true")
    asked = parser.parse_args()
    if asked.child:
        child(asked.child)
        return
    if asked.bare:
        bare(asked.bare, with_metadata=asked.with_metadata)
        return
    there = asked.folder and (Path(asked.folder) / "pages").is_dir()
    real = off_topic(Path(asked.folder)) if there else []
    print(f"{len(real)} real pages" if real else "generated pages", flush=True)
    print(" pages  on topic  seconds  ms/page   cpu ms   × text  × meta   RSS MB at 1/4, 1/2, end, peak")
    costs: list[tuple[int, Cost]] = []
    others: list[dict[str, float]] = []
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "crawl.warc.gz"
            write(path, size, asked.share, real)
            measured, cost = run(path, Path(folder) / "home", kill_at=size // 2 if asked.kill else 0)
            others = [plain(path, with_metadata=wish) for wish in (False, True)]
        costs.append((size, cost))
        print(line(size, asked.share, measured, cost, others), flush=True)
    if len(costs) > 1 and not asked.kill:
        print(marginal(costs[-2], costs[-1], others))


if __name__ == "__main__":
    main()
