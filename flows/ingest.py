"""The main job: feeds are polled, pages downloaded, cleaned, filtered, annotated, validated, loaded and published."""

from datetime import datetime
from pathlib import Path

from prefect import flow

from tasks.annotate import annotate
from tasks.clean import clean
from tasks.download import download
from tasks.engine import bury, ended, engine_run_id, name_failed, progress_shown, refusals_in_one_line, turned_away
from tasks.filter import filter_topics
from tasks.load import load
from tasks.poll import poll
from tasks.publish import publish
from tasks.reconcile import reconcile
from tasks.tell import tell
from tasks.validate import validate
from technews.ingest_run import ingest_run
from technews.ledger import RunReport
from technews.rules import read_configuration
from technews.runlock import Held
from technews.settings import read_settings


@flow(name="ingest", flow_run_name="ingest", description=__doc__, on_failure=[name_failed])
@refusals_in_one_line
def ingest(
    feeds: Path | None = None, topics: Path | None = None, *, force: bool = False, now: datetime | None = None
) -> RunReport:
    """One run of the main job; what it does not reach in its time stays pending for the next.

    Args:
        feeds: a file of feeds instead of the configured one.
        topics: a folder of topics instead of the configured one.
        force: poll every feed, due or not; pages that wait for another attempt still wait.
        now: the time that decides what is due, if it is not the present one.
    """
    settings = read_settings()
    declared, rules = read_configuration(settings, feeds, topics)
    try:
        with (
            progress_shown("progress"),
            ingest_run(settings, rules, now=now, engine_run_id=engine_run_id()) as run,
        ):
            bury(run.ledger.dead_runs, settings)
            run.begin(declared, force=force)
            while run.goes_on:
                poll(run)
                if pages := download(run):
                    articles = clean(run, pages)
                    judged = filter_topics(run, articles)
                    annotated = annotate(run, judged)
                    valid = validate(run, annotated)
                    load(run, valid)
            while run.web.failures_left:
                poll(run)
            load(run, run.given_up())
            report = reconcile(run)
            if report.ok:
                publish(run.ledger)
    except Held as held:
        return turned_away(held)
    tell(report)
    return ended(report)
