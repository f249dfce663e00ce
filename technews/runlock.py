"""One writer at a time, by a lock that the kernel frees when its holder dies, however it dies.

The lock file names its holder; a clean end empties it, so text left in a free lock names a dead run. Beside it, each
run that the engine knows gives a sign of life: a file that is locked as long as its process lives, waiting or at work.

Exceptions:

    Held            another process holds the lock; says who
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_log = logging.getLogger("technews")

NOTHING_DONE: Final = "nothing was done"  # how a run says that it was turned away


class Held(Exception):  # noqa: N818 -- named for the state that it reports
    """Another process holds the run lock."""

    def __init__(self, holder: str, flow: str | None, run_id: str | None = None) -> None:
        """`holder` names it for a person; `flow` is what the holder runs, and `run_id` its run, if it said so."""
        super().__init__(f"{holder} holds the run lock")
        self.holder, self.flow, self.run_id = holder, flow, run_id


@contextmanager
def run_lock(path: Path, flow: str, run_id: str, *, wait: Callable[[Held], bool] = lambda _: False) -> Iterator[None]:
    """Holds the lock while the block runs.

    Where another holds it, `wait` is asked with the holder every half second: True waits on, False raises Held. Who
    waits stands in line, so that a run that lets go of the lock and takes it again at once comes after it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # O_CLOEXEC (Python's default) keeps the lock out of programs that this process starts.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        line = os.open(path.with_suffix(".line"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            for each in (line, descriptor):
                _take(each, path, wait)
        finally:
            os.close(line)
        _write(descriptor, {"pid": os.getpid(), "flow": flow, "run_id": run_id, "since": _now()})
        yield
        os.ftruncate(descriptor, 0)  # only a clean end empties the file
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, wait: Callable[[Held], bool]) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held = _holder(path)
            if not wait(held):
                raise held from None
            time.sleep(0.5)
        else:
            return


def waiting(say: Callable[[str], None] = _log.info, *, but_for: str | None = None) -> Callable[[Held], bool]:
    """Waits for whoever holds the lock, but for runs of the flow `but_for`, and says once for whom."""
    said: set[str] = set()

    def wait(held: Held) -> bool:
        if but_for and held.flow == but_for:
            return False
        if held.holder not in said:
            said.add(held.holder)
            say(f"waiting for {held.holder}, which holds the run lock")
        return True

    return wait


def _holder(path: Path) -> Held:
    try:
        text = json.loads(path.read_text(encoding="utf-8"))
        who = f"{text['flow']} run {text['run_id']} (process {text['pid']}, since {text['since']})"
        return Held(who, text["flow"], text["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return Held(f"another process that has just begun ({path})", None)


def _write(descriptor: int, holder: dict[str, object]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder).encode(), 0)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def holder(path: Path) -> Held | None:
    """Who holds the lock at this moment; None if nobody does."""
    if not path.exists():
        return None
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(path)
    finally:
        os.close(descriptor)
    return None


_SIGNS: Final[dict[str, int]] = {}  # descriptors that stay open as long as this process lives


def give_sign_of_life(folder: Path, run_id: str) -> None:
    """Shows from now to the end of this process that the run of this id is alive."""
    if run_id not in _SIGNS:
        folder.mkdir(parents=True, exist_ok=True)
        _SIGNS[run_id] = os.open(folder / run_id, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(_SIGNS[run_id], fcntl.LOCK_EX)


def is_alive(folder: Path, run_id: str) -> bool | None:
    """Whether the process of that run lives; None where it never gave a sign of life."""
    try:
        with (folder / run_id).open("rb") as sign:
            fcntl.flock(sign, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def forget_signs(folder: Path) -> None:
    """Removes the signs of runs whose process has ended, once they are written off."""
    for sign in folder.glob("*"):
        if is_alive(folder, sign.name) is False:
            sign.unlink(missing_ok=True)
