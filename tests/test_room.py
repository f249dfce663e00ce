"""A full disk: nothing is begun on it, and one that fills up meanwhile is named in a line that says what to do."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builders import NOW

from technews import room
from technews.backups import back_up
from technews.room import LEAST, NoRoom, demand_room, lack_of_room_named
from technews.settings import read_settings

# In a home on a disk of 48 MiB, of which 40 are taken while a run is at work.
FILLED_UP = """
import os, sys
from pathlib import Path
from technews.ledger import opened
from technews.room import NoRoom
from technews.settings import read_settings

settings = read_settings({}, Path(sys.argv[1]))
with opened(settings, "ingest") as ledger:
    ledger.finish("completed")
    ledger.publish()
ballast = settings.home / "ballast"
try:
    with opened(settings, "ingest") as ledger:
        ballast.write_bytes(bytes(40 << 20))
        ledger.store.query("CREATE TABLE ledger.large AS SELECT hash(i) AS h, hash(-i) AS g FROM range(2000000) r(i)")
except NoRoom as error:
    print(error)
ballast.unlink()
with opened(settings, "ingest") as ledger:
    ledger.finish("completed")
    print(*(status for (status,) in ledger.store.query("SELECT status FROM ledger.runs ORDER BY started_at")[1]))
    ledger.publish()
"""


@pytest.mark.parametrize("command", [["run"], ["up"], ["maintain"], ["retry", "--outcome", "gone"]], ids=" ".join)
def test_nothing_is_begun_on_a_full_disk(technews, home_copy, monkeypatch, command):
    """One line with what is free and what is needed, exit code 1; what is there stays as it was."""
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 1 << 40, 5 << 20))
    before = {path: path.stat().st_mtime_ns for path in home_copy.rglob("*")}
    answer = technews(*command, "--home", home_copy)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        f"technews: the disk of {home_copy} is full: 5 MiB free, 32 MiB needed; "
        "make room and run again, nothing that was written is lost\n"
    )
    assert {path: path.stat().st_mtime_ns for path in home_copy.rglob("*")} == before


def test_a_home_that_is_not_there_yet_has_the_room_of_its_disk(tmp_path):
    """The nearest folder that is there tells."""
    demand_room(tmp_path / "not" / "yet")
    with pytest.raises(NoRoom):
        demand_room(tmp_path / "not" / "yet", shutil.disk_usage(tmp_path).total + 1)


def test_a_file_system_that_tells_no_size_is_not_full(tmp_path, monkeypatch):
    """What cannot be written there says so itself."""
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 0))
    demand_room(tmp_path)


def raised_by(*errors: Exception) -> None:
    """Raises the first for the reason of the others."""
    if errors[1:]:
        try:
            raised_by(*errors[1:])
        except Exception as cause:
            raise errors[0] from cause
    raise errors[0]


@pytest.mark.parametrize(
    ("errors", "full"),
    [
        ([OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))], True),
        ([OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))], True),
        ([RuntimeError(f'Could not write file "x.wal": {os.strerror(errno.ENOSPC)}')], True),
        ([ValueError("the step failed"), KeyError("a"), OSError(errno.ENOSPC, "x")], True),
        ([OSError(errno.EACCES, os.strerror(errno.EACCES))], False),
        ([ValueError("the step failed"), KeyError("a")], False),
    ],
    ids=["system", "quota", "database", "cause of a cause", "another of the system", "others"],
)
def test_only_what_a_full_disk_raised_is_called_so(tmp_path, errors, full):
    """Whoever raised it, and however often it was raised on; everything else stays what it is."""
    with pytest.raises(NoRoom if full else type(errors[0])), lack_of_room_named(tmp_path):
        raised_by(*errors)


def test_the_disk_that_is_full_is_named(tmp_path, monkeypatch):
    """By the file that could not be written, not by the home, which may lie on another disk with room."""
    backups, home = tmp_path / "backups", tmp_path / "home"
    for error in (
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/from", None, str(backups / "b.duckdb")),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(backups / "b.duckdb")),
        RuntimeError(f'Could not write file "{backups}/b.duckdb": {os.strerror(errno.ENOSPC)}'),
    ):
        with pytest.raises(NoRoom, match=f"^the disk of {backups} is full: "), lack_of_room_named(home):
            raise error
    with pytest.raises(NoRoom, match=f"^a disk is full, not that of {home}: perhaps of "), lack_of_room_named(home):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 1 << 40, 2 << 20))
    with pytest.raises(NoRoom, match=f"^the disk of {home} is full: 2 MiB free"), lack_of_room_named(home):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_nothing_is_replaced_on_a_full_disk(home_copy, technews, monkeypatch):
    """A restore that has no room is refused before it touches the state, a backup before it writes; no half file stays."""
    settings = read_settings({}, home_copy)
    before = {
        path: path.stat().st_mtime_ns for path in home_copy.rglob("*") if path.name not in ("run.line", "run.lock")
    }
    state = settings.state_file.read_bytes()
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 1 << 40, LEAST))
    answer = technews("restore", settings.warehouse.resolve(), "--home", home_copy)
    assert (answer.code, answer.out) == (1, "")
    assert f"the disk of {home_copy} is full: 32 MiB free, " in answer.err
    assert settings.state_file.read_bytes() == state
    assert {path: path.stat().st_mtime_ns for path in before} == before
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 1 << 40, 1 << 20))
    with pytest.raises(NoRoom, match=f"the disk of {settings.backups} is full"):
        back_up(settings, NOW)
    assert not settings.backups.exists() or not list(settings.backups.iterdir())


def test_what_fails_with_no_room_left_failed_for_that(tmp_path, monkeypatch):
    """The engine's server says nothing of a disk where its own files have no room."""
    free = iter([1000, 1000])
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 1 << 40, next(free)))
    with pytest.raises(NoRoom, match="0 MiB free"), lack_of_room_named(tmp_path):
        raise ValueError("Server error 500")


def test_a_disk_that_fills_up_ends_the_run_and_the_next_goes_on(tmp_path):
    """On a real disk: the run that met it cannot even write that it failed; the next closes it, once there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = f"mount -t tmpfs -o size=48m tmpfs {disk}"
    own = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]
    if not shutil.which("unshare") or subprocess.run([*own, mounted], capture_output=True, check=False).returncode:
        pytest.skip("no disk of one's own can be mounted here")
    python = f"exec {sys.executable} - {disk / 'home'}"
    done = subprocess.run(
        [*own, f"{mounted}; {python}"], input=FILLED_UP, cwd=Path(room.__file__).parent.parent,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    refusal, runs = done.stdout.splitlines()
    assert refusal == (
        f"the disk of {disk / 'home' / 'state'} is full: 0 MiB free; "
        "make room and run again, nothing that was written is lost"
    )
    assert runs == "completed crashed completed"
