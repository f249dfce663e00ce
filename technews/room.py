"""Room on the disk: where none is left nothing is begun, and a disk that fills up meanwhile is named as what it is."""

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LEAST: Final = 32 << 20  # bytes: what a run writes before it publishes, and what the engine keeps of it
_NONE: Final = 1 << 20  # less than this is left by whoever failed for want of room
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_WORDS: Final = tuple(map(os.strerror, _FULL))


class NoRoom(Exception):  # noqa: N818 -- an answer, not a fault
    """The disk is full; the message is one line that says what to do."""

    def __init__(self, home: Path, needed: int) -> None:
        """`needed` bytes for what was to be done."""
        super().__init__(
            f"the disk of {home} is full: {_free(home) >> 20} MiB free, {needed >> 20} MiB needed; "
            "make room and run again, nothing that was written is lost"
        )


def demand_room(home: Path, needed: int = LEAST) -> None:
    """Raises NoRoom where the disk of `home`, which need not be there yet, has not so many bytes left."""
    if _free(home) < needed:
        raise NoRoom(home, needed)


@contextmanager
def lack_of_room_named(home: Path) -> Iterator[None]:
    """Raises NoRoom in place of whatever the block raises for want of room."""
    try:
        yield
    except NoRoom:
        raise
    except Exception as error:
        if _says_full(error) or _free(home) < _NONE:
            raise NoRoom(home, LEAST) from error
        raise


def _free(home: Path) -> int:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    usage = shutil.disk_usage(there)
    return usage.free if usage.total else sys.maxsize  # some file systems tell no size


def _says_full(error: BaseException | None) -> bool:
    """Whether the system said so: to us, or to DuckDB, which passes on the words alone."""
    while error:
        if getattr(error, "errno", None) in _FULL or any(words in str(error) for words in _WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
