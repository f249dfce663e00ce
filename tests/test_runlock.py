"""One writer at a time, by a lock that the kernel frees."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from technews.runlock import Held, holder, run_lock, waiting

HOLD = """
import sys, time
from pathlib import Path
from technews.runlock import run_lock
with run_lock(Path(sys.argv[1]), "ingest", "run-1"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock."""
    path = tmp_path / "state" / "run.lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield path, process
    process.kill()
    process.wait()


def test_the_second_is_told_who_holds_it(other):
    """It ends at once, with a line for a person."""
    path, process = other
    with (
        pytest.raises(Held, match=f"ingest run run-1 .process {process.pid}") as held,
        run_lock(path, "ingest", "run-2"),
    ):
        pass
    assert held.value.flow == "ingest"
    assert holder(path).flow == "ingest"


def test_kill_9_frees_it_and_leaves_the_name(other):
    """The kernel frees the lock; the text left in it names the dead run."""
    path, process = other
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert holder(path) is None
    assert json.loads(path.read_text())["run_id"] == "run-1"
    with run_lock(path, "ingest", "run-2"):
        assert json.loads(path.read_text())["run_id"] == "run-2"


def test_a_clean_end_empties_it(tmp_path):
    """So that nobody is taken for dead who is not."""
    path = tmp_path / "run.lock"
    with run_lock(path, "ingest", "run-1"):
        pass
    assert path.read_text() == ""
    assert holder(path) is None


def test_an_error_in_the_block_leaves_the_name(tmp_path):
    """A run that raised did not end cleanly."""
    path = tmp_path / "run.lock"
    with pytest.raises(ZeroDivisionError), run_lock(path, "ingest", "run-1"):
        raise ZeroDivisionError
    assert "run-1" in path.read_text()


def test_waiting_gets_it_when_the_holder_goes(other):
    """Short commands wait, and are asked each time whether to go on."""
    path, process = other
    asked = []

    def wait(held: Held) -> bool:
        asked.append(held.flow)
        process.kill()
        process.wait()
        return True

    begun = time.monotonic()
    with run_lock(path, "release", "run-2", wait=wait):
        pass
    assert asked == ["ingest"]
    assert time.monotonic() - begun < 5


def test_who_waits_says_for_whom_once():
    """In a sentence, as whoever is turned away is told why in one."""
    said: list[str] = []
    held = Held("ingest run r1 (process 7, since noon)", "ingest", "r1")
    wait = waiting(said.append)
    assert wait(held)
    assert wait(held)
    assert said == ["waiting for ingest run r1 (process 7, since noon), which holds the run lock"]
    assert str(held) == "ingest run r1 (process 7, since noon) holds the run lock"
