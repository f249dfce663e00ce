"""Every night: the archive lets go of what nobody needs, the state is compacted and checked, a backup is taken."""

from prefect import flow

from tasks.back_up import back_up
from tasks.check import check
from tasks.compact import compact
from tasks.engine import bury, ended, engine_run_id, name_failed, progress_shown, refusals_in_one_line
from tasks.expire import expire
from tasks.publish import publish
from tasks.tell import tell_maintenance
from technews.ledger import RunReport, opened
from technews.runlock import waiting
from technews.settings import read_settings


@flow(name="maintain", flow_run_name="maintain", description=__doc__, on_failure=[name_failed])
@refusals_in_one_line
def maintain() -> RunReport:
    """Waits for whoever writes, then does all of it under the run lock; a backup is taken of a sound state only."""
    settings = read_settings()
    with (
        progress_shown("progress"),
        opened(settings, "maintain", engine_run_id=engine_run_id(), wait=waiting(), check_all=True) as ledger,
    ):
        bury(ledger.dead_runs, settings)
        expire(ledger)
        sizes = compact(ledger)
        report = check(ledger, sizes)
        if report.ok:
            publish(ledger)
            back_up(settings)
    tell_maintenance(report, settings)
    return ended(report)
