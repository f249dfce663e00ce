"""Process trees: whatever was started is found by its mark and ended, however its parent ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from technews.process_tree import MARK, end_marked, marked

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="marks are read from /proc")

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
# A parent that starts a grandchild in a session of its own, as the engine's worker does with a flow.
PARENT = (
    "import os, subprocess, sys, time\n"
    "from technews.process_tree import MARK, nothing_left_behind\n"
    "with nothing_left_behind(sys.argv[1], grace=1):\n"
    "    os.environ[MARK] = sys.argv[1]\n"
    "    code = 'import subprocess, sys; subprocess.run([sys.executable, \"-c\", sys.argv[1]], start_new_session=True)'\n"
    "    subprocess.Popen([sys.executable, '-c', code, 'import time; time.sleep(60)'])\n"
    "    sys.stdin.read()\n"
)


def wait_until(question, seconds=20.0):
    """Waits for a true answer."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_that_ignores_the_end_signal_is_killed(tmp_path):
    """SIGTERM first, SIGKILL after the grace; processes without the mark are left alone."""
    mark = str(tmp_path)
    environment = {**os.environ, MARK: mark}
    stubborn = subprocess.Popen([sys.executable, "-c", STUBBORN], env=environment, stdout=subprocess.PIPE)
    other = subprocess.Popen([sys.executable, "-c", STUBBORN], env={**os.environ, MARK: f"{mark}-other"})
    wait_until(lambda: marked(mark) and marked(f"{mark}-other"))
    stubborn.stdout.readline()  # from here on it ignores the signal
    assert end_marked(mark, grace=0.5) == 1
    assert stubborn.wait(5) == -signal.SIGKILL
    stubborn.stdout.close()
    assert other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_the_parent_is_killed(tmp_path, how):
    """A watcher in a session of its own ends children and grandchildren, in other sessions too."""
    mark = str(tmp_path)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, mark], stdin=subprocess.PIPE, start_new_session=True)
    wait_until(lambda: len(marked(mark)) == 2)
    os.killpg(parent.pid, how)  # the group, as a shell would
    parent.wait()
    wait_until(lambda: not marked(mark))


def test_nothing_is_left_after_a_good_end_either(tmp_path):
    """When the block is left, the watcher has done its work before the parent goes on."""
    mark = str(tmp_path)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, mark], stdin=subprocess.PIPE)
    wait_until(lambda: len(marked(mark)) == 2)
    parent.stdin.close()
    assert parent.wait(20) == 0
    assert marked(mark) == []
