"""Replay: today's cleaner and rules over kept pages; what was decided and cleaned before is brought up to date."""

from datetime import UTC, datetime

from prefect import flow

from tasks.annotate import annotate
from tasks.clean import clean
from tasks.conclude import conclude
from tasks.engine import bury, ended, engine_run_id, name_failed, name_run, progress_shown, refusals_in_one_line
from tasks.filter import filter_topics
from tasks.recall import recall
from tasks.redecide import redecide
from tasks.show import show_differences
from tasks.tell import tell
from tasks.validate import validate
from technews.ledger import RunReport
from technews.replay_run import read_since, rehearsal, replay_run
from technews.replay_words import run_name
from technews.replaying import Findings
from technews.rules import read_configuration
from technews.settings import read_settings


@flow(name="replay", flow_run_name="replay", description=__doc__, on_failure=[name_failed])
@refusals_in_one_line
def replay(since: str | None = None, topic: str | None = None, *, dry_run: bool = False) -> RunReport | Findings:
    """Brings decisions, texts and facts up to date; killed, the next replay goes on where it was.

    Args:
        since: of articles fetched since then alone: 2026-03-01, 30d, 12h.
        topic: only what this topic decides.
        dry_run: only say what would change.
    """
    settings = read_settings()
    _, rules = read_configuration(settings, None, None)
    parts = rehearsal(settings, rules) if dry_run else replay_run(settings, rules, engine_run_id=engine_run_id())
    with progress_shown("replay"), parts as run:
        bury(run.dead_runs, settings)
        run.begin(read_since(since, datetime.now(UTC)), topic)
        while run.goes_on:
            articles = run.with_stored_texts(clean(run, recall(run)))
            judged = run.compare(filter_topics(run, articles))
            if not dry_run:
                annotated = annotate(run, judged)
                valid = validate(run, annotated)
                redecide(run, valid)
        report = None if dry_run else conclude(run)
    show_differences(run.findings)
    if report is None:
        name_run(run_name(run.findings))
        return run.findings
    tell(report)
    return ended(report)
