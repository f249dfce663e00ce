"""Compaction: the state file written anew without the holes that updates and deletes leave; the old one is replaced.

The new file is complete, counted against the old and on disk before one rename puts it in place.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from technews.room import demand_room
from technews.settings import Settings
from technews.warehouse import Warehouse, WarehouseError


@dataclass(frozen=True, slots=True)
class Compacted:
    """The size of the state file before and after, in bytes."""

    before: int
    after: int

    def __str__(self) -> str:
        """In words, as the run's message."""
        return f"state file {self.before / (1 << 20):.1f} MiB before compaction, {self.after / (1 << 20):.1f} MiB after"


def compact(settings: Settings) -> Compacted:
    """Compacts the state file. The caller holds the run lock and has no connection to it open.

    Raises NoRoom where the disk has none for a second copy, WarehouseError where it does not hold what the file does.
    """
    before = settings.state_file.stat().st_size
    demand_room(settings.home, 2 * before)
    temporary = settings.state_file.with_name(".compacting.duckdb")
    discard(temporary)
    with discarded_on_failure(temporary):
        with Warehouse(settings.state_file) as state:
            state.checkpoint()
            wanted = state.table_sizes()
            state.copy_into(temporary)
        with Warehouse(temporary) as copy:
            copy.checkpoint()
            if copy.table_sizes() != wanted:
                raise WarehouseError(f"{temporary} does not hold all of {settings.state_file}: it was not put in place")
        put_in_place(temporary, settings.state_file)
    return Compacted(before, settings.state_file.stat().st_size)


def put_in_place(new: Path, old: Path) -> None:
    """Replaces a closed database file by another that is closed, in one rename that outlives a power cut."""
    for path, flags in ((new, os.O_RDONLY), (new.parent, os.O_RDONLY)):
        descriptor = os.open(path, flags)
        os.fsync(descriptor)
        os.close(descriptor)
    new.replace(old)
    descriptor = os.open(old.parent, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


@contextmanager
def discarded_on_failure(path: Path) -> Iterator[None]:
    """A half-made file goes where the block raises: on a full disk it would take the room that is left."""
    try:
        yield
    except BaseException:
        discard(path)
        raise


def discard(path: Path) -> None:
    """Removes a database file that is no longer wanted, and its log."""
    path.unlink(missing_ok=True)
    Path(f"{path}.wal").unlink(missing_ok=True)
