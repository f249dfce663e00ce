"""conclude: a run over kept pages is closed, counted anew, and published."""

from dataclasses import replace

from tasks.step import step
from technews.backfill_run import BackfillRun
from technews.ledger import RunReport
from technews.replay_run import ReplayRun


@step(lambda _: "conclude", tags=("conclude",), timeout=900)
def conclude(run: BackfillRun | ReplayRun) -> RunReport:
    """Closes and publishes the run: completed, or degraded where something was missing; its message counts all."""
    trouble = run.trouble()
    report = run.finish("degraded" if trouble else "completed", "; ".join([*trouble, run.summary]))
    run.say(f"run {report.row['status']}: {report.summary}", warns=report.row["status"] != "completed")
    return replace(report, validated=run.validated)
