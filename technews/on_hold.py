"""What an operator has stopped in the engine's UI: pool, deployments, schedules. None of it starts by itself then."""

from collections.abc import Iterable, Mapping
from http.client import HTTPException
from typing import Any

from technews.engine_api import ask
from technews.engine_settings import FLOWS, POOL, port_of_up
from technews.settings import Settings


def on_hold(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """What is stopped, in words, by the name of pool or deployment; nothing where no server answers that."""
    port = port_of_up(settings) or settings.server_port
    try:
        pools, deployments = (ask(port, f"{what}/filter", {}, environ) for what in ("work_pools", "deployments"))
        return stopped(pools, deployments)
    except (OSError, HTTPException, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return {}


def stopped(pools: Iterable[Mapping[str, Any]], deployments: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The same, of the server's answers. Raises KeyError, TypeError or AttributeError where they have another shape."""
    found = {}
    if any(pool["name"] == POOL and pool["is_paused"] for pool in pools):
        found[POOL] = f"the work pool {POOL} is paused"
    for deployment in deployments:
        name, schedules = deployment["name"], deployment["schedules"]
        if name in FLOWS and deployment["paused"]:
            found[name] = f"the deployment {name} is paused"
        elif name in FLOWS and schedules and not any(schedule["active"] for schedule in schedules):
            found[name] = f"the schedule of {name} is switched off"
    return found
