"""recognize: documents that the ledger has already are passed over; the others become pages."""

from collections.abc import Sequence

from tasks.step import step
from technews.backfill_run import BackfillRun
from technews.placement import Asked
from technews.records import Page, Rejection
from technews.tables import counted


@step(lambda _, documents: f"recognize: {counted(len(documents), 'document')}", tags=("recognize",), timeout=600)
def recognize(run: BackfillRun, documents: Sequence[Asked]) -> list[Page | Rejection]:
    """The pages to be cleaned: of new documents, of new versions, and the stored ones that these are compared with."""
    return run.recognized(documents)
