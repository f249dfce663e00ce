"""settle: each document of a batch gets its place, in one transaction."""

from collections.abc import Sequence

from tasks.step import step
from technews.backfill_batch import Batch, Stretch
from technews.backfill_run import BackfillRun
from technews.records import Judged, Rejection
from technews.tables import counted


@step(lambda _run, _batch, items: f"settle: {counted(len(items), 'document')}", tags=("settle",), timeout=900)
def settle(run: BackfillRun, batch: Batch, items: Sequence[Judged | Rejection]) -> Stretch | None:
    """New entries with their outcomes, older versions in their histories, and how far the sources are read.

    Returns what must be read again first, since its article has changed meanwhile.
    """
    return run.settle(batch, items)
