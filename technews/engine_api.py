"""One question to the engine's server on this machine, without the engine, whose import takes seconds."""

import json
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, Final

_PATIENCE: Final = 2.0  # seconds for each step of an answer


def ask(port: int, path: str, wanted: Mapping[str, Any], environ: Mapping[str, str]) -> Any:  # noqa: ANN401 -- JSON
    """What the server on this loopback port answers to a POST of `wanted` to `/api/{path}`, whatever status it has.

    With the password that `environ` names for it (`user:password`, RFC 7617), and past any proxy. Raises OSError,
    http.client.HTTPException, ValueError or RecursionError where no JSON comes.
    """
    headers = {"Content-Type": "application/json"}
    names = ("PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING")
    if password := next(filter(None, map(environ.get, names)), None):
        headers["Authorization"] = f"Basic {b64encode(password.encode()).decode()}"
    # Its own connection, not `urlopen`: no proxy of the environment is asked about our own server.
    with closing(HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)) as server:
        server.request("POST", f"/api/{path}", json.dumps(wanted), headers)
        return json.loads(server.getresponse().read())
