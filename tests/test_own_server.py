"""The server that a command starts where it finds none; how it ends with the command: tests/test_stopping.py."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

import technews.own_server
from technews.engine_settings import AT_OUR_PATH, prepare_engine, server_answers, server_turn
from technews.own_server import _NOT_ITS_BUSINESS, OwnServer, ServerEnded, _start, own_server
from technews.settings import UsageError, read_settings


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """As a command is: what a shell starts in the background ignores Ctrl-C, these tests too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def environ(environment: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment that is prepared for the engine."""
    environ = dict(os.environ)
    prepare_engine(read_settings(), environ, find_server=False)
    return environ


def test_a_server_that_cannot_start_is_said(environ: dict[str, str]) -> None:
    """At once, and where it says why."""
    (Path(environ["PREFECT_HOME"]) / "prefect.db").write_bytes(b"this is no database" * 1000)
    log = read_settings().home / "logs" / "own-server.log"
    with (
        pytest.raises(ServerEnded, match=f"ended before it answered: {log} says why"),
        own_server(read_settings(), environ) as server,
    ):
        server.wait()
    assert "file is not a database" in log.read_text()


def test_a_server_that_is_not_needed_any_more_ends_at_once(environ: dict[str, str]) -> None:
    """Though it hears no end signal while it makes its database; and the engine was told of this one alone."""
    with own_server(read_settings(), environ) as server:
        pass
    assert server.process.returncode == -9
    assert not server_answers(server.port)
    assert environ["PREFECT_API_URL"] == f"http://127.0.0.1:{server.port}/api"


def test_what_the_server_is_told_is_known_to_the_engine() -> None:
    """It passes over a variable that it does not know."""
    from prefect.settings import Settings

    told = _NOT_ITS_BUSINESS | AT_OUR_PATH
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        known = Settings().to_environment_variables()
    assert {name: known.get(name, "").lower() for name in told} == told


def test_of_two_commands_at_once_the_second_waits(environ: dict[str, str]) -> None:
    """Until the first one's server answers: in a new home both would make the engine's database."""
    log = read_settings().home / "logs" / "own-server.log"

    def start() -> int:
        with own_server(read_settings(), environ) as server:
            return server.process.pid

    with ThreadPoolExecutor(1) as pool:
        with server_turn(environ) as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            second = pool.submit(start)
            time.sleep(0.5)
            assert not log.exists()
        assert second.result(20)
    assert log.exists()


def prepared(**given: str) -> dict[str, str]:
    """What is made of an environment."""
    prepare_engine(read_settings(), given, find_server=False)
    return given


@pytest.mark.usefixtures("environment")
def test_what_is_set_and_empty_is_not_set() -> None:
    """As a file of variables may leave it."""
    made = prepared(PREFECT_HOME="", PREFECT_API_URL="")
    assert (made["PREFECT_HOME"], "PREFECT_API_URL" in made) == (str(read_settings().home / "prefect"), False)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, ("127.0.0.1,localhost", "127.0.0.1,localhost")),
        ({"NO_PROXY": "a.example"}, ("a.example,127.0.0.1,localhost", "a.example,127.0.0.1,localhost")),
        ({"no_proxy": "localhost, b.example"}, ("localhost,b.example,127.0.0.1", "localhost,b.example,127.0.0.1")),
        ({"NO_PROXY": "*", "no_proxy": "*"}, ("*", "*")),
    ],
)
def test_a_server_on_this_machine_is_reached_past_a_proxy(given: dict[str, str], made: tuple[str, str]) -> None:
    """What goes past it already does so still; a server that the user names is his to reach."""
    environ = prepared(**given)
    assert (environ["NO_PROXY"], environ["no_proxy"]) == made
    named = prepared(**given, PREFECT_API_URL="http://192.0.2.1:4200/api")
    assert {name: named.get(name) for name in given} == given


@pytest.mark.usefixtures("environment")
def test_a_server_that_asks_for_a_password_is_told_it() -> None:
    """The variable for the server is not the one for who uses it."""
    assert prepared(PREFECT_SERVER_API_AUTH_STRING="ann:secret")["PREFECT_API_AUTH_STRING"] == "ann:secret"


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("up_says", "found"), [("4711 {}", True), ("", False), ("4711 0", False), ("4711", False), ("\0 {}", False)]
)
def test_the_server_of_up_is_found_on_whatever_port_it_is(up_says: str, found: bool) -> None:
    """The shell of a command need not have the variables of `technews up`; one that was killed has left its port."""

    def answer() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\ntrue")

    settings, environ = replace(read_settings(), server_port=1), dict[str, str]()
    settings.up_lock_file.parent.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        settings.up_lock_file.write_text(up_says.format(port))
        Thread(target=answer, daemon=True).start()
        assert prepare_engine(settings, environ) is found
        listening.shutdown(socket.SHUT_RDWR)
    assert environ.get("PREFECT_API_URL") == (f"http://127.0.0.1:{port}/api" if found else None)
    assert not prepare_engine(settings, {}), "it answers no more"


@pytest.mark.usefixtures("environment")
def test_a_home_that_cannot_be_written_is_said() -> None:
    """With what to do, before anything is started."""
    with pytest.raises(
        UsageError, match=r"PREFECT_HOME=/proc cannot be written: .*; make room, or name another folder"
    ):
        server_turn({"PREFECT_HOME": "/proc"})
    read_settings().home.mkdir(parents=True)
    (read_settings().home / "logs").write_bytes(b"no folder")
    with pytest.raises(UsageError, match=r"own-server.log cannot be written: .*name another home"):
        _start(read_settings(), {}, BytesIO())


class StandIn:
    """A program in the place of a server that answers already."""

    def __init__(self, folder: Path, words: str = "import time; time.sleep(60)") -> None:
        turn = (folder / "turn").open("wb")
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
            process = subprocess.Popen([sys.executable, "-c", words], start_new_session=True)
            self.server = OwnServer(process, listener.getsockname()[1], folder / "log", turn)
            answered = pool.submit(self._answer, listener)
            self.server.wait()
            answered.result()

    @staticmethod
    def _answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\ntrue")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param("import time; time.sleep(60)", -signal.SIGTERM, id="asked"),
        pytest.param(
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)",
            -signal.SIGKILL,
            id="deaf",
        ),
    ],
)
def test_a_server_ends_without_its_watcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, code: int
) -> None:
    """Whoever started it ends it: a command whose watcher was killed would wait for it for good."""
    monkeypatch.setattr(technews.own_server, "_GRACE", 0.5)
    server = StandIn(tmp_path, words).server
    if code == -signal.SIGKILL:
        time.sleep(0.3)  # until it is deaf
    server.end()
    assert (server.process.returncode, server.lost) == (code, False)


def test_the_end_of_a_server_that_is_needed_stops_what_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Ctrl-C does, and once more where that is passed over: the engine would ask for it for minutes."""
    monkeypatch.setattr(technews.own_server, "_AGAIN", 0.1)
    server = StandIn(tmp_path).server

    def ask() -> None:
        with suppress(KeyboardInterrupt):
            server.process.kill()
            time.sleep(5)
        asked_again.append(True)
        time.sleep(5)

    asked_again: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        ask()
    server.end()
    assert (server.lost, asked_again) == (True, [True])


def test_a_server_that_was_lost_is_said(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line that names its log; a stop by the user stays one."""
    monkeypatch.setattr(technews.own_server, "_start", lambda *_: StandIn(tmp_path).server)

    def run(what: Callable[[OwnServer], None]) -> None:
        with own_server(read_settings(), environ) as server:
            what(server)
            time.sleep(5)

    with pytest.raises(ServerEnded, match=r"ended in the midst: .*log may say why"):
        run(lambda server: server.process.kill())
    with pytest.raises(KeyboardInterrupt):
        run(lambda _: os.kill(os.getpid(), signal.SIGINT))
