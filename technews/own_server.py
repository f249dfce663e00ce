"""Prefect's server for one command that finds none: started beside it, in a session of its own, and ended with it."""

import fcntl
import logging
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from technews.engine_settings import api_url, prepare_engine, server_answers
from technews.process_tree import MARK, nothing_left_behind
from technews.settings import Settings, UsageError

_PATIENCE: Final = 120.0  # seconds that the server may take to start, on a slow machine too
_UNREACHED: Final = "Failed to reach API at"  # how the engine begins when its server is not reached
# It keeps the records of one run; plans and watches over others are the business of the server of `technews up`.
_NOT_ITS_BUSINESS: Final = {
    f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
    for service in (
        "SCHEDULER", "LATE_RUNS", "FOREMAN", "PAUSE_EXPIRATIONS", "CANCELLATION_CLEANUP", "REPOSSESSOR",
        "CLEANUP_RECONCILER",
    )
}  # fmt: skip


@dataclass(slots=True)
class OwnServer:
    """A server that has been started and may not answer yet."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    turn: BinaryIO  # closed once it has answered, which lets another start

    def wait(self) -> None:
        """Waits until it answers. Raises UsageError where it ended before, or takes too long."""
        deadline = time.monotonic() + _PATIENCE
        while not server_answers(self.port):
            if self.process.poll() is not None:
                raise UsageError(f"Prefect's server ended before it answered: {self.log} says why")
            if time.monotonic() > deadline:
                raise UsageError(f"Prefect's server does not answer after {_PATIENCE:.0f} s: {self.log} may say why")
            time.sleep(0.05)
        self.turn.close()


@contextmanager
def engine_prepared(settings: Settings, environ: MutableMapping[str, str]) -> Iterator[OwnServer | None]:
    """`prepare_engine` for one command; where no server is there, one is started and given.

    Raises UsageError where the one that the environment names is not reached.
    """
    if prepare_engine(settings, environ):
        with _reached():
            yield None
    else:
        with own_server(settings, environ) as server:
            yield server


@contextmanager
def own_server(settings: Settings, environ: MutableMapping[str, str]) -> Iterator[OwnServer]:
    """Starts a server and tells the engine of it; it ends with the block, and with this process however that ends.

    It starts while the caller imports the engine, and whoever then uses the engine waits for it first.
    """
    mark = f"run-{os.getpid()}-{secrets.token_hex(4)}"
    lock = Path(environ["PREFECT_HOME"]) / "own-server.lock"
    with nothing_left_behind(mark), lock.open("wb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # of two that make the database of a new home, one fails
        settings = replace(settings, server_port=_free_port())
        environ["PREFECT_API_URL"] = api_url(settings)
        server = _start(settings, {**environ, **_NOT_ITS_BUSINESS, MARK: mark}, turn)
        try:
            yield server
        finally:
            _send_logs()  # while the server still lives: else the engine tries at exit, and writes that it cannot
            if not turn.closed:  # it has nothing to write down, and hears no signal while it makes its database
                server.process.kill()
    server.process.wait()


def _start(settings: Settings, environment: Mapping[str, str], turn: BinaryIO) -> OwnServer:
    """In a session of its own it hears neither Ctrl-C nor an end signal to all processes of the command.

    Did it end by them, the engine would ask for it in vain for more than a minute before it lets the run end.
    """
    log, port = settings.home / "logs" / "own-server.log", settings.server_port
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)  # the server of another command may still write into its own
    prefect = str(Path(sys.executable).parent / "prefect")
    address = ["--host", "127.0.0.1", "--port", str(port)]
    with log.open("xb") as says:
        process = subprocess.Popen(  # noqa: S603 -- our own words
            [prefect, "server", "start", *address, "--no-ui", "--log-level", "WARNING"],
            stdin=subprocess.DEVNULL, stdout=says, stderr=says, env=environment, start_new_session=True,
        )  # fmt: skip
    return OwnServer(process, port, log, turn)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _reached() -> Iterator[None]:
    """Whatever address the engine was given, only trying it tells; of its own error this says what to do."""
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith(_UNREACHED):
            raise
        address = str(error).removeprefix(_UNREACHED).strip()
        raise UsageError(
            f"no Prefect server answers at {address}: start it, or correct or unset PREFECT_API_URL"
        ) from error


def _send_logs() -> None:
    """Lets every handler send what it holds back; the engine's own waits at most 5 s for the server."""
    loggers = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        handler.flush()
