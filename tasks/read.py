"""read: the next stretch of the sources of a backfill."""

from tasks.step import step
from technews.backfill_batch import Stretch
from technews.backfill_run import BackfillRun


@step(lambda run: f"read: {run.read_share:.0%} settled so far", tags=("read",), timeout=900)
def read(run: BackfillRun) -> Stretch | None:
    """The next documents, each with the entry that it would be; None where the sources end."""
    return run.next_documents()
