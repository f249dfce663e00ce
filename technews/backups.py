"""Backups of the warehouse, and the way back: each is one whole file with the ledger, the articles and the views.

A backup is a copy of the published file, so it is taken without stopping anybody. Restoring keeps the replaced state
beside the new one, raises the commit number, so that readers get the restored file, and has everything checked first.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from technews import runlock
from technews.compaction import discard, discarded_on_failure, put_in_place
from technews.ledger import RunReport, new_run_id, opened
from technews.publication import published_number
from technews.room import LEAST, demand_room, lack_of_room_named
from technews.settings import Settings, UsageError
from technews.tables import counted
from technews.warehouse import Warehouse, WarehouseError, failing_rows, in_short, migrations

KEEP: Final = 7
_NAME: Final = "technews-{stamp}-{number}.duckdb"


def back_up(settings: Settings, now: datetime) -> Path | None:
    """Copies the published file into the folder of backups, verified; the seven newest stay. None: nothing to copy yet.

    Raises NoRoom where its disk has none, WarehouseError where the copy is not what was copied, OSError where the
    folder cannot be written.
    """
    number = published_number(settings)
    if number is None:
        return None
    settings.backups.mkdir(parents=True, exist_ok=True)
    target = settings.backups / _NAME.format(stamp=f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}", number=number)
    temporary = target.with_name(f".{target.name}")
    for leftover in settings.backups.glob(".technews-*"):
        leftover.unlink()
    demand_room(settings.backups, settings.warehouse.stat().st_size)
    with discarded_on_failure(temporary):
        shutil.copyfile(settings.warehouse, temporary)
        with Warehouse(temporary, read_only=True) as copy:
            if copy.commit_number != number:
                raise WarehouseError(f"{temporary} is not what was copied: check the disk that holds it")
        put_in_place(temporary, target)
    for old in backups(settings)[:-KEEP]:
        old.unlink()
    return target


def backups(settings: Settings) -> list[Path]:
    """The backups, the oldest first."""
    return sorted(settings.backups.glob("technews-*.duckdb"))


@dataclass(frozen=True, slots=True)
class Holding:
    """What a file of the warehouse holds: how many articles, and when it was copied (UTC; None: never published)."""

    articles: int
    copied_at: datetime | None


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored state: its run, what it was restored from, and what it replaced, with where that is now.

    Each is None where there was nothing, or nothing that can be read.
    """

    report: RunReport
    holding: Holding
    replaced: Path | None
    before: Holding | None

    def in_words(self) -> str:
        """How old it is, and how many articles it has against those of before."""
        words = "it has "
        if copied := self.holding.copied_at:
            age = max(self.report.row["started_at"] - copied, timedelta())
            words = f"it was published {timedelta(seconds=round(age.total_seconds()))} ago, with "
        before = f" in place of {self.before.articles:,}" if self.before else ""
        return words + counted(self.holding.articles, "article") + before


def restore(settings: Settings, file: Path, wait: Callable[[runlock.Held], bool]) -> Restored:
    """Puts a backup in the place of the state and publishes it.

    Raises UsageError where the file is no sound backup of this or an older version, NoRoom where the disk has none for
    it and its published copy; nothing is changed then.
    """
    holding = _demand_sound(file)
    with lack_of_room_named(settings.home):
        with runlock.run_lock(settings.lock_file, "restore", "restore", wait=wait):
            demand_room(settings.home, LEAST + 2 * file.stat().st_size)
            replaced = _put_back(settings, file)
        with opened(settings, "restore", wait=wait) as ledger:
            report = ledger.finish("completed", f"restored from {file.name}")
            if report.ok:
                ledger.publish()
    return Restored(report, holding, replaced, _holding_of(replaced) if replaced else None)


def _demand_sound(file: Path) -> Holding:
    if file.is_dir():
        raise UsageError(f"{file} is a folder; name one of the backups in it")
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file; name one of the backups")
    newest = max(migrations())
    try:
        with Warehouse(file, read_only=True) as backup:
            version = backup.rows("reports/freshness")[0]["schema_version"]
            holding = _holding(backup)
            # The rules are of this version, and so may ask for what an older file does not have yet.
            broken = failing_rows(backup, None) if version == newest else []
    except Exception as error:  # noqa: BLE001 -- a damaged file may fail in any way, and that is what is said
        raise UsageError(f"{file} is no whole backup: {in_short(error)}") from None
    if version > newest:
        raise UsageError(f"{file} is of a newer version (schema {version}): upgrade technews first")
    errors = [meaning for _, severity, meaning, _ in broken if severity == "error"]
    if errors:
        raise UsageError(f"{file} breaks a rule, so it is not restored: {errors[0]} Name another backup")
    return holding


def _holding(store: Warehouse) -> Holding:
    return Holding(**store.rows("reports/holding")[0])


def _holding_of(file: Path) -> Holding | None:
    try:
        with Warehouse(file, read_only=True) as replaced:
            return _holding(replaced)
    except Exception:  # noqa: BLE001 -- a damaged state is why somebody restores
        return None


def _put_back(settings: Settings, file: Path) -> Path | None:
    temporary = settings.state_file.with_name(".restoring.duckdb")
    discard(temporary)
    with discarded_on_failure(temporary):
        shutil.copyfile(file, temporary)
        temporary.chmod(0o644)
        with Warehouse(temporary) as restored:
            # Above all that was ever published: the same number never stands for two different states.
            restored.raise_commit_number(max(restored.commit_number, *_numbers(settings)))
            restored.checkpoint()
    there = settings.state_file.exists()
    replaced = settings.state_file.with_name(f"replaced-{new_run_id(datetime.now(UTC))}.duckdb")
    if there:
        os.link(settings.state_file, replaced)  # a link first: at no moment is there no state
    log = Path(f"{settings.state_file}.wal")
    if log.exists():
        log.rename(f"{replaced}.wal")  # else it would be read over the restored file
    put_in_place(temporary, settings.state_file)
    return replaced if there else None


def _numbers(settings: Settings) -> list[int]:
    """Commit numbers that were given out: of the present state, if it can be read, and of every copy."""
    numbers = [int(path.stem) for path in settings.published.glob("*.duckdb") if path.stem.isdigit()]
    try:
        with Warehouse(settings.state_file, read_only=True) as state:
            numbers.append(state.commit_number)
    except Exception:  # noqa: BLE001 -- a damaged or missing state is why somebody restores
        numbers.append(0)
    return numbers
