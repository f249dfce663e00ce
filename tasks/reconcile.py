"""reconcile: the run is closed; its counts are made anew from the history and must agree."""

from dataclasses import replace

from tasks.step import step
from technews.ledger import RunReport
from technews.run_parts import RunParts


@step(lambda _: "reconcile", tags=("reconcile",), timeout=300)
def reconcile(run: RunParts) -> RunReport:
    """Closes the run: completed, or degraded where much could not be read or the time ran out."""
    trouble = run.trouble()
    report = run.ledger.finish("degraded" if trouble else "completed", "; ".join(trouble) or None)
    run.say(f"run {report.row['status']}: {report.summary}", warns=report.row["status"] != "completed")
    return replace(report, validated=run.validated)
