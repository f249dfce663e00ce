"""Prefect's server for one command that finds none: started beside it, in a session of its own, and ended with it."""

import fcntl
import logging
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from technews.engine_settings import AT_OUR_PATH, PREFECT, api_url, prepare_engine, server_answers, server_turn
from technews.process_tree import MARK, nothing_left_behind
from technews.settings import Settings, UsageError

_PATIENCE: Final = 120.0  # seconds that the server may take to start, on a slow machine too
_GRACE: Final = 10.0  # seconds that it gets to write down what it still holds
_AGAIN: Final = 5.0  # seconds until what has been stopped, and asks for its server in vain, is stopped again
_UNREACHED: Final = "Failed to reach API at"  # how the engine begins when its server is not reached
# It keeps the records of one run; plans and watches over others are the business of the server of `technews up`.
_NOT_ITS_BUSINESS: Final = {
    f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
    for service in (
        "SCHEDULER", "LATE_RUNS", "FOREMAN", "PAUSE_EXPIRATIONS", "CANCELLATION_CLEANUP", "REPOSSESSOR",
        "CLEANUP_RECONCILER", "TRIGGERS",
    )
}  # fmt: skip


class ServerEnded(Exception):  # noqa: N818 -- named for what happened
    """It ended before its time."""


class ServerLost(KeyboardInterrupt):
    """Not the user stops what needs the server, but its end."""


@dataclass(slots=True)
class OwnServer:
    """A server that has been started and may not answer yet."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    turn: BinaryIO  # closed once it has answered, which lets another start
    needed: bool = True
    lost: bool = False  # ended though it was needed

    def wait(self) -> None:
        """Waits until it answers. Raises ServerEnded where it ended before, or takes too long.

        From then on its end stops the main thread as Ctrl-C does.
        """
        deadline = time.monotonic() + _PATIENCE
        while not server_answers(self.port):
            if self.process.poll() is not None:
                raise ServerEnded(f"Prefect's server ended before it answered: {self.log} says why")
            if time.monotonic() > deadline:
                raise ServerEnded(f"Prefect's server does not answer after {_PATIENCE:.0f} s: {self.log} may say why")
            time.sleep(0.05)
        self.turn.close()
        threading.Thread(target=self._stop_without_it, daemon=True).start()

    def _stop_without_it(self) -> None:
        """The engine asks for a server that is gone for minutes, at each step and once more to say that it stopped."""
        main = threading.main_thread().ident
        self.process.wait()
        while main and self.needed:
            self.lost = True
            signal.pthread_kill(main, signal.SIGINT)
            time.sleep(_AGAIN)

    def end(self) -> None:
        """Asks it to end; kills it where it does not, or has nothing to write down: it never answered."""
        self.needed = False
        if self.turn.closed:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_GRACE)
        self.process.kill()  # while it makes its database it hears no end signal
        self.process.wait()


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
    """Starts a server and tells the engine of it; it ends with the block.

    Where this process ends without leaving the block, a watcher ends it. Raises ServerEnded where it ended before its
    time, UsageError where nothing can be written.

    It starts while the caller imports the engine, and whoever then uses the engine waits for it first.
    """
    mark = f"run-{os.getpid()}-{secrets.token_hex(4)}"
    with server_turn(environ) as turn, nothing_left_behind(mark):
        fcntl.flock(turn, fcntl.LOCK_EX)
        settings = replace(settings, server_port=_free_port())
        environ["PREFECT_API_URL"] = api_url(settings)
        environment = {**environ, **_NOT_ITS_BUSINESS, **AT_OUR_PATH, MARK: mark}
        server = _start(settings, environment, turn)
        try:
            yield server
        except KeyboardInterrupt:
            if server.lost:
                raise ServerEnded(
                    f"Prefect's server ended in the midst: {server.log} may say why; what was not done stays pending"
                ) from None
            raise
        finally:
            if not server.lost:
                _send_logs()  # while it still lives: else the engine tries at exit, and writes that it cannot
            server.end()


def _start(settings: Settings, environment: Mapping[str, str], turn: BinaryIO) -> OwnServer:
    """In a session of its own it hears neither Ctrl-C nor an end signal to all processes of the command.

    Did it end by them, the engine would ask for it in vain for more than a minute before it lets the run end.
    """
    log, port = settings.home / "logs" / "own-server.log", settings.server_port
    address = ["--host", "127.0.0.1", "--port", str(port)]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)  # the server of another command may still write into its own
        says = log.open("xb")
    except OSError as error:
        raise UsageError(f"{log} cannot be written: {error.strerror}; make room, or name another home") from None
    with says:
        process = subprocess.Popen(  # noqa: S603 -- our own words
            [PREFECT, "server", "start", *address, "--no-ui", "--log-level", "WARNING"],
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
