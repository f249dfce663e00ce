"""Publishing: readers have the old file or the new one, whole, and never stop a writer."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from technews import publication
from technews.publication import KEEP, published_number
from technews.settings import Settings, read_settings
from technews.warehouse import Warehouse

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, empty_state: Path) -> Settings:
    """A home with a migrated state file."""
    settings = replace(read_settings({}), home=tmp_path)
    settings.state_file.parent.mkdir()
    shutil.copy(empty_state, settings.state_file)
    return settings


def publish(settings: Settings, now: datetime, at_step: Callable[[str], None] = lambda _: None) -> Path | None:
    """Publishes as a run does, from its open connection."""
    with Warehouse(settings.state_file) as state:
        return publication.publish(state, settings, now, at_step)


def commit(settings: Settings, run_id: str) -> None:
    """One more row in the state file."""
    with Warehouse(settings.state_file) as state, state.transaction():
        state.run("load/open_run", run_id=run_id, flow="test", engine_run_id=None, started_at=NOW)


def runs(path: Path) -> list[str]:
    """What a reader sees."""
    with duckdb.connect(str(path), read_only=True) as reader:
        return [row[0] for row in reader.execute("SELECT run_id FROM runs ORDER BY run_id").fetchall()]


def test_readers_get_every_commit(settings):
    """The link leads to a copy that holds everything committed, the write-ahead log included."""
    commit(settings, "r1")
    path = publish(settings, NOW)
    assert settings.warehouse.resolve() == path
    assert runs(settings.warehouse) == ["r1"]
    assert published_number(settings) == int(path.stem)


def test_nothing_new_publishes_nothing(settings):
    """The same commit is not copied twice."""
    commit(settings, "r1")
    assert publish(settings, NOW)
    assert publish(settings, NOW) is None


def test_the_newest_copies_stay(settings):
    """Readers of the last ones keep their file; older ones go."""
    for number in range(6):
        commit(settings, f"r{number}")
        publish(settings, NOW)
    numbers = sorted(int(path.stem) for path in settings.published.glob("*.duckdb"))
    assert len(numbers) == KEEP
    assert numbers[-1] == published_number(settings)


def test_an_open_session_neither_stops_a_run_nor_changes_its_answers(settings):
    """An analyst keeps what they had; a new session sees the new rows."""
    commit(settings, "r1")
    publish(settings, NOW)
    with duckdb.connect(str(settings.warehouse), read_only=True) as session:
        for number in range(2, 7):
            commit(settings, f"r{number}")
            assert publish(settings, NOW)
        assert session.execute("SELECT count(*) FROM runs").fetchone() == (1,)
    assert len(runs(settings.warehouse)) == 6


def test_a_session_that_writes_harms_no_later_version(settings):
    """The copies are read-only; whoever writes all the same (a superuser) changes that copy alone."""
    commit(settings, "r1")
    first = publish(settings, NOW)
    assert first.stat().st_mode & 0o222 == 0
    # In a process of its own, killed in mid-session, so that its write-ahead log stays beside the copy.
    code = (
        "import duckdb, os, sys\n"
        "try:\n"
        "    c = duckdb.connect(sys.argv[1])\n"
        "except duckdb.Error as error:\n"
        "    print('refused', error)\n"
        "    os._exit(0)\n"
        "c.execute(\"UPDATE ledger.runs SET flow = 'changed by hand'\")\n"
        "print('changed')\n"
        "sys.stdout.flush()\n"
        "os._exit(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.warehouse)], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(("refused", "changed")), done.stderr
    commit(settings, "r2")
    publish(settings, NOW)
    with duckdb.connect(str(settings.warehouse), read_only=True) as reader:
        assert reader.execute("SELECT DISTINCT flow FROM runs").fetchall() == [("test",)]


class Killed(BaseException):
    """Stands for the end of the process at this step."""


@pytest.mark.parametrize("step", ["copy", "copied", "named", "swapped"])
def test_an_end_at_any_step_is_mended_by_the_next(settings, step):
    """Readers have a whole file all the time, and nothing is left lying about."""
    commit(settings, "r1")
    publish(settings, NOW)
    commit(settings, "r2")

    def die(at: str) -> None:
        if at == step:
            raise Killed

    with pytest.raises(Killed):
        publish(settings, NOW, die)
    assert runs(settings.warehouse) in (["r1"], ["r1", "r2"])
    publish(settings, NOW)
    assert runs(settings.warehouse) == ["r1", "r2"]
    assert list(settings.published.glob(".*")) == []
    assert len(list(settings.published.glob("*.duckdb"))) == 2


def test_publishing_that_failed_is_tried_again(settings):
    """The state is open again after a failure, so that the step's next try finds what it needs."""
    commit(settings, "r1")

    def fail(at: str) -> None:
        if at == "copied":
            raise OSError("no space left on device")

    with Warehouse(settings.state_file) as state:
        with pytest.raises(OSError, match="no space"):
            publication.publish(state, settings, NOW, fail)
        assert publication.publish(state, settings, NOW)
    assert runs(settings.warehouse) == ["r1"]


def test_a_temporary_file_of_a_killed_copy_goes(settings):
    """Half a copy is never served."""
    commit(settings, "r1")
    settings.published.mkdir()
    (settings.published / ".7.copying").write_bytes(b"half")
    (settings.published / "900.duckdb").write_bytes(b"complete perhaps, but never served")
    publish(settings, NOW)
    assert [path.name for path in settings.published.iterdir()] == [settings.warehouse.readlink().name]
