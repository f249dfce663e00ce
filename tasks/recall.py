"""recall: the kept pages of articles that older rules or an older cleaner decided on."""

from tasks.step import step
from technews.records import Page
from technews.replay_run import ReplayRun


@step(lambda run: f"recall: {run.share:.0%} so far", tags=("recall",), timeout=900)
def recall(run: ReplayRun) -> list[Page]:
    """The pages of the next batch; articles whose stored text does come without."""
    return run.next_pages()
