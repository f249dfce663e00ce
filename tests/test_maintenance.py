"""A night's maintenance, backups and the way back: nothing is lost, and nothing unsound replaces what is there."""

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from builders import NOW
from conftest import assert_refused

from technews import compaction, room
from technews.backups import KEEP, back_up, backups
from technews.ledger import opened
from technews.publication import published_number
from technews.room import NoRoom
from technews.settings import read_settings
from technews.warehouse import Warehouse


@pytest.fixture
def settings(home_copy: Path):
    """The settings of a filled home."""
    return read_settings({}, home_copy)


def count(file: Path, sql: str = "SELECT count(*) FROM articles"):
    """One value from a database file."""
    with Warehouse(file, read_only=True) as store:
        return store.query(sql)[1][0][0]


def test_maintenance_keeps_everything_and_backs_it_up(settings, environment):
    """Every table, view and macro is there after it; readers get the compacted file; a backup lies ready."""
    environment.setenv("TECHNEWS_HOME", str(settings.home))
    environment.setenv("PREFECT_HOME", str(settings.home))
    from flows.maintain import maintain

    with Warehouse(settings.state_file) as store:
        before = store.table_sizes()
        comments = store.query("SELECT count(*) FROM duckdb_columns() WHERE comment IS NOT NULL")[1]
    number = published_number(settings)
    report = maintain.fn()
    assert (report.row["flow"], report.row["status"], report.row["reconciled"]) == ("maintain", "completed", True)
    assert report.row["message"].startswith("state file ")
    assert published_number(settings) > number
    with Warehouse(settings.state_file) as store:
        after = store.table_sizes()
        assert store.query("SELECT count(*) FROM duckdb_columns() WHERE comment IS NOT NULL")[1] == comments
    assert after == before | {"ledger.runs": before["ledger.runs"] + 1}
    (backup,) = backups(settings)
    assert count(backup) == count(settings.warehouse)


def test_compaction_wants_room_for_a_second_copy(settings, monkeypatch):
    """On a nearly full disk nothing is begun, and the words say how much room is needed."""
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))
    before = settings.state_file.read_bytes()
    with pytest.raises(NoRoom, match=r"is full: 0 MiB free, \d+ MiB needed; make room"):
        compaction.compact(settings)
    assert settings.state_file.read_bytes() == before


def test_the_newest_backups_stay(settings):
    """Seven stay, by their time; what a killed backup left behind goes."""
    settings.backups.mkdir()
    (settings.backups / ".technews-half.duckdb").write_bytes(b"half")
    made = [back_up(settings, NOW + timedelta(days=day)) for day in range(KEEP + 2)]
    assert backups(settings) == made[2:]
    assert len(list(settings.backups.iterdir())) == KEEP


def test_a_drill_restore_brings_back_what_the_backup_holds(settings, technews):
    """The state of then is published under a higher number; the replaced state is kept; the next run goes on from it."""
    backup = back_up(settings, NOW)
    with opened(settings, "ingest") as ledger:
        ledger.store.query("DELETE FROM content.articles")
        ledger.finish("completed")
        ledger.publish()
    assert count(settings.warehouse) == 0
    number = published_number(settings)
    answer = technews("restore", backup, "--home", settings.home)
    assert (answer.code, answer.err) == (0, "")
    assert f"{backup.name} is restored and published" in answer.out
    assert re.search(
        rf"\): it was published \d[^,]* ago, with {count(backup)} articles in place of 0; what it", answer.out
    )
    assert count(settings.warehouse) == count(backup) > 0
    assert published_number(settings) > number
    (replaced,) = settings.state_file.parent.glob("replaced-*.duckdb")
    assert count(replaced) == 0
    assert count(settings.warehouse, "SELECT arg_max(flow, started_at) FROM runs") == "restore"
    with opened(settings, "ingest") as ledger:
        assert ledger.finish("completed").ok


@pytest.mark.parametrize("damage", [b"", b"no database", None], ids=["empty", "text", "missing"])
def test_a_damaged_or_missing_state_is_restored(settings, technews, damage):
    """Whatever became of the state, a log of the old file included, the backup takes its place."""
    backup = back_up(settings, NOW)
    Path(f"{settings.state_file}.wal").write_bytes(b"a log of the old file")
    if damage is None:
        settings.state_file.unlink()
    else:
        settings.state_file.write_bytes(damage)
    doctor = technews("doctor", "--home", settings.home)
    lost = not damage
    assert f"FAIL state: {settings.state_file} {'is lost' if lost else 'cannot be read'}" in doctor.out
    assert f"`technews restore {settings.warehouse.resolve() if lost else backup}`" in doctor.out
    restored = technews("restore", backup, "--home", settings.home)
    assert restored.code == 0
    assert "articles" in restored.out
    assert "in place of" not in restored.out  # nobody can tell
    assert count(settings.warehouse) == count(backup)


@pytest.mark.parametrize(
    ("command", "left"),
    [
        (["run"], "published"),
        (["run"], "backup"),
        (["maintain"], "backup"),
        (["retry", "--outcome", "gone"], "published"),
    ],
)
def test_nothing_is_begun_anew_over_what_is_left(settings, technews, command, left):
    """Without its state a home is not new: an empty one would be published, and backed up until no good one is left."""
    backup = back_up(settings, NOW)
    settings.state_file.unlink()
    if left == "backup":
        settings.warehouse.unlink()
        shutil.rmtree(settings.published)
    (there,) = [backup] if left == "backup" else settings.published.iterdir()
    refused = technews(*command, "--home", settings.home)
    assert (refused.code, refused.out) == (1, "")
    assert f"technews.duckdb is lost: `technews restore {there}` brings it back" in refused.err
    assert not settings.state_file.exists()
    articles = count(backup)
    assert technews("restore", there, "--home", settings.home).code == 0
    assert count(settings.warehouse) == articles
    with opened(settings, "ingest") as ledger:
        ledger.finish("completed")


def test_backups_elsewhere_make_no_home_lost(settings, tmp_path):
    """They may be another home's: a new home with the same folder of backups begins as any other."""
    elsewhere = replace(settings, backups=tmp_path / "backups")
    back_up(elsewhere, NOW)
    with opened(replace(elsewhere, home=tmp_path / "new"), "ingest") as ledger:
        ledger.finish("completed")


def test_a_lost_home_is_restored_elsewhere(settings, technews, tmp_path):
    """A backup is all that is needed: in a fresh home it gives state and published file."""
    backup = Path(shutil.copy(back_up(settings, NOW), tmp_path))
    fresh = tmp_path / "fresh"
    assert technews("restore", backup, "--home", fresh).code == 0
    assert count(fresh / "warehouse.duckdb") == count(backup)


def test_a_published_file_is_a_backup_too(settings, technews, tmp_path):
    """Where no backup is left, the file that readers have, or a copy of it, gives the state back."""
    copy = Path(shutil.copy(settings.warehouse, tmp_path / "copy.duckdb"))
    settings.state_file.unlink()
    for file in (settings.warehouse, copy):
        assert technews("restore", file, "--home", settings.home).code == 0
        assert count(settings.warehouse) == count(copy) > 0
        assert technews("doctor", "--home", settings.home).out.count("FAIL state") == 0


def test_what_is_no_sound_backup_is_refused(settings, technews, tmp_path):
    """Missing, cut off, of a newer version, or breaking a rule: said in one line, and nothing is touched."""
    backup = back_up(settings, NOW)
    before = settings.state_file.read_bytes()
    cut = tmp_path / "cut.duckdb"
    cut.write_bytes(backup.read_bytes()[:100_000])
    corrupt = tmp_path / "corrupt.duckdb"
    corrupt.write_bytes(backup.read_bytes()[:4096] + b"\xff" * 8192 + backup.read_bytes()[12288:])
    newer, broken = (Path(shutil.copy(backup, tmp_path / name)) for name in ("newer.duckdb", "broken.duckdb"))
    for path, sql in (
        (newer, "INSERT INTO ledger.migrations VALUES (9999, 'x', 'x', now())"),
        (broken, "INSERT INTO content.articles SELECT * FROM content.articles LIMIT 1"),
    ):
        path.chmod(0o644)
        with duckdb.connect(str(path)) as store:
            store.execute(sql)
    for path, words in (
        (tmp_path / "none.duckdb", "there is no such file"),
        (tmp_path, f"{tmp_path} is a folder"),
        ("", "FILE is empty"),
        (cut, "is no whole backup"),
        (corrupt, "is no whole backup: IO Error: Corrupt database file"),
        (newer, "upgrade technews first"),
        (broken, "breaks a rule"),
    ):
        assert_refused(technews("restore", path, "--home", settings.home), 2, words)
    assert settings.state_file.read_bytes() == before
