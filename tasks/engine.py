"""What a flow asks of the engine and tells it; outside a flow run all of it is plain Python.

A flow may return a state of the engine in place of its result; the engine unwraps it, so the casts tell no lie to a
caller.
"""

import logging
from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from tasks.step import in_flow_run
from technews.ledger import RunReport
from technews.runlock import NOTHING_DONE, Held

_log = logging.getLogger("technews")


def engine_run_id() -> str | None:
    """The id of the flow run around this call; None outside of one."""
    if not in_flow_run():
        return None
    from prefect.runtime import flow_run  # noqa: PLC0415 -- the engine is imported only where it runs already

    return str(flow_run.id)


def turned_away(held: Held) -> RunReport:
    """How a flow ends that found another one running: Cancelled, and who holds the lock. Outside a flow run: raised."""
    if not in_flow_run():
        raise held
    from prefect.states import Cancelled  # noqa: PLC0415 -- the same

    return cast("RunReport", Cancelled(message=f"{NOTHING_DONE}: {held}"))


def ended(report: RunReport) -> RunReport:
    """How a flow ends that came to its end: Completed, Completed as `Degraded`, or Failed."""
    if not in_flow_run():
        return report
    from prefect.states import Completed, Failed  # noqa: PLC0415 -- the same

    message = report.row["message"]
    if not report.ok:
        return cast("RunReport", Failed(message=message, data=report))
    if report.row["status"] == "degraded":
        return cast("RunReport", Completed(name="Degraded", message=message, data=report))
    return cast("RunReport", Completed(message=report.summary, data=report))


def bury(dead_runs: Iterable[dict[str, Any]]) -> None:
    """Tells the engine that these runs crashed: it leaves a run whose process was killed `Running` for good."""
    ids = [UUID(dead["engine_run_id"]) for dead in dead_runs if dead["engine_run_id"]]
    if not ids or not in_flow_run():
        return
    from prefect.client.orchestration import get_client  # noqa: PLC0415 -- the same
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415 -- the same
    from prefect.states import Crashed  # noqa: PLC0415 -- the same

    with get_client(sync_client=True) as client:
        for flow_run_id in ids:
            try:
                client.set_flow_run_state(flow_run_id, Crashed(message="its process died"), force=True)
            except ObjectNotFound:  # it ran against another server, or that server's past was cleared
                _log.info("run %s is not known to this server", flow_run_id)
