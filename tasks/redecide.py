"""redecide: decisions, texts and facts of a batch are brought up to date, in one transaction."""

from collections.abc import Sequence

from tasks.step import step
from technews.records import Judged, Rejection
from technews.replay_run import ReplayRun
from technews.tables import counted


@step(lambda _, items: f"redecide: {counted(len(items), 'article')}", tags=("redecide",), timeout=900)
def redecide(run: ReplayRun, items: Sequence[Judged | Rejection]) -> None:
    """What is newly in is loaded, what is newly out goes off topic; no revision is made of a stored one."""
    run.bring_up_to_date(items)
