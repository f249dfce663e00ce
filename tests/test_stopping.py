"""Ctrl-C on a terminal goes to every process of a command, the workers as well; the signal of `timeout` does, too."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import COMMAND
from kept_pages import OLD, off_topic, warc

from flows.backfill import backfill
from technews.engine_settings import prepare_engine
from technews.own_server import own_server
from technews.settings import read_settings
from technews.warehouse import Warehouse

PAGES = 500
SAID = "technews: stopped; what was not done stays pending for the next run\n"


class Command:
    """A backfill without a server, started as a shell starts it: in a group of processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.records = [(f"https://a.example/{n}", off_topic(str(n)), OLD + timedelta(hours=n)) for n in range(PAGES)]
        self.source = warc(folder / "pages.warc.gz", self.records)
        self.says = folder / "said.txt"
        with self.says.open("wb") as says:
            arguments = [COMMAND, "backfill", self.source]
            self.process = subprocess.Popen(arguments, stderr=says, stdout=says, start_new_session=True)

    @property
    def said(self) -> str:
        """What it has written so far."""
        return self.says.read_text(encoding="utf-8")

    def living(self) -> dict[int, str]:
        """All living processes of its home, and what they were started as: its server has a session of its own."""
        found, home = {}, f"TECHNEWS_HOME={read_settings().home}".encode()
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if home in (path / "environ").read_bytes().split(b"\0"):
                    found[int(path.name)] = (path / "cmdline").read_text()
        return found

    def has_server(self) -> bool:
        """Whether its server has been started."""
        return any("server\0start" in words for words in self.living().values())

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Ctrl-C, or what `timeout` sends."""
        os.killpg(self.process.pid, number)

    def ended(self) -> tuple[int, float]:
        """Its exit code and the seconds that it took to end; nothing of it is left then."""
        begun = time.monotonic()
        code, seconds = self.process.wait(60), time.monotonic() - begun
        wait_until(lambda: not self.living())
        return code, seconds


def wait_until(so: Callable[[], object]) -> None:
    """Raises TimeoutError where that is not so within two minutes, which a busy machine may need for the engine."""
    deadline = time.monotonic() + 120
    while not so():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


@pytest.fixture(scope="module")
def engine_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a server was before: a new database of the engine takes it longer than all else."""
    home = tmp_path_factory.mktemp("engine")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    settings = replace(read_settings(), home=home)
    prepare_engine(settings, environ, find_server=False)
    with own_server(settings, environ) as server:
        server.wait()
    return home / "prefect"


@pytest.fixture
def command(environment: pytest.MonkeyPatch, tmp_path: Path, engine_home: Path) -> Iterator[Command]:
    """A backfill that has just been started, in a home where no server is found."""
    shutil.copytree(engine_home, read_settings().home / "prefect")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        environment.setenv("TECHNEWS_SERVER_PORT", str(probe.getsockname()[1]))
    command = Command(tmp_path)
    yield command
    with suppress(ProcessLookupError):
        os.killpg(command.process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(Command.interrupt, id="Ctrl-C"),
        pytest.param(lambda command: command.interrupt(signal.SIGTERM), id="SIGTERM to all"),
    ],
)
def test_a_signal_in_the_midst_of_pages_ends_a_command_at_once(
    command: Command, stop: Callable[[Command], None]
) -> None:
    """Exit 130 and one line; the run is closed as cancelled, nothing is left, and the next backfill goes on behind it."""
    wait_until(lambda: "clean: " in command.said)
    stop(command)
    code, seconds = command.ended()
    assert code == 130, command.said
    assert command.said.endswith(SAID)
    assert not {"Traceback", "ERROR"} & set(command.said.split()), command.said
    assert seconds < 10  # 2 s on an idle machine; it was over 60
    with Warehouse(read_settings().state_file) as state:
        (run,) = state.query("SELECT flow, status FROM runs")[1]
    assert run == ("backfill", "cancelled")
    assert backfill.fn([command.source]).ok
    with Warehouse(read_settings().state_file) as state:
        assert state.query("SELECT count(*) FROM entries")[1] == [(PAGES,)]


def test_ctrl_c_before_the_first_page_ends_a_command_at_once(command: Command) -> None:
    """While the engine's own server starts."""
    wait_until(command.has_server)
    command.interrupt()
    code, seconds = command.ended()
    assert (code, command.said.endswith(SAID)) == (130, True), command.said
    assert "Traceback" not in command.said
    assert seconds < 10


def test_a_second_ctrl_c_waits_for_nothing(command: Command) -> None:
    """The process ends where it stands; its server and its workers end by themselves."""
    wait_until(command.has_server)
    command.interrupt()
    command.interrupt()
    time.sleep(0.05)
    command.interrupt()
    code, seconds = command.ended()
    assert code in (-signal.SIGINT, 130)  # where it had ended by the first already
    assert seconds < 5
    assert "Traceback" not in command.said
