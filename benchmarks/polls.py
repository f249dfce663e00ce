"""What polling feeds that have nothing new costs: a run over FEEDS feeds that answer 304, beside a run over none due.

Usage: python -m benchmarks.polls [FEEDS]     (default: 300)

Feeds are spread over twelve servers on loopback, in a process of their own; the engine is not started. Shown are the
best of three: the difference is what the polls cost.
"""

import os
import sys
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

HOSTS = 12
ROUNDS = 3
ETAG = '"unchanged"'


def serve(channel: Connection) -> None:
    """Servers whose every path is a feed of two entries that never changes."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            known = self.headers.get("If-None-Match") == ETAG
            items = "".join(f"<item><title>{n}</title><guid>{self.path}-{n}</guid></item>" for n in range(2))
            body = b"" if known else f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()
            self.send_response(304 if known else 200)
            self.send_header("ETag", ETAG)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(HOSTS)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    channel.send([server.server_port for server in servers])
    channel.recv()


def main() -> None:
    """Prints seconds of both runs, and the difference."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    here, there = get_context("spawn").Pipe()
    get_context("spawn").Process(target=serve, args=(there,), daemon=True).start()
    hosts = [f"127.0.0.1:{port}" for port in here.recv()]
    with tempfile.TemporaryDirectory() as folder:
        feeds = Path(folder) / "feeds.toml"
        feeds.write_text(
            "\n".join(
                f'[[feed]]\nid = "f{n}"\nurl = "http://{hosts[n % HOSTS]}/f{n}"\ntitle = "F"\nlanguage = "en"\n'
                f'country = "US"\ntimezone = "UTC"\nevery = "1h"\n'
                for n in range(count)
            )
        )
        os.environ |= {
            "TECHNEWS_HOME": str(Path(folder) / "home"),
            "TECHNEWS_ALLOW_HOSTS": ",".join(hosts),
            "TECHNEWS_HOST_PAUSE": "0",
        }
        from flows.ingest import ingest

        def run(*, force: bool, expected: int) -> float:
            begun = time.monotonic()
            report = ingest.fn(feeds, None, force=force)
            assert report.ok
            assert report.row["feeds_not_modified"] == expected, report.row
            return time.monotonic() - begun

        run(force=True, expected=0)
        quiet = min(run(force=False, expected=0) for _ in range(ROUNDS))
        polled = min(run(force=True, expected=count) for _ in range(ROUNDS))
    print(f"{count} feeds answer 304: {polled:.2f} s, none due: {quiet:.2f} s, the polls cost {polled - quiet:.2f} s")
    here.send(None)


if __name__ == "__main__":
    main()
