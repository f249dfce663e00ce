"""A run that lets go of the run lock between its batches, so that ingests on schedule go on beside it.

A second lock says that it lives; whoever takes the run lock meanwhile leaves its row open. One such run at a time. It
gives outcomes to no entry that waits: who settles what was due would depend on the order of the batches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from technews import runlock
from technews.ledger import Ledger, new_run_id, turn
from technews.settings import Settings


class LongRun:
    """One run over many turns under the run lock; `ledger` is that of the present turn, or of the last one."""

    def __init__(self, settings: Settings, flow: str, started: datetime) -> None:
        """Used by `long_run`, which opens and closes the run."""
        self.settings, self.flow, self.started = settings, flow, started
        self.run_id = new_run_id(started)
        self.dead_runs: list[dict[str, Any]] = []
        self.finished = False

    @contextmanager
    def turn(self) -> Iterator[Ledger]:
        """The ledger, under the run lock for this block; waits for whoever writes, in line."""
        with turn(self.settings, self.flow, self.run_id, self.started, wait=runlock.waiting()) as ledger:
            yield ledger


@contextmanager
def long_run(
    settings: Settings, flow: str, *, now: datetime | None = None, engine_run_id: str | None = None
) -> Iterator[LongRun]:
    """A run that is opened and, where the block raises, closed as failed. Another long run is waited for."""
    if engine_run_id:
        runlock.give_sign_of_life(settings.signs_of_life, engine_run_id)
    run = LongRun(settings, flow, now or datetime.now(UTC))
    if engine_run_id:
        runlock.give_sign_of_life(settings.signs_of_life, engine_run_id)
    with runlock.run_lock(settings.long_lock_file, flow, run.run_id, wait=runlock.waiting()):
        with run.turn() as ledger:
            run.dead_runs = ledger.dead_runs
            ledger.open_run(flow, engine_run_id)
        try:
            yield run
        except BaseException as error:
            if not run.finished:
                with run.turn() as ledger:
                    ledger.give_up(error)
            raise
