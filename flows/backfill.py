"""Backfill: pages from WARC files and folders of HTML go the way that downloaded pages go, without the network."""

from pathlib import Path

from prefect import flow

from tasks.annotate import annotate
from tasks.clean import clean
from tasks.conclude import conclude
from tasks.engine import bury, ended, engine_run_id, name_failed, progress_shown, refusals_in_one_line
from tasks.filter import filter_topics
from tasks.read import read
from tasks.recognize import recognize
from tasks.settle import settle
from tasks.tell import tell
from tasks.validate import validate
from technews.backfill_run import backfill_run
from technews.file_names import as_path
from technews.ledger import RunReport
from technews.rules import read_configuration
from technews.settings import read_settings
from technews.sources import find_sources


@flow(name="backfill", flow_run_name="backfill", description=__doc__, on_failure=[name_failed])
@refusals_in_one_line
def backfill(paths: list[Path | str], *, again: bool = False) -> RunReport:
    """Reads documents that were kept elsewhere; stopped or killed, it is taken up where it was by the next one.

    Args:
        paths: WARC files, folders of them, folders of HTML files; one whose name is not UTF-8 by its `file://` address.
        again: read sources anew that were read whole before.
    """
    settings = read_settings()
    feeds, rules = read_configuration(settings, None, None)
    sources = find_sources([as_path(str(path)) for path in paths])
    with (
        backfill_run(settings, rules, feeds, sources, engine_run_id=engine_run_id()) as run,
        progress_shown("backfill"),
    ):
        bury(run.long.dead_runs, settings)
        run.begin(again=again)
        coming = recognize(run, read(run))
        while batch := coming:
            coming = recognize(run, read(run))  # for the workers, while this batch is settled
            while batch:
                articles = batch.set_aside_stored(clean(run, batch.pages, batch.cleaning))
                judged = filter_topics(run, articles)
                annotated = annotate(run, judged)
                valid = validate(run, annotated)
                batch = recognize(run, settle(run, batch, valid))  # what must be read again, mostly nothing
        report = conclude(run)
    tell(report)
    return ended(report)
