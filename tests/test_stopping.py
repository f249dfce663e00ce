"""Ctrl-C on a terminal, which goes to every process of a command: the engine's own server and the workers as well."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import COMMAND
from kept_pages import OLD, off_topic, warc

from flows.backfill import backfill
from technews.settings import read_settings
from technews.warehouse import Warehouse

PAGES = 900
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

    def group(self) -> dict[int, str]:
        """The living processes of its session, and what they were started as."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.getsid(int(path.name)) == self.process.pid and (words := (path / "cmdline").read_text()):
                    found[int(path.name)] = words
        return found

    def interrupt(self) -> None:
        """Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self) -> tuple[int, float]:
        """Its exit code and the seconds that it took to end; nothing of it is left then."""
        begun = time.monotonic()
        code, seconds = self.process.wait(60), time.monotonic() - begun
        wait_until(lambda: not self.group())
        return code, seconds


def wait_until(so: Callable[[], object]) -> None:
    """Raises TimeoutError where that is not so within two minutes, which a busy machine may need for the engine."""
    deadline = time.monotonic() + 120
    while not so():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


@pytest.fixture
def command(environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Command]:
    """A backfill that has just been started, in a home where no server is found."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        environment.setenv("TECHNEWS_SERVER_PORT", str(probe.getsockname()[1]))
    command = Command(tmp_path)
    yield command
    with suppress(ProcessLookupError):
        os.killpg(command.process.pid, signal.SIGKILL)


def test_ctrl_c_in_the_midst_of_pages_ends_a_command_at_once(command: Command) -> None:
    """Exit 130 and one line; the run is closed as cancelled, nothing is left, and the next backfill goes on behind it."""
    wait_until(lambda: "clean: " in command.said)
    command.interrupt()
    code, seconds = command.ended()
    assert code == 130, command.said
    assert command.said.endswith(SAID)
    assert "Traceback" not in command.said
    assert seconds < 10  # 2 s on an idle machine; it was over 60
    with Warehouse(read_settings().state_file) as state:
        (run,) = state.query("SELECT flow, status FROM runs")[1]
    assert run == ("backfill", "cancelled")
    assert backfill.fn([command.source]).ok
    with Warehouse(read_settings().state_file) as state:
        assert state.query("SELECT count(*) FROM entries")[1] == [(PAGES,)]


def test_ctrl_c_before_the_first_page_ends_a_command_at_once(command: Command) -> None:
    """While the engine's own server starts."""
    wait_until(lambda: any("uvicorn" in words for words in command.group().values()))
    command.interrupt()
    code, seconds = command.ended()
    assert (code, command.said.endswith(SAID)) == (130, True), command.said
    assert "Traceback" not in command.said
    assert seconds < 10


def test_a_second_ctrl_c_waits_for_nothing(command: Command) -> None:
    """The process ends where it stands; its server and its workers end by themselves."""
    wait_until(lambda: any("uvicorn" in words for words in command.group().values()))
    command.interrupt()
    command.interrupt()
    time.sleep(0.05)
    command.interrupt()
    code, seconds = command.ended()
    assert code in (-signal.SIGINT, 130)  # where it had ended by the first already
    assert seconds < 5
    assert "Traceback" not in command.said
