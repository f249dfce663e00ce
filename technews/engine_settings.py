"""Environment for the workflow engine; it must stand before the engine is imported."""

import socket
from collections.abc import MutableMapping
from pathlib import Path

from technews.settings import Settings, UsageError


def prepare_engine(settings: Settings, environ: MutableMapping[str, str], *, find_server: bool = True) -> None:
    """Sets what the engine reads from its environment, except where the user has set it.

    Its home lies under ours; telemetry is off; a server that answers on our port is used (unless `find_server` is
    False), so that runs show in its UI; else the engine starts one of its own for this process, which may take
    longer than its own default allows on a slow machine. Raises UsageError where its home cannot be made.
    """
    engine_home = Path(environ.setdefault("PREFECT_HOME", str(settings.home / "prefect")))
    try:
        engine_home.mkdir(parents=True, exist_ok=True)  # the engine makes no parents
    except OSError as error:
        raise UsageError(f"PREFECT_HOME={engine_home} cannot be made: {error.strerror}; name another folder") from None
    environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    environ.setdefault("DO_NOT_TRACK", "1")
    environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "WARNING")  # the command shows its own lines
    environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "technews")
    if "PREFECT_API_URL" in environ:
        return
    if find_server and server_answers(settings.server_port):
        environ["PREFECT_API_URL"] = f"http://127.0.0.1:{settings.server_port}/api"
        return
    environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def server_answers(port: int) -> bool:
    """Whether the engine's server answers on this loopback port (its health address says `true`)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"GET /api/health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            connection.settimeout(2)
            answer = b""
            while chunk := connection.recv(4096):
                answer += chunk
    except OSError:
        return False
    return answer.split(b"\r\n\r\n", 1)[-1].strip() == b"true"
