"""How the cost of a whole ingest grows with the work: entries a second, memory, and a run that finds nothing.

Usage: python -m benchmarks.ingest [ENTRIES ...]     (default: 1000 10000)

Each size is a process of its own with a web server of generated pages on loopback and a home in a temporary folder;
the engine is not started. The last column is a second run over the same feeds, which finds nothing new.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

HOSTS = 12
PER_FEED = 100
FILLER = "The committee heard the next speaker and put the question off until the following week. " * 8
SHARE_ON_TOPIC = 20  # every twentieth page


def page(number: int) -> bytes:
    """A page of about 16 kB."""
    lead = (
        "Apple will use Alibaba's Qwen for the artificial intelligence of iPhones sold in China, subject to approval."
        if number % SHARE_ON_TOPIC == 0
        else "The harbour was quiet and the ferries left on time."
    )
    paragraphs = "".join(f"<p>{number}.{part}: {lead} {FILLER}</p>" for part in range(20))
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Report {number}: {lead[:60]}</title></head>"
        f"<body><nav><a href='/'>Home</a></nav><main><article><h1>Report {number}</h1>{paragraphs}</article></main>"
    ).encode()


def serve(channel: Connection, entries: int) -> None:
    """The web: HOSTS servers in one process; tells their ports and serves until it is ended."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            kind, _, number = self.path.strip("/").partition("-")
            if kind == "feed":
                first = int(number) * PER_FEED
                items = "".join(
                    f"<item><title>Report {n}</title><link>http://127.0.0.1:{ports[n % HOSTS]}/page-{n}</link>"
                    f"<guid>{n}</guid></item>"
                    for n in range(first, min(first + PER_FEED, entries))
                )
                body = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()
            else:
                body = page(int(number)) if kind == "page" else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/rss+xml" if kind == "feed" else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(HOSTS)]
    ports = [server.server_port for server in servers]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    channel.send(ports)
    channel.recv()


def measure(entries: int) -> dict[str, float]:
    """One size: seconds and peak memory of a first run and of a second one."""
    here, there = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(there, entries), daemon=True)
    server.start()
    ports = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        feeds = Path(folder) / "feeds.toml"
        feeds.write_text(
            "\n".join(
                f'[[feed]]\nid = "f{n}"\nurl = "http://127.0.0.1:{ports[n % HOSTS]}/feed-{n}"\ntitle = "F{n}"\n'
                f'language = "en"\ncountry = "US"\ntimezone = "UTC"\n'
                for n in range((entries + PER_FEED - 1) // PER_FEED)
            )
        )
        environment = {
            **os.environ,
            "TECHNEWS_HOME": str(Path(folder) / "home"),
            "TECHNEWS_HOST_PAUSE": "0",
            "TECHNEWS_RUN_MINUTES": "600",
            "TECHNEWS_ALLOW_HOSTS": ",".join(f"127.0.0.1:{port}" for port in ports),
        }
        first, second = (
            json.loads(
                subprocess.run(
                    [sys.executable, "-m", "benchmarks.ingest", "--child", str(feeds)],
                    env=environment, check=True, capture_output=True, text=True,
                ).stdout.splitlines()[-1]
            )
            for _ in range(2)
        )  # fmt: skip
    server.kill()
    assert first["loaded"] + first["off_topic"] == entries, first
    assert second["entries_new"] == 0, second
    return {
        "entries": entries,
        "seconds": first["seconds"],
        "per_second": entries / first["seconds"],
        "peak_mb": first["peak_mb"],
        "again_seconds": second["seconds"],
    }


def child(feeds: str) -> None:
    """One ingest without the engine, in a process of its own."""
    from flows.ingest import ingest

    begun = time.monotonic()
    report = ingest.fn(Path(feeds), None, force=True)
    seconds = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps({**{k: v for k, v in report.row.items() if isinstance(v, int)}, "seconds": seconds, "peak_mb": peak})
    )


def main() -> None:
    """Prints a table, one line a size."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
        return
    print("entries   seconds   entries/s   peak MB (parent)   second run, seconds")
    for size in [int(argument) for argument in sys.argv[1:]] or [1_000, 10_000]:
        row = measure(size)
        print(
            f"{row['entries']:7d} {row['seconds']:9.1f} {row['per_second']:11.1f} {row['peak_mb']:18.0f} "
            f"{row['again_seconds']:21.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
