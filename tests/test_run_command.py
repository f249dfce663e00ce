"""`technews run`: who may run, and how it ends. No engine starts here."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from conftest import GOOD_FEED, Answer, assert_refused, fingerprint

from technews.cli import _stopped_in_one_line
from technews.ledger import opened
from technews.runlock import run_lock
from technews.settings import read_settings
from technews.warehouse import Warehouse

Technews = Callable[..., Answer]


def test_a_second_ingest_ends_at_once(command: Technews, home_copy: Path) -> None:
    """While an ingest holds the lock another ends with 3, says who holds it, and changes nothing: no engine starts."""
    with run_lock(home_copy / "state" / "run.lock", "ingest", "20260302T100000Z-abc123"):
        before = fingerprint(home_copy)
        begun = time.monotonic()
        answer = command("run", "--feeds", home_copy / "feeds.toml", "--home", home_copy)
        seconds = time.monotonic() - begun
        assert fingerprint(home_copy) == before
    assert_refused(answer, 3, "ingest run 20260302T100000Z-abc123", f"process {os.getpid()}", "nothing was done")
    assert not (home_copy / "prefect").exists()
    assert seconds < 5  # on a busy machine; the engine alone takes longer


@pytest.fixture
def signals() -> Iterator[None]:
    """All that a stop changes in this process, which mostly ends then, is put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    yield
    logging.disable(logging.NOTSET)
    logging.raiseExceptions = True
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_a_stop_that_is_passed_over_comes_once_more() -> None:
    """Whatever is raised in a `__del__`, Python passes over; the run would go on, and say nothing any more."""

    class Meddler:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)

    def go_on() -> None:
        with _stopped_in_one_line():
            Meddler()
            went_on.append(True)
            time.sleep(5)

    def look() -> None:
        with _stopped_in_one_line() as listen:
            Meddler()
            listen()

    went_on: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        go_on()
    assert went_on
    with pytest.raises(KeyboardInterrupt):
        look()


@pytest.mark.usefixtures("signals")
def test_an_end_signal_stops_a_run_as_ctrl_c_does(
    technews: Technews, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asked to end, a run cleans up behind itself (else the engine's server would live on) and says what is left."""
    flow = ModuleType("flows.ingest")
    ends = SimpleNamespace(with_options=lambda **_: lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    flow.ingest = ends  # type: ignore[attr-defined]
    environment.setitem(sys.modules, "flows.ingest", flow)
    environment.setattr("technews.own_server.prepare_engine", lambda *_: True)
    (tmp_path / "feeds.toml").write_text(GOOD_FEED, encoding="utf-8")
    answer = technews("run", "--feeds", tmp_path / "feeds.toml")
    assert_refused(answer, 130, "stopped; what was not done stays pending")


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGINT), (130, "stopped; what was not done stays pending")),
        (lambda: None, (1, "cancelled in the UI")),
    ],
)
def test_a_stop_that_the_engine_was_told_is_told_from_another(
    technews: Technews,
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
    stop: Callable[[], None],
    said: tuple[int, str],
) -> None:
    """The flow ends as cancelled then, too, and the command as it does after Ctrl-C."""

    def ends(*_: object, **__: object) -> SimpleNamespace:
        with suppress(KeyboardInterrupt):
            stop()
            time.sleep(0.01)
        return SimpleNamespace(is_cancelled=lambda: True, message="cancelled in the UI")

    flow = ModuleType("flows.ingest")
    flow.ingest = SimpleNamespace(with_options=lambda **_: ends)  # type: ignore[attr-defined]
    environment.setitem(sys.modules, "flows.ingest", flow)
    environment.setattr("technews.own_server.prepare_engine", lambda *_: True)
    (tmp_path / "feeds.toml").write_text(GOOD_FEED, encoding="utf-8")
    assert_refused(technews("run", "--feeds", tmp_path / "feeds.toml"), *said)


# A command whose run is done, in the moment in which it ends its own server.
CLOSING = """
import os, sys
from collections import defaultdict
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

from technews import cli, own_server
from technews.ledger import RunReport

@contextmanager
def prepared(*_):
    yield SimpleNamespace(wait=lambda: None, lost=False, needed=True)
    os.kill(os.getpid(), number)

report = RunReport(defaultdict(int, status="completed", reconciled=True, run_id="r1"))
done = SimpleNamespace(is_cancelled=lambda: False, result=lambda **_: report)
flow = sys.modules["flows.ingest"] = ModuleType("flows.ingest")
flow.ingest = SimpleNamespace(with_options=lambda **_: lambda *_, **__: done)
own_server.engine_prepared = prepared
number, sys.argv[1:] = int(sys.argv[1]), ["run", "--json", "--feeds", sys.argv[2]]
cli.main()
"""


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_behind_the_end_of_a_run_changes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Nothing is pending: the command ends its server in the seconds that this takes, and then as the run did."""
    (tmp_path / "feeds.toml").write_text(GOOD_FEED, encoding="utf-8")
    words = [sys.executable, "-c", CLOSING, str(int(number)), tmp_path / "feeds.toml"]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["run_id"]) == (0, "r1")
    assert done.stderr.count(b"\n") == 1  # that the engine starts


@pytest.mark.usefixtures("signals", "environment")
def test_a_stop_in_the_midst_of_a_query_is_no_failure() -> None:
    """DuckDB makes a RuntimeError of it; the run is closed as cancelled, and the stop goes on as one."""
    settings = read_settings()

    def ask() -> None:
        with _stopped_in_one_line(), opened(settings, "maintain") as ledger:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            ledger.store.query("SELECT count(*) FROM range(200000) a, range(200000) b WHERE a.range * b.range % 7 = 1")

    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt) as raised:
        ask()
    assert raised.traceback[-1].name == "stop"
    with Warehouse(settings.state_file) as state:
        assert state.query("SELECT status, message FROM runs")[1] == [
            ("cancelled", "KeyboardInterrupt: Query interrupted")
        ]


def test_a_server_that_is_named_and_not_there_is_said(
    command: Technews, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With its address and what to do; the engine's own error says neither. No engine of our own is spoken of."""
    (tmp_path / "feeds.toml").write_text(GOOD_FEED, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        server = f"http://127.0.0.1:{nobody.getsockname()[1]}/api"
    environment.setenv("PREFECT_API_URL", server)
    answer = command("run", "--feeds", tmp_path / "feeds.toml")
    assert_refused(answer, 2, f"no Prefect server answers at {server}", "start it, or correct or unset PREFECT_API_URL")
