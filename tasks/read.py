"""read: the next batch of documents from the sources of a backfill."""

from tasks.step import step
from technews.backfill_run import BackfillRun
from technews.placement import Asked


@step(lambda run: f"read: {run.read_share:.0%} so far", tags=("read",), timeout=900)
def read(run: BackfillRun) -> list[Asked]:
    """The next documents, each with the entry that it would be; empty where a stretch of the sources holds none."""
    return run.next_documents()
