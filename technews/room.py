"""Room on the disk: where none is left nothing is begun, and a disk that fills up meanwhile is named as what it is."""

import errno
import os
import re
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
_PATH: Final = re.compile(r'"(/[^"]+)"')
_CURE: Final = "make room and run again, nothing that was written is lost"


class NoRoom(Exception):  # noqa: N818 -- an answer, not a fault
    """The disk is full; the message is one line that says what to do."""


def demand_room(folder: Path, needed: int = LEAST) -> None:
    """Raises NoRoom where the disk of `folder`, which need not be there yet, has not so many bytes left."""
    if (free := _free(folder)) < needed:
        raise NoRoom(f"the disk of {folder} is full: {free >> 20} MiB free, {needed >> 20} MiB needed; {_CURE}")


@contextmanager
def lack_of_room_named(home: Path) -> Iterator[None]:
    """Raises NoRoom in place of whatever the block raises for want of room."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, NoRoom) and is_for_want_of_room(error, home):
            raise NoRoom(_in_words(error, home)) from error
        raise


def is_for_want_of_room(error: BaseException, home: Path) -> bool:
    """Whether somebody said that a disk is full, or that of `home` has nothing left: its other users say less."""
    return isinstance(error, NoRoom) or any(map(_says_full, _chain(error))) or _free(home) < _NONE


def _in_words(error: BaseException, home: Path) -> str:
    folder = _folder_of(error) or home
    free = _free(folder)
    if folder == home and free >= LEAST:
        return f"a disk is full, not that of {home}: perhaps of TECHNEWS_BACKUPS, PREFECT_HOME, TMPDIR; {_CURE}"
    return f"the disk of {folder} is full: {free >> 20} MiB free; {_CURE}"


def _folder_of(error: BaseException) -> Path | None:
    """Where the file lies that could not be written, if anybody names it; DuckDB passes the system's words on."""
    said = next(filter(_says_full, _chain(error)), None)
    name = getattr(said, "filename2", None) or getattr(said, "filename", None)
    if name is None and (quoted := _PATH.search(str(said))):
        name = quoted[1]
    return Path(name).parent if name else None


def _free(folder: Path) -> int:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    usage = shutil.disk_usage(there)
    return usage.free if usage.total else sys.maxsize  # some file systems tell no size


def _says_full(error: BaseException) -> bool:
    """Whether the system said so: to us, or to DuckDB, which passes on the words alone."""
    return getattr(error, "errno", None) in _FULL or any(words in str(error) for words in _WORDS)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
