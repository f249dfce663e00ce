"""What becomes of a run when processes of `technews up` are killed in its midst, with times in seconds.

Usage: python -m benchmarks.outages [flow worker server supervisor tree power]      (default: all of them)

One home for all: a site on loopback whose pages come one a second, the real server, worker and supervisor. After each
kill it waits for a completed ingest and until nothing in the engine says Running; one that takes more than three
minutes makes it end with code 1. On a busy machine times grow with the load, which is printed too.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from technews import PROJECT_ROOT
from technews.process_tree import marked
from technews.settings import read_settings
from technews.warehouse import Warehouse, WarehouseError

LIMIT = 180.0  # seconds within which an ingest must have completed
PATIENCE = 900.0  # and after which nobody waits any longer
PER_RUN = 15
KINDS = ("flow", "worker", "server", "supervisor", "tree", "power")
ALIVE = ("PENDING", "RUNNING", "CANCELLING")


class Site(ThreadingHTTPServer):
    """A feed that grows, and its pages, each of which takes a second."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listens on a free port, with no entry yet."""
        self.entries, self.asked = 0, 0
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def feed(self) -> str:
        """All entries so far."""
        links = (f"{self.base}/page/{number}" for number in range(self.entries))
        today = format_datetime(datetime.now(UTC))
        items = "".join(
            f"<item><title>Apple and {link}</title><link>{link}</link><pubDate>{today}</pubDate></item>"
            for link in links
        )
        return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"

    def page(self, path: str) -> str:
        """One article on the topic."""
        self.asked += 1
        time.sleep(1)
        line = f"Apple takes Alibaba's Qwen for the AI of iPhones that it sells in China, two people said at {path}."
        return f"<html lang=en><title>Apple and AI {path}</title><article>{f'<p>{line}</p>' * 5}</article></html>"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Answers the feed or a page."""
        body = (self.server.feed() if self.path == "/feed" else self.server.page(self.path)).encode()
        found = self.path.startswith(("/feed", "/page"))
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/xml" if self.path == "/feed" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # who asked was killed
            self.wfile.write(body)


class Stack:
    """`technews up` in a home of its own."""

    def __init__(self, folder: Path, site: Site) -> None:
        """Starts nothing yet."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = folder / "config"
        config.mkdir()
        (config / "feeds.toml").write_text(
            f'[[feed]]\nid = "slow"\nurl = "{site.base}/feed"\ntitle = "Slow"\nlanguage = "en"\ncountry = "US"\n'
            f'timezone = "UTC"\nevery = "1s"\n'
        )
        for name in ("topics", "entities.toml"):
            (config / name).symlink_to(PROJECT_ROOT / "config" / name)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "TECHNEWS_"))}
        self.environment = {
            **clean, "TECHNEWS_HOME": str(folder / "home"), "TECHNEWS_CONFIG": str(config),
            "TECHNEWS_HOST_PAUSE": "0.5",
            "TECHNEWS_SERVER_PORT": str(self.port), "TECHNEWS_ALLOW_HOSTS": site.base.removeprefix("http://"),
        }  # fmt: skip
        self.settings = read_settings(self.environment)
        self.log = folder / "up.log"
        self.up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; returns at once."""
        with self.log.open("ab") as log:
            self.up = subprocess.Popen(
                [sys.executable, "-m", "technews", "up"], env=self.environment, stderr=log, cwd=PROJECT_ROOT,
                start_new_session=True,
            )  # fmt: skip

    def stop(self) -> float:
        """Ends it by SIGTERM; returns the seconds that it took."""
        begun = time.monotonic()
        self.up.terminate()
        self.up.wait(60)
        return time.monotonic() - begun

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 -- as the API answers
        """A question to the engine's API; None while it does not answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}", json.dumps(body or {}).encode(),
            {"Content-Type": "application/json"}, method="GET" if body is None else "POST",
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- the same
                return json.loads(answer.read() or b"null")
        except OSError:
            return None

    def runs(self, *kinds: str) -> list[dict[str, Any]]:
        """The engine's runs in these states, newest first."""
        states = {"flow_runs": {"state": {"type": {"any_": list(kinds)}}}, "sort": "START_TIME_DESC"}
        return self.ask("flow_runs/filter", states if kinds else {"sort": "START_TIME_DESC"}) or []

    def ledger(self) -> list[dict[str, Any]]:
        """The published runs, newest first."""
        try:
            with Warehouse(self.settings.warehouse, read_only=True) as published:
                columns, rows = published.query("SELECT * FROM runs ORDER BY started_at DESC")
                return [dict(zip(columns, row, strict=True)) for row in rows]
        except WarehouseError:
            return []

    def pids(self, *words: str) -> list[int]:
        """The processes of this home whose command line has these words."""
        found = []
        for pid in marked(str(self.settings.home)):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if all(word in command for word in words):
                found.append(pid)
        return found


def wait_for(what: str, question: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Waits for the first true answer; ends the benchmark where none comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return
        time.sleep(0.5)
    raise SystemExit(f"FAILED: within {seconds:.0f} s no {what}")


def run_in_progress(stack: Stack, site: Site) -> str:
    """Asks for an ingest with work to do and waits until it is in the midst of it; returns its id in the engine."""
    idle = lambda: not stack.runs(*ALIVE) and stack.pids("prefect worker")  # noqa: E731 -- a question
    wait_for("idle worker", idle)
    site.entries += PER_RUN
    before = site.asked
    wait_for("answer", lambda: stack.ask("deployments/name/ingest/ingest"))
    deployment = stack.ask("deployments/name/ingest/ingest")
    ask_for_run = f"deployments/{deployment['id']}/create_flow_run"
    wait_for(
        "answer", lambda: stack.ask(ask_for_run, {"parameters": {"force": True}})
    )  # 503 while its database is busy
    wait_for("run in its midst", lambda: site.asked > before + 2)
    return str(stack.runs("RUNNING")[0]["id"])


def kill(stack: Stack, kind: str) -> None:
    """Kills what the scenario names, and starts `technews up` again where that is gone."""
    parts = {"flow": ("prefect.engine",), "worker": ("prefect worker",), "server": ("prefect server",)}
    if kind in parts:
        victims = stack.pids(*parts[kind])
    else:
        victims = [stack.up.pid] + (stack.pids() if kind in ("tree", "power") else [])
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    if kind not in parts:
        stack.up.wait()
        if kind == "power":
            time.sleep(1)
            make_a_day_pass(stack.settings.home / "prefect" / "prefect.db")
        stack.start()


def make_a_day_pass(database: Path) -> None:
    """What was to run soon was to run a day ago."""
    with sqlite3.connect(database) as store:
        for column in ("expected_start_time", "next_scheduled_start_time"):
            store.execute(
                f"UPDATE flow_run SET {column} = strftime('%Y-%m-%d %H:%M:%f000', {column}, '-1 day') "  # noqa: S608 -- our own names
                "WHERE state_type = 'SCHEDULED'"
            )


def scenario(stack: Stack, site: Site, kind: str) -> bool:
    """One kill; prints a line. Whether an ingest completed in time."""
    victim = run_in_progress(stack, site)
    known = {row["run_id"] for row in stack.ledger()}
    begun = time.monotonic()
    kill(stack, kind)
    done = lambda: [r for r in stack.ledger() if r["run_id"] not in known and r["status"] in ("completed", "degraded")]  # noqa: E731 -- a question
    wait_for("completed ingest", done)
    completed = time.monotonic() - begun
    settled = lambda: stack.ask("health") is True and not [r for r in stack.runs(*ALIVE) if r["id"] == victim]  # noqa: E731 -- the same
    wait_for(f"end of {victim} in the engine", settled)
    state = stack.ask(f"flow_runs/{victim}")
    closed = next((r["status"] for r in stack.ledger() if r["engine_run_id"] == victim), "no row")
    late = [r for r in stack.runs("SCHEDULED") if r["state_name"] == "Late"]
    print(
        f"{kind:11s} ingest completed after {completed:5.0f} s; killed run: {closed} in runs, {state['state_name']} in "
        f"the UI after {time.monotonic() - begun:.0f} s; late runs: {len(late)}; load {os.getloadavg()[0]:.0f}",
        flush=True,
    )
    return completed <= LIMIT


def main() -> None:
    """Prints a line for each kind of kill."""
    chosen = sys.argv[1:] or KINDS
    with tempfile.TemporaryDirectory() as folder:
        site = Site()
        stack = Stack(Path(folder), site)
        begun = time.monotonic()
        stack.start()
        try:
            wait_for("first ingest", stack.ledger)
            print(f"start       first ingest completed after {time.monotonic() - begun:.0f} s", flush=True)
            in_time = [scenario(stack, site, kind) for kind in chosen]
            wait_for("idle worker", lambda: not stack.runs(*ALIVE))
            print(f"end         all ended {stack.stop():.0f} s after SIGTERM; {len(stack.pids())} processes left")
        finally:
            stack.up.kill()
            for line in stack.log.read_text().splitlines():
                print("   up:", line)
    sys.exit(not all(in_time))


if __name__ == "__main__":
    main()
