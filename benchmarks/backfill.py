"""A backfill as a whole process: pages a second against bare trafilatura, memory over its time, and a kill half-way.

Usage: python -m benchmarks.backfill [PAGES ...] [--share PERCENT] [--kill]     (default: 1200 10000, 0 % on topic)

Each size is a WARC file of generated pages and a process of its own, without the engine. Bare trafilatura runs on one
core over the same pages (400 of them). `--kill` kills the process at half of the documents and starts it again.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from benchmarks.ingest import page

SAMPLE = 400
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def write(path: Path, pages: int, share: int) -> None:
    """A WARC file as a crawl writes it, with this share (percent) of pages on topic."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(pages):
            body = page(number * 20 if number % 100 < share else number * 20 + 1)
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    f"https://site{number % 50}.example/page-{number}", "response", payload=BytesIO(body),
                    length=len(body), http_headers=http,
                    warc_headers_dict={"WARC-Date": f"{START + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"},
                )
            )  # fmt: skip


def bare(path: str) -> None:
    """Bare trafilatura over the first pages of the file: seconds a page, start-up included as its own figure."""
    begun = time.monotonic()
    import trafilatura
    from warcio.archiveiterator import ArchiveIterator

    ready = time.monotonic()
    done = 0
    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream):
            assert trafilatura.bare_extraction(record.content_stream().read(), with_metadata=True)
            done += 1
            if done == SAMPLE:
                break
    print(json.dumps({"start": ready - begun, "a_page": (time.monotonic() - ready) / done}))


def child(path: str) -> None:
    """One backfill; memory is sampled after each batch."""
    from flows.backfill import backfill
    from technews.backfill_run import BackfillRun
    from technews.progress import shown

    honest, samples = BackfillRun.settle, []

    def settle(run: BackfillRun, items: list) -> None:
        honest(run, items)
        samples.append((run.done, rss()))

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


def run(path: Path, home: Path, *, kill_at: int = 0) -> dict:
    """One process; with `kill_at` it is killed once so many documents are settled, and started again."""
    environment = {**os.environ, "TECHNEWS_HOME": str(home), "TECHNEWS_HOST_PAUSE": "0"}
    command = [sys.executable, "-m", "benchmarks.backfill", "--child", str(path)]
    if kill_at:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        threading.Thread(target=_kill_at, args=(process, kill_at), daemon=True).start()
        process.wait()
    begun = time.monotonic()
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return {**json.loads(done.stdout.splitlines()[-1]), "seconds": time.monotonic() - begun}


def _kill_at(process: subprocess.Popen, documents: int) -> None:
    """The end, as a power cut brings it; how far it is shows in what it logs."""
    for line in process.stderr or []:
        words = line.split(" documents")[0].split()
        if words and words[-1].replace(",", "").isdigit() and int(words[-1].replace(",", "")) >= documents:
            process.kill()
            return


def main() -> None:
    """Prints a table, a line a size."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
        return
    if sys.argv[1:2] == ["--bare"]:
        bare(sys.argv[2])
        return
    arguments = sys.argv[1:]
    share = int(arguments[arguments.index("--share") + 1]) if "--share" in arguments else 0
    kill = "--kill" in arguments
    named = [a for place, a in enumerate(arguments) if a.isdigit() and (not place or arguments[place - 1] != "--share")]
    print(" pages  on topic   seconds   ms/page   bare ms/page   ratio   RSS MB at 1/4, 1/2, end   peak MB")
    for size in [int(a) for a in named] or [1_200, 10_000]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "crawl.warc.gz"
            write(path, size, share)
            measured = run(path, Path(folder) / "home", kill_at=size // 2 if kill else 0)
            plain = json.loads(
                subprocess.run(
                    [sys.executable, "-m", "benchmarks.backfill", "--bare", str(path)],
                    check=True, capture_output=True, text=True,
                ).stdout
            )  # fmt: skip
        bare_seconds = plain["start"] + plain["a_page"] * size
        samples = [memory for _, memory in measured["samples"]]
        at = [samples[min(len(samples) * n // 4, len(samples) - 1)] for n in (1, 2, 4)] if samples else [0, 0, 0]
        print(
            f"{size:6d} {share:8d}% {measured['seconds']:9.1f} {1000 * measured['seconds'] / size:9.1f} "
            f"{1000 * plain['a_page']:14.1f} {bare_seconds / measured['seconds']:7.2f}   "
            f"{at[0]:.0f} {at[1]:.0f} {at[2]:.0f} {measured['peak_mb']:20.0f}   {measured['entries_new']} new, "
            f"{measured['loaded']} loaded, {measured['status']}, counts agree: {measured['reconciled']}",
            flush=True,
        )


if __name__ == "__main__":
    main()
