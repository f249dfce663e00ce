"""kill -9 anywhere: after the next run the warehouse is what it would have been."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crash_harness import POINTS
from web_site import ON_TOPIC, Site, feeds_toml

TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def endings(tmp_path_factory):
    """What every point of death led to, from one harness."""
    folder = tmp_path_factory.mktemp("crashes")
    with Site() as site:
        pages = [site.on_topic("one"), site.on_topic("two"), site.off_topic("three"), site.base + "/missing"]
        long = site.article(
            "/long",
            "Apple, Alibaba and AI in China, live",
            *ON_TOPIC,
            *[f"Then question {n} of the day. " * 300 for n in range(65)],
        )
        feeds = {"a": site.feed("/a", *pages, long), "b": site.feed("/b", pages[0], site.off_topic("four"))}
        (folder / "feeds.toml").write_text(feeds_toml(**feeds))
        environment = {
            **os.environ,
            "TECHNEWS_ALLOW_HOSTS": site.host,
            "TECHNEWS_HOST_PAUSE": "0",
            "PYTHONPATH": str(TESTS.parent),
        }
        done = subprocess.run(
            [sys.executable, str(TESTS / "crash_harness.py"), str(folder)],
            capture_output=True, text=True, env=environment, timeout=400, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return {ending["point"]: ending for ending in map(json.loads, done.stdout.splitlines())}


def test_the_undisturbed_run_shows_every_kind(endings):
    """What the others are compared with holds something to lose."""
    ending = endings["undisturbed"]
    assert ending["mended"] == 0
    sizes = {table: len(rows) for table, rows in ending["state"].items()}
    assert (sizes["articles"], sizes["entries"], sizes["quarantine"], sizes["decisions"]) == (2, 7, 1, 4)


@pytest.mark.parametrize("point", POINTS)
def test_the_next_run_makes_it_as_if_nothing_had_happened(endings, point):
    """The same warehouse row for row but for times and run ids; the dead run is closed as crashed; nothing lies about."""
    ending = endings[point]
    assert ending["ended"] == -9, "it was to be killed there"
    assert ending["mended"] == 0
    for table, rows in endings["undisturbed"]["state"].items():
        assert ending["state"][table] == rows, table
    assert ending["left"] == []
    statuses = [status for status, _ in ending["runs"]]
    if point == "before open":
        assert statuses == ["completed"]
    elif point.startswith(("after close", "publish")):
        assert statuses == ["completed", "completed"]
    else:
        assert statuses == ["crashed", "completed"]
    assert all(reconciled for _, reconciled in ending["runs"])


HANG = """
import sys, time
from pathlib import Path
from technews.records import *
from technews.runlock import run_lock
from technews.workers import Cleaners
sys.path.insert(0, sys.argv[2])
from builders import entry, NOW
if __name__ == "__main__":
    with run_lock(Path(sys.argv[1]), "ingest", "run-1"), Cleaners() as cleaners:
        page = Page(entry(), "https://wire.example/e1", b"<html><body><p>" + b"word " * 400 + b"</p></body></html>", "text/html", NOW)
        cleaners.extract_all([page] * 8)
        import multiprocessing
        print(*[child.pid for child in multiprocessing.active_children()], flush=True)
        time.sleep(60)
"""


def test_killing_the_parent_alone_frees_the_lock_and_ends_its_workers(tmp_path):
    """Workers hold nothing that the next run needs, and do not outlive their parent for long."""
    from technews.runlock import holder

    script = tmp_path / "hang.py"
    script.write_text(HANG)
    lock = tmp_path / "run.lock"
    parent = subprocess.Popen(
        [sys.executable, str(script), str(lock), str(TESTS)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
    )  # fmt: skip
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert workers
    assert holder(lock)
    parent.kill()
    parent.wait()
    assert holder(lock) is None, "the lock is free while the workers may still live"
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
