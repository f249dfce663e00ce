"""What a flow asks of the engine and tells it; outside a flow run all of it is plain Python.

A flow may return a state of the engine in place of its result; the engine unwraps it, so the casts tell no lie to a
caller.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from tasks.step import P, R, in_flow_run
from technews import runlock
from technews.engine_settings import FLOWS
from technews.ledger import RunReport
from technews.own_server import ServerLost
from technews.room import NoRoom, is_for_want_of_room
from technews.run_ends import plain_words
from technews.runlock import NOTHING_DONE, Held
from technews.settings import Settings, UsageError, read_settings
from technews.warehouse import WarehouseError

_log = logging.getLogger("technews")

_LOOKS_ALIVE: Final = ("PENDING", "RUNNING", "CANCELLING")
_STARTING: Final = timedelta(minutes=2)  # what a run may take from its start to its sign of life


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
    name_run("turned away: another run is at work")
    return cast("RunReport", _cancelled(f"{NOTHING_DONE}: {held}"))


def _cancelled(message: str) -> Any:  # noqa: ANN401 -- a state of the engine, which is imported only where it runs
    from prefect.exceptions import CancelledRun  # noqa: PLC0415 -- the same
    from prefect.states import Cancelled  # noqa: PLC0415 -- the same

    _show_no_traceback_of(CancelledRun)
    return Cancelled(message=message)


def refusals_in_one_line(flow: Callable[P, R]) -> Callable[P, R]:
    """A flow that ends Failed with the one line of a refusal, which says what to do. Outside a flow run: raised.

    Ctrl-C ends it as Cancelled: the engine takes it for a crash, after which it tells the webhook. Whoever called the
    flow asks its state. What the worker does to its runs raises something else, and stays the engine's.
    """

    @wraps(flow)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if in_flow_run():
                _show_no_traceback_of_lack_of_room(read_settings().home)
            return flow(*args, **kwargs)
        except (UsageError, WarehouseError, NoRoom) as refusal:
            if not in_flow_run():
                raise
            from prefect.states import Failed  # noqa: PLC0415 -- the same

            _show_no_traceback_of(type(refusal))
            return cast("R", Failed(message=str(refusal), data=refusal))
        except KeyboardInterrupt as stop:
            if not in_flow_run() or isinstance(stop, ServerLost):  # then there is nobody to tell
                raise
            return cast("R", _cancelled("stopped; what was not done stays pending for the next run"))

    return call


def _show_no_traceback_of(kind: type[BaseException]) -> None:
    """The engine logs one of a run that ends so, as if something had gone wrong; its state says all there is."""
    unlike = lambda record: not (record.exc_info and record.exc_info[0] is kind)  # noqa: E731 -- a filter
    for name in ("prefect.flow_runs", "prefect.engine"):
        logging.getLogger(name).addFilter(unlike)


def _show_no_traceback_of_lack_of_room(home: Path) -> None:
    """Of what a step or the engine itself raises on a full disk, the line alone: the run's state says what to do."""

    def in_a_line(record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] and is_for_want_of_room(record.exc_info[1], home):
            record.exc_info = None
        return True

    for name in ("prefect.task_runs", "prefect.flow_runs", "prefect.engine"):
        logging.getLogger(name).addFilter(in_a_line)


def ended(report: RunReport) -> RunReport:
    """How a flow ends that came to its end: Completed, Completed as `Degraded`, or Failed.

    Its report does without the rows of the feeds, which were told: the engine looks into every value of a result for
    what it might have to wait for, and the trends of 100 feeds are many.
    """
    if not in_flow_run():
        return report
    from prefect.states import Completed, Failed  # noqa: PLC0415 -- the same

    report = replace(report, feeds=())
    message = report.row["message"]
    if not report.ok:
        cure = "nothing was published; run `technews doctor`"
        return cast("RunReport", Failed(message=f"{message} ({cure})", data=report))
    if report.row["status"] == "degraded":
        return cast("RunReport", Completed(name="Degraded", message=message, data=report))
    return cast("RunReport", Completed(message=report.summary, data=report))


def name_run(name: str) -> None:
    """Names the flow run around this call by what it did, as the list of runs shows it."""
    if not in_flow_run():
        return
    from prefect.client.orchestration import get_client  # noqa: PLC0415 -- the same

    with get_client(sync_client=True) as client:
        client.update_flow_run(UUID(engine_run_id()), name=name)


def name_failed(flow: object, flow_run: Any, state: Any) -> None:  # noqa: ANN401, ARG001 -- as a hook is called
    """Names a run that failed by why it failed: for the engine's `on_failure`."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 -- the same

    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=failed_name(state.message or ""))


def failed_name(message: str) -> str:
    """The first words of why a run failed."""
    return f"✗ failed · {plain_words(message)[:80]}"


@contextmanager
def progress_shown(key: str) -> Iterator[None]:
    """Shows how far a long run is, as a progress artifact, from what the pipeline logs while the block runs."""
    if not in_flow_run():
        yield
        return
    log = logging.getLogger("technews")
    log.setLevel(logging.INFO)
    handler = _Progress(key)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _Progress(logging.Handler):
    """One artifact, made when a run has lasted for ten seconds: short ones cost nothing."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key, self.next_at = key, time.monotonic() + 10
        self.artifact: Any = None

    def emit(self, record: logging.LogRecord) -> None:
        done, total = getattr(record, "done", None), getattr(record, "total", None)
        if not total or done is None or (time.monotonic() < self.next_at and done < total):
            return
        if self.artifact is None and time.monotonic() < self.next_at:
            return
        self.next_at = time.monotonic() + 5
        from prefect.artifacts import create_progress_artifact, update_progress_artifact  # noqa: PLC0415 -- the same

        share = 100.0 * done / total
        if self.artifact is None:
            self.artifact = create_progress_artifact(share, key=self.key, description="entries done of those asked for")
        else:
            update_progress_artifact(self.artifact, share)


def bury(dead_runs: Iterable[dict[str, Any]], settings: Settings) -> None:
    """Tells the engine which runs have crashed: it leaves a run whose process was killed `Running` for good.

    `dead_runs` are those that the ledger found; others are found by their missing sign of life.
    """
    if in_flow_run():
        write_off({UUID(dead["engine_run_id"]) for dead in dead_runs if dead["engine_run_id"]}, settings)


def write_off(known: set[UUID], settings: Settings) -> int:
    """Closes the runs that are `known` to be dead and all whose process is gone, with their tasks; returns how many."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 -- the same
    from prefect.client.schemas import filters, objects  # noqa: PLC0415 -- the same

    states = filters.FlowRunFilterStateType(any_=[objects.StateType(kind) for kind in _LOOKS_ALIVE])
    with get_client(sync_client=True) as client:
        looks_alive = client.read_flow_runs(
            flow_filter=filters.FlowFilter(name=filters.FlowFilterName(any_=list(FLOWS))),
            flow_run_filter=filters.FlowRunFilter(state=filters.FlowRunFilterState(type=states)),
        )
        now, folder = datetime.now(UTC), settings.signs_of_life
        dead = [
            run
            for run in looks_alive
            if run.id in known
            or (run.state and is_dead(runlock.is_alive(folder, str(run.id)), run.state.timestamp, now))
        ]
        for run in dead:
            _close(client, run.id)
    runlock.forget_signs(folder)
    return len(dead)


def is_dead(sign: bool | None, since: datetime, now: datetime) -> bool:  # noqa: FBT001 -- three values, not a flag
    """Whether a run that looks alive is dead: its process is gone, or it never gave a sign of life in two minutes."""
    return sign is False or (sign is None and now - since > _STARTING)


def _close(client: Any, flow_run_id: UUID) -> None:  # noqa: ANN401 -- the engine's client, imported where it is used
    from prefect.client.schemas import filters, objects  # noqa: PLC0415 -- the same
    from prefect.states import Crashed  # noqa: PLC0415 -- the same

    kinds = filters.TaskRunFilterStateType(any_=[objects.StateType(kind) for kind in _LOOKS_ALIVE])
    tasks = client.read_task_runs(
        flow_run_filter=filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[flow_run_id])),
        task_run_filter=filters.TaskRunFilter(state=filters.TaskRunFilterState(type=kinds)),
    )
    crashed: Any = Crashed(message="its process died; what it had not written is pending, and the next run takes it up")
    for task in tasks:
        client.set_task_run_state(task.id, crashed, force=True)
    client.set_flow_run_state(flow_run_id, crashed, force=True)
    _log.info("run %s was left behind by a process that died: crashed", flow_run_id)
