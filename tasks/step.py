"""`step` marks a verb of the pipeline: inside a flow run it is a task of the engine, elsewhere the plain function.

So the way of a flow is written once and runs with and without the engine. The task is made when it is called, as one
that has its run's name; results are neither cached nor persisted, since every step's effect is in the ledger.
"""

import sys
from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from prefect import Task

P = ParamSpec("P")
R = TypeVar("R")


def step(
    name: Callable[..., str | None], *, tags: tuple[str, ...] = (), retries: int = 0, timeout: float | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a function as a step.

    Args:
        name: from the call's arguments, what this call works on, in a few words: the task run's name. None where it
            has nothing to work on: such a call is no task run, which costs more than the call and hides the others.
        tags: of the task run.
        retries: how often a raised error is tried again, after 2 s each.
        timeout: seconds after which the call is given up.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            named = name(*args, **kwargs) if in_flow_run() else None
            if named is None:
                return function(*args, **kwargs)
            # Without arguments: the engine would look into each value of a batch for what it might have to wait for.
            work = partial(function, *args, **kwargs)
            from prefect.task_engine import run_task  # noqa: PLC0415 -- the engine is imported only where it runs

            task = _task(work, named, tags=tags, retries=retries, timeout=timeout)
            # Not by calling the task: that would first import a library which draws flows.
            result: R = run_task(task, parameters={}, return_type="result")
            return result

        return call

    return mark


def in_flow_run() -> bool:
    """Whether the engine is running a flow around this call; never imports the engine."""
    context = sys.modules.get("prefect.context")
    return context is not None and context.FlowRunContext.get() is not None


def _task(work: partial[R], named: str, *, tags: tuple[str, ...], retries: int, timeout: float | None) -> "Task[[], R]":
    from prefect import task  # noqa: PLC0415 -- the engine is imported only where it runs already
    from prefect.cache_policies import NO_CACHE  # noqa: PLC0415 -- the same
    from prefect.context import TaskRunContext  # noqa: PLC0415 -- the same

    def tagged() -> R:
        # Tags that a task has before it starts cost a request that writes; on SQLite it meets the recorder's write of
        # the step before and waits two seconds for its second try, at nearly every step. Given now, they show as well.
        if context := TaskRunContext.get():
            context.task_run.tags = list(tags)
        return work()

    return task(
        name=work.func.__name__,
        task_run_name=named,
        retries=retries,
        retry_delay_seconds=2,
        timeout_seconds=timeout,
        cache_policy=NO_CACHE,
        persist_result=False,
        log_prints=False,
    )(tagged)
