"""Everything that one process has started, however deep: found by a mark in the environment, and ended whole.

A mark is inherited by whatever is started with it, sessions and groups of their own included, so nothing slips out as
it does from a process group. Read from /proc; on a system without it only direct children can be ended.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

MARK: Final = "MARK_OF_TECHNEWS"
_PROC: Final = Path("/proc")


def marked(mark: str) -> list[int]:
    """The living processes that carry the mark, but for this one."""
    wanted = f"{MARK}={mark}".encode()
    return [pid for pid in _processes() if pid != os.getpid() and wanted in _environment(pid).split(b"\0")]


def end_marked(mark: str, *, grace: float) -> int:
    """Ends every process that carries the mark: asks by SIGTERM, kills after `grace` seconds; returns how many."""
    ended = set(marked(mark))
    _signal_all(ended, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while (left := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    while left:  # what was started while the others ended is found at the next look
        _signal_all(left, signal.SIGKILL)
        ended.update(left)
        time.sleep(0.05)
        left = marked(mark)
    return len(ended)


@contextmanager
def nothing_left_behind(mark: str, *, grace: float = 10, keep_open: tuple[int, ...] = ()) -> Iterator[None]:
    """While the block runs, a watcher waits for the end of this process and then ends what carries the mark.

    The watcher carries no mark itself, has a session of its own, and learns of our end from a pipe that only we hold,
    so it acts also where this process is killed by SIGKILL. `keep_open`: descriptors that stay open with the watcher.
    """
    reader, writer = os.pipe()
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    watcher = subprocess.Popen(  # noqa: S603 -- this module itself
        [sys.executable, "-m", "technews.process_tree", mark, str(grace)],
        stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        pass_fds=keep_open, env=environment, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    os.close(reader)
    try:
        yield
    finally:
        os.close(writer)
        watcher.wait()


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """What this thread starts in the block never hears Ctrl-C, which a terminal sends to all processes of a command.

    A process inherits the signals that are blocked in the thread which starts it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def called_apart(call: Callable[[], T]) -> T:
    """Waits for the call in a thread of its own: Ctrl-C is raised here at once, and never in the midst of the call.

    A process that is being started would be left half fed by it.
    """
    answer = Future[T]()

    def work() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 -- raised where it is waited for
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return answer.result()


def _processes() -> list[int]:
    return [int(path.name) for path in _PROC.iterdir() if path.name.isdigit()] if _PROC.exists() else []


def _environment(pid: int) -> bytes:
    """What the process was started with; nothing of one that has ended, is a zombie, or is another user's."""
    try:
        return (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return b""


def _signal_all(pids: set[int] | list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:  # it has ended meanwhile
            continue


def _watch(mark: str, grace: float) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # whoever ends us all means the others
    sys.stdin.buffer.read()  # returns when nobody holds the pipe any more
    end_marked(mark, grace=grace)


if __name__ == "__main__":
    _watch(sys.argv[1], float(sys.argv[2]))
