"""conclude: a run over the archive is closed, counted anew, and published."""

from tasks.step import step
from technews.backfill_run import BackfillRun
from technews.ledger import RunReport


@step(lambda _: "conclude", tags=("conclude",), timeout=900)
def conclude(run: BackfillRun) -> RunReport:
    """Closes and publishes the run: completed, or degraded where something was missing."""
    trouble = run.trouble()
    report = run.finish("degraded" if trouble else "completed", "; ".join([*trouble, run.summary]))
    run.say(f"run {report.row['status']}: {report.summary}")
    return report
