"""The supervisor: what dies is started again after a pause, a taken port and a second one are refused."""

import fcntl
import os
import shutil
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from technews import up
from technews.engine_settings import server_answers, server_turn, service_environment
from technews.settings import UsageError, read_settings
from technews.up import Part, pause_after, stay_up


@pytest.fixture
def settings(tmp_path):
    """Settings of a fresh home, with a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return read_settings({"TECHNEWS_HOME": str(tmp_path / "home"), "TECHNEWS_SERVER_PORT": str(port)})


def test_pauses_grow_to_a_minute():
    """1, 2, 4 … 60 seconds after deaths in a row."""
    assert [pause_after(deaths) for deaths in (1, 2, 3, 6, 7, 50)] == [1, 2, 4, 32, 60, 60]


@pytest.mark.parametrize(
    ("code", "once", "said", "done"),
    [
        ("raise SystemExit(3)", False, "part ended with code 3; again in 1 s", False),
        ("import os; os.kill(os.getpid(), 9)", False, "part was killed by SIGKILL; again in 1 s", False),
        ("", True, "", True),
        ("raise SystemExit(1)", True, "part ended with code 1; again in 1 s", False),
    ],
)
def test_an_end_is_said_and_counted(tmp_path, code, once, said, done):
    """How it ended, when it starts again, where its log is; what is done once is not started again after a good end."""
    part = Part("part", [sys.executable, "-c", code], tmp_path / "part.log", once=once)
    assert part.note_end(0) is None
    part.start(os.environ, 100.0)
    part.process.wait()
    words = part.note_end(101.0)
    assert words.startswith(said)
    assert (part.done, part.runs) == (done, False)
    assert part.not_before == (102.0 if not done else 0.0)
    part.start(os.environ, 200.0)
    part.process.wait()
    part.note_end(200.0 + 61)  # after a steady minute a death is the first again
    assert part.deaths == (0 if done else 1)


def test_a_taken_port_is_said(settings):
    """With who has it, as far as that can be known, and what to do; nothing is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.server_port))
        other.listen()
        with pytest.raises(UsageError, match=f"port {settings.server_port} is taken by another program .*SERVER_PORT="):
            stay_up(settings, lambda _: None)
    assert not settings.up_lock_file.read_bytes(), "doctor and the commands look for a server on the port in there"


def test_a_second_one_for_the_same_home_is_refused(settings):
    """At once, with who has it: two servers on one database would harm each other."""
    said = []
    with up._only_one(settings, said.append):
        expected = f"runs with .*home already: process {os.getpid()}, shown at http://127.0.0.1:{settings.server_port};"
        with pytest.raises(UsageError, match=expected):
            stay_up(settings, said.append)
    assert not said


def test_the_watcher_of_a_killed_one_is_waited_for(settings, monkeypatch):
    """It holds the lock until nothing is left; that this never ends is said, and what to do."""
    looks = []
    monkeypatch.setattr(up.time, "sleep", looks.append)
    lock = settings.up_lock_file
    lock.parent.mkdir(parents=True)
    said = []
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match=r"left in .*home does not end: `technews doctor`"):
            stay_up(settings, said.append)
    assert (len(said), sum(looks)) == (1, 30)


def test_a_server_waits_for_that_of_a_command(settings, tmp_path):
    """Two that make the engine's database at once harm each other; the turn is held until the server answers."""
    supervisor = up.Up(settings, service_environment(settings, {}), lambda _: None)
    supervisor.server.command = [sys.executable, "-c", "import time; time.sleep(60)"]
    other = server_turn(supervisor.environment)
    fcntl.flock(other, fcntl.LOCK_EX)
    supervisor.look(0)
    assert not supervisor.server.runs
    other.close()
    supervisor.look(1)
    assert supervisor.server.runs
    with server_turn(supervisor.environment) as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    supervisor.server.process.kill()
    supervisor.server.process.wait()
    supervisor.look(2)
    with server_turn(supervisor.environment) as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_long_logs_begin_anew(tmp_path):
    """A log of more than 5 MiB becomes `.old`."""
    log = tmp_path / "part.log"
    log.write_bytes(b"x" * (6 << 20))
    Part("part", [sys.executable, "-c", "print('new')"], log).start(os.environ, 0)
    deadline = time.monotonic() + 20
    while log.read_bytes() != b"new\n":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert log.with_suffix(".log.old").stat().st_size == 6 << 20


def test_operators_variables_win(settings):
    """What the server does differently from its defaults may be set otherwise, as PostgreSQL is."""
    mine = {
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "3",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql://x",
    }
    made = service_environment(settings, mine)
    assert made.items() >= mine.items()
    assert made["PREFECT_HOME"] == str(settings.home / "prefect")
    assert made["PREFECT_API_URL"].endswith(f":{settings.server_port}/api")


def test_the_server_is_where_we_look_for_it(settings):
    """A variable that moves it would have `up` wait for it for good; set, it wins over the engine's profile, too."""
    made = service_environment(
        settings, {"PREFECT_SERVER_API_BASE_PATH": "/moved", "PREFECT_API_URL": "https://192.0.2.1/api"}
    )
    assert made["PREFECT_API_URL"] == f"http://127.0.0.1:{settings.server_port}{made['PREFECT_SERVER_API_BASE_PATH']}"


@pytest.mark.parametrize("path", ["/usr/bin", "", None], ids=["another first", "empty", "none"])
def test_runs_find_our_own_interpreter(settings, path):
    """`prefect.yaml` cannot know where it lies: `python` is ours in what the services start, whatever else there is."""
    made = service_environment(settings, {} if path is None else {"PATH": path})
    assert Path(shutil.which("python", path=made["PATH"]) or "").parent == Path(sys.executable).parent
    assert made["PATH"].split(os.pathsep)[1:] == ([path] if path else [])


@pytest.mark.parametrize("chunk", [b"x", b"x" * 4096], ids=["a byte now and then", "a flood"])
def test_a_program_that_never_ends_its_answer_is_no_server(chunk):
    """Whatever sits on our port, `up` and `doctor` wait for it but shortly."""
    over = threading.Event()

    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            while not over.wait(0.1 if len(chunk) == 1 else 0):
                connection.sendall(chunk)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        talking = threading.Thread(target=talk, args=[listener])
        talking.start()
        begun = time.monotonic()
        assert not server_answers(listener.getsockname()[1])
        assert time.monotonic() - begun < 4
        over.set()
        talking.join()


def test_end_signals_are_taken_note_of():
    """Ctrl-C in the middle of a start interrupts nothing; the handlers are those from before afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    with up._end_signals() as came:
        os.kill(os.getpid(), signal.SIGTERM)
        deadline = time.monotonic() + 5
        while not came:
            assert time.monotonic() < deadline
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_server_that_is_back_is_said(settings, monkeypatch):
    """Whoever saw that it was killed sees that it answers again; that it answers at first is no news."""
    monkeypatch.setattr(up, "server_answers", lambda _: True)
    said = []
    services = up.Up(settings, service_environment(settings, os.environ), said.append)
    services.server.command, services.prepare.command = ["sleep", "60"], ["true"]
    try:
        services.look(0)
        assert said == []
        services.server.process.kill()
        services.server.process.wait()
        services.look(1)
        services.look(3)
        services.look(4)
        assert [line.partition(";")[0] for line in said] == ["server was killed by SIGKILL", "the server answers again"]
    finally:
        services.end()
