"""Publishing: analysts read a numbered, read-only copy, and a symlink is moved to the newest one.

The copy is taken from the closed file after a checkpoint, so it holds every committed row; the link moves by one
rename, so a reader sees the old file or the new one, whole. What a killed publisher leaves the next one clears away.
"""

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from technews.compaction import discarded_on_failure
from technews.room import demand_room
from technews.settings import Settings
from technews.warehouse import Warehouse, WarehouseError

KEEP: Final = 3
_SUFFIX: Final = ".duckdb"


def published_number(settings: Settings) -> int | None:
    """The commit number of the copy that readers get; None where nothing was published."""
    try:
        target = settings.warehouse.readlink()
    except OSError:
        return None
    return int(target.stem) if target.stem.isdigit() and settings.warehouse.exists() else None


def lost_state(settings: Settings) -> Path | None:
    """The newest file that gives a lost state back: a published one, else a backup in the home; None: it is not lost.

    Backups that lie elsewhere show nothing: they may be those of another home.
    """
    if settings.state_file.exists() and settings.state_file.stat().st_size:  # DuckDB makes a new one of an empty file
        return None
    copies = _copies(settings.published)
    backups = settings.backups.glob("technews-*.duckdb") if settings.backups.is_relative_to(settings.home) else ()
    return copies[max(copies)] if copies else max(backups, default=None)


def demand_state(settings: Settings) -> None:
    """Raises WarehouseError where the state file is lost: an empty one in its place would be published over all."""
    if there := lost_state(settings):
        raise WarehouseError(
            f"{settings.state_file} is lost: `technews restore {there}` brings it back, or name an empty home"
        )


def publish(
    state: Warehouse, settings: Settings, now: datetime, at_step: Callable[[str], None] = lambda _: None
) -> Path | None:
    """Publishes the state file if readers do not have its last commit yet; returns the new copy, or None.

    The caller holds the run lock, and this is its only connection to the file; it is closed meanwhile, since copying a
    file that the same process has open would free DuckDB's lock on it, and open again only where publishing failed.
    `at_step` is told each step's name (`copy`, `copied`, `named`, `swapped`), for watching. Raises WarehouseError where
    the copy is not what was written.
    """
    settings.published.mkdir(parents=True, exist_ok=True)
    served = published_number(settings)
    _clear_leftovers(settings, served)
    number = state.commit_number
    if number == served:
        return None
    state.run("load/mark_copied", now=now)
    state.checkpoint()
    state.close()
    try:
        return _published(settings, number, at_step)
    except BaseException:
        state.open()
        raise


def _published(settings: Settings, number: int, at_step: Callable[[str], None]) -> Path:
    at_step("copy")
    temporary = settings.published / f".{number}.copying"
    demand_room(settings.home, settings.state_file.stat().st_size)
    target = settings.published / f"{number}{_SUFFIX}"
    with discarded_on_failure(temporary):
        _copy(settings.state_file, temporary)
        at_step("copied")
        with Warehouse(temporary, read_only=True) as copy:
            if copy.commit_number != number:
                raise WarehouseError(f"the copy of {settings.state_file} is not whole: check the disk and run again")
        temporary.rename(target)
    _sync_folder(settings.published)
    at_step("named")
    link = settings.home / ".warehouse.link"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(settings.published.name) / target.name)
    link.replace(settings.warehouse)
    _sync_folder(settings.home)
    at_step("swapped")
    _drop_old(settings, number)
    return target


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o444)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copies(folder: Path) -> dict[int, Path]:
    return {int(path.stem): path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit()}


def _clear_leftovers(settings: Settings, served: int | None) -> None:
    """Temporary files, and copies above the one that is served: complete perhaps, but no reader ever had them."""
    for path in settings.published.glob(".*.copying*"):
        path.unlink(missing_ok=True)
    for number, path in _copies(settings.published).items():
        if served is None or number > served:
            _unlink(path)


def _drop_old(settings: Settings, newest: int) -> None:
    copies = _copies(settings.published)
    for number in sorted(copies)[:-KEEP]:
        if number != newest:
            _unlink(copies[number])


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
    Path(f"{path}.wal").unlink(missing_ok=True)  # left by someone who opened the copy to write


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
