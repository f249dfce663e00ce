"""recognize: documents that the ledger has already are passed over; the others become pages, which the workers have."""

from tasks.step import step
from technews.backfill_batch import Batch, Stretch
from technews.backfill_run import BackfillRun
from technews.tables import counted


@step(
    lambda _, stretch: f"recognize: {counted(len(stretch.documents), 'document')}" if stretch else None,
    tags=("recognize",),
    timeout=600,
)
def recognize(run: BackfillRun, stretch: Stretch | None) -> Batch | None:
    """The pages to be cleaned: of new documents, of new versions, and the stored ones that these are compared with."""
    return run.recognized(stretch) if stretch else None
