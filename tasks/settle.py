"""settle: each document of a batch gets its place, in one transaction."""

from collections.abc import Sequence

from tasks.step import step
from technews.backfill_run import BackfillRun
from technews.records import Judged, Rejection
from technews.tables import counted


@step(lambda _, items: f"settle: {counted(len(items), 'document')}", tags=("settle",), timeout=900)
def settle(run: BackfillRun, items: Sequence[Judged | Rejection]) -> None:
    """New entries with their outcomes, older versions in their histories, and how far the sources are read."""
    run.settle(items)
