"""Environment for the workflow engine; it must stand before the engine is imported."""

import os
import re
import socket
import sys
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from technews.process_tree import MARK
from technews.settings import Settings, UsageError

PREFECT: Final = str(Path(sys.executable).with_name("prefect"))  # the command of our own environment
POOL: Final = "technews"
FLOWS: Final = ("ingest", "maintain", "backfill", "replay")

_LOOPBACK: Final = ("127.0.0.1", "localhost")
_HEALTH_BYTES: Final = 64 * 1024  # an answer of the engine has some hundreds

_QUIET: Final = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "technews",
}
# Where we look for a server that we start, however the operator's own variables or profile move it.
AT_OUR_PATH: Final = {"PREFECT_SERVER_API_BASE_PATH": "/api"}
# What our server does differently from the engine's own defaults; an operator's variables win.
_SERVER: Final = {
    # One run ahead for each deployment: after a day without power one is late, not seven side by side.
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT1M",
    # The server itself drops runs older than 30 days, with logs and artifacts, as it does with events of 7 days.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86_400),
}


def prepare_engine(settings: Settings, environ: MutableMapping[str, str], *, find_server: bool = True) -> bool:
    """Sets what the engine reads from its environment, except where the user has set it; whether a server is there.

    Its home lies under ours; telemetry is off; a server that answers on the port of this home's `technews up`, or else
    on ours, is used (unless `find_server` is False), so that runs show in its UI. Raises UsageError where its home
    cannot be made.
    """
    _make_engine_home(settings, environ)
    for name, value in _QUIET.items():
        environ.setdefault(name, value)
    environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "WARNING")  # the command shows its own lines
    if environ.get("PREFECT_API_URL"):
        return True
    environ.pop("PREFECT_API_URL", None)
    _reach_ours(environ)
    ports = dict.fromkeys(filter(None, (port_of_up(settings), settings.server_port))) if find_server else ()
    for port in filter(server_answers, ports):
        environ["PREFECT_API_URL"] = api_url(replace(settings, server_port=port))
        return True
    return False


def port_of_up(settings: Settings) -> int | None:
    """The port that `technews up` of this home was started with, also where it was killed; None after a clean end."""
    try:
        said = re.fullmatch(rb"\d+ (\d{1,5})", settings.up_lock_file.read_bytes())
    except OSError:
        return None
    return int(said[1]) if said else None


def service_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of server, worker and the runs that it starts; an operator's variables win, but for the address.

    All of them carry this home's mark, by which they are found and ended, and find our own interpreter as `python`.
    Raises UsageError as `prepare_engine`.
    """
    made = {**_QUIET, **_SERVER, **environ}
    _make_engine_home(settings, made)
    _reach_ours(made)
    made |= AT_OUR_PATH
    made |= {"PREFECT_API_URL": api_url(settings), "TECHNEWS_HOME": str(settings.home), MARK: str(settings.home)}
    made["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), *filter(None, [environ.get("PATH")])])
    return made


def api_url(settings: Settings) -> str:
    """Where the server of this home answers."""
    return f"http://127.0.0.1:{settings.server_port}/api"


def _make_engine_home(settings: Settings, environ: MutableMapping[str, str]) -> None:
    environ["PREFECT_HOME"] = environ.get("PREFECT_HOME") or str(settings.home / "prefect")
    engine_home = Path(environ["PREFECT_HOME"])
    try:
        engine_home.mkdir(parents=True, exist_ok=True)  # the engine makes no parents
    except OSError as error:
        raise UsageError(f"PREFECT_HOME={engine_home} cannot be made: {error.strerror}; name another folder") from None


def _reach_ours(environ: MutableMapping[str, str]) -> None:
    """The engine's client goes past any proxy to a server on this machine, and with the password that it asks for."""
    for name in ("NO_PROXY", "no_proxy"):  # some read the one first, some the other
        past = [each.strip() for each in (environ.get(name) or environ.get(name.swapcase()) or "").split(",")]
        if "*" not in past:
            environ[name] = ",".join(dict.fromkeys([*filter(None, past), *_LOOPBACK]))
    if password := environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        environ["PREFECT_API_AUTH_STRING"] = password


def server_turn(environ: Mapping[str, str]) -> BinaryIO:
    """The file that whoever starts a server locks until it answers: of two that make a new database, one fails.

    Raises UsageError where the engine's home cannot be written.
    """
    path = Path(environ["PREFECT_HOME"]) / "server.lock"
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(
            f"PREFECT_HOME={path.parent} cannot be written: {error.strerror}; make room, or name another folder"
        ) from None


def server_answers(port: int) -> bool:
    """Whether the engine's server answers on this loopback port (its health address says `true`).

    Takes 3 s at most, whatever listens there and however slowly it talks.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"GET /api/health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            answer = _all_of(connection, until=time.monotonic() + 2)
    except OSError:
        return False
    return answer.split(b"\r\n\r\n", 1)[-1].strip() == b"true"


def _all_of(connection: socket.socket, until: float) -> bytes:
    """What comes until the other side ends it. Raises TimeoutError where that is not before `until`, monotonic."""
    answer = b""
    while (left := until - time.monotonic()) > 0:
        connection.settimeout(left)
        chunk = connection.recv(4096)
        if not chunk:
            return answer
        answer = (answer + chunk)[:_HEALTH_BYTES]
    raise TimeoutError
