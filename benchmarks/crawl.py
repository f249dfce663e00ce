"""How downloading grows with the work: pages a second, memory, requests at once on a host; and the cost of a turn.

Usage: python -m benchmarks.crawl [PAGES ...]     (default: 500 2000 8000, from 40 hosts)

Each size is a process of its own; the web is another one, whose hosts answer after 50 ms with a page of 100 kB and note
how many requests they had at once. Memory is read after a tenth of the pages, and at its highest. The second table is
pure computation: choosing whom to ask next, among so many hosts.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

HOSTS = 40
LATENCY = 0.05
BODY = b"<!doctype html><title>Report</title>" + b"<p>The ferries left on time.</p>" * 3200
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def serve(channel: Connection) -> None:
    """The web: HOSTS servers in one process; tells their ports, then the most requests that a host had at once."""
    at_once = [0] * HOSTS
    most = [0] * HOSTS

    async def talk(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while asked := await reader.readuntil(b"\r\n\r\n"):
                at_once[number] += 1
                most[number] = max(most[number], at_once[number])
                await asyncio.sleep(LATENCY)
                at_once[number] -= 1
                writer.write(NOT_FOUND if b"/robots.txt" in asked else ANSWER)
                await writer.drain()
        writer.close()

    async def run() -> None:
        servers = [
            await asyncio.start_server(lambda r, w, n=n: talk(n, r, w), "127.0.0.1", 0)  # type: ignore[misc]
            for n in range(HOSTS)
        ]
        channel.send([server.sockets[0].getsockname()[1] for server in servers])
        await asyncio.to_thread(channel.recv)
        channel.send(max(most))

    asyncio.run(run())


def measure(pages: int) -> dict[str, float]:
    """One size: seconds, memory early and at its highest (MB), and the most requests at once on a host."""
    here, there = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    ports = here.recv()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crawl", "--child", str(pages), *map(str, ports)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    here.send("end")
    most = here.recv()
    server.kill()
    return {**json.loads(done.stdout), "most": most}


def child(pages: int, ports: list[int]) -> None:
    """Downloads so many pages, and drops each."""
    from technews.records import DateReading, Entry, Feed, Outcome, Page
    from technews.settings import read_settings
    from technews.web import Web

    now = datetime.now(UTC)
    feed = Feed("f", "http://f.example/", "F", "en", "US", "UTC", timedelta(minutes=30))
    allowed = (f"127.0.0.1:{port}" for port in ports)
    settings = read_settings({"TECHNEWS_ALLOW_HOSTS": ",".join(allowed), "TECHNEWS_HOST_PAUSE": "0"})
    entries = [
        Entry(str(n), feed, f"http://127.0.0.1:{ports[n % HOSTS]}/{n}", "", None, "", "", DateReading(),
              Outcome.PENDING, 0, now)
        for n in range(pages)
    ]  # fmt: skip
    begun, got, early = time.monotonic(), 0, 0.0
    with Web(settings) as web:
        web.request_pages(entries)
        while web.pages_open:
            batch = web.pages(50, 64 << 20, 5.0)
            assert all(isinstance(item, Page) and len(item.body) == len(BODY) for item in batch)
            got += len(batch)
            early = early or (_memory() if got >= pages / 10 else 0.0)
    seconds = time.monotonic() - begun
    assert got == pages
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "early_mb": early, "peak_mb": peak}))


def _memory() -> float:
    """Resident memory now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / (1 << 20)


def turn(hosts: int) -> float:
    """Microseconds to choose whom to ask next, and to note that the answer came."""
    from technews.chains import Chain
    from technews.hosts import Hosts, Sign
    from technews.robots import ALLOW_ALL

    line = Hosts(1.0)
    for number in range(hosts):
        for place in range(4):
            url = f"https://h{number}.example/{place}"
            host = line.of(url)
            host.learn(ALLOW_ALL)
            host.add(Chain("page", url, url))
            line.enlist(host)
    begun = time.perf_counter()
    for number in range(1000):
        line.next_start()
        started = line.start(float(number))
        assert started
        started[0].ended(Sign.WELL, float(number))
        line.enlist(started[0])
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Prints both tables."""
    if sys.argv[1:2] == ["--child"]:
        child(int(sys.argv[2]), [int(port) for port in sys.argv[3:]])
        return
    print(f"pages from {HOSTS} hosts   seconds   pages/s   MB after a tenth   peak MB   most at once on a host")
    for size in [int(argument) for argument in sys.argv[1:]] or [500, 2_000, 8_000]:
        row = measure(size)
        print(
            f"{size:18d} {row['seconds']:11.1f} {size / row['seconds']:9.0f} {row['early_mb']:18.0f} "
            f"{row['peak_mb']:9.0f} {row['most']:24.0f}",
            flush=True,
        )
    print("hosts   microseconds a turn")
    for hosts in (300, 3_000, 30_000):
        print(f"{hosts:5d} {min(turn(hosts) for _ in range(3)):21.1f}", flush=True)


if __name__ == "__main__":
    main()
