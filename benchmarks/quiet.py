"""What a quiet run costs: an ingest of 100 feeds that answer 304, against an empty flow, in CPU seconds.

Usage: python -m benchmarks.quiet [FEEDS] [TIMES]      (default: 100 and 5)

Both run as the worker runs them, each in a process of its own against the same server; the best of several counts,
user and system time of the process and its children. Then it looks whether heavy libraries were imported.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from technews.engine_settings import server_answers, service_environment
from technews.process_tree import end_marked
from technews.settings import read_settings

HEAVY = ("great_expectations", "trafilatura", "pandas")
EMPTY = "from prefect import flow\n@flow\ndef empty():\n    return 1\nempty()\n"
INGEST = "from flows.ingest import ingest\ningest(force=True)\n"
TELL = "import json, sys\nsys.stderr.write('\\nloaded: ' + json.dumps(sorted(sys.modules)))\n"
BODY = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """A feed without entries, or that nothing is new."""
        known = self.headers.get("If-None-Match") == '"1"'
        self.send_response(304 if known else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0" if known else str(len(BODY)))
        self.end_headers()
        if not known:
            self.wfile.write(BODY)


def cpu_of(code: str, environment: dict[str, str]) -> tuple[float, set[str]]:
    """CPU seconds of a process that runs this code, and what it had imported at its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code + TELL], env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, set(json.loads(done.stderr.decode().rpartition("loaded: ")[2]))


def main() -> None:
    """Prints the figures and the ratio."""
    feeds, times = (int(n) for n in (sys.argv[1:] or ["100", "5"]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        config = Path(folder) / "config"
        config.mkdir()
        (config / "feeds.toml").write_text(
            "".join(
                f'[[feed]]\nid = "f{n}"\nurl = "http://{host}/{n}"\ntitle = "F"\nlanguage = "en"\ncountry = "US"\n'
                f'timezone = "UTC"\n'
                for n in range(feeds)
            )
        )
        for name in ("topics", "entities.toml"):
            (config / name).symlink_to(Path.cwd() / "config" / name)
        settings = read_settings({"TECHNEWS_HOME": f"{folder}/home", "TECHNEWS_SERVER_PORT": str(port)})
        mine = {"TECHNEWS_CONFIG": str(config), "TECHNEWS_ALLOW_HOSTS": host, "TECHNEWS_HOST_PAUSE": "0"}
        environment = service_environment(settings, {**os.environ, **mine})
        engine = subprocess.Popen(
            [Path(sys.executable).with_name("prefect"), "server", "start", "--port", str(port)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not server_answers(port):
                time.sleep(0.5)
            cpu_of(INGEST, environment)  # the first answers are 200
            pairs = [(cpu_of(EMPTY, environment), cpu_of(INGEST, environment)) for _ in range(times)]
        finally:
            end_marked(str(settings.home), grace=10)
            engine.wait()
    empty, quiet = min(e[0] for e, _ in pairs), min(q[0] for _, q in pairs)
    print(f"empty flow {empty:.2f} s, quiet ingest of {feeds} feeds {quiet:.2f} s: ratio {quiet / empty:.2f}")
    print(f"imported of {', '.join(HEAVY)}: {', '.join(n for n in HEAVY if n in pairs[-1][1][1]) or 'none'}")


if __name__ == "__main__":
    main()
