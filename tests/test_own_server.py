"""The server that a command starts where it finds none; how it ends with the command: tests/test_stopping.py."""

import fcntl
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from technews.engine_settings import prepare_engine, server_answers
from technews.own_server import _NOT_ITS_BUSINESS, own_server
from technews.settings import UsageError, read_settings


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
        pytest.raises(UsageError, match=f"ended before it answered: {log} says why"),
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


def test_the_services_that_it_does_without_are_known_to_the_engine() -> None:
    """It passes over a variable that it does not know."""
    from prefect.settings import get_current_settings

    assert set(_NOT_ITS_BUSINESS) <= set(get_current_settings().to_environment_variables())


def test_of_two_commands_at_once_the_second_waits(environ: dict[str, str]) -> None:
    """Until the first one's server answers: in a new home both would make the engine's database."""
    log = read_settings().home / "logs" / "own-server.log"

    def start() -> int:
        with own_server(read_settings(), environ) as server:
            return server.process.pid

    with ThreadPoolExecutor(1) as pool:
        with (Path(environ["PREFECT_HOME"]) / "own-server.lock").open("wb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            second = pool.submit(start)
            time.sleep(0.5)
            assert not log.exists()
        assert second.result(20)
    assert log.exists()
