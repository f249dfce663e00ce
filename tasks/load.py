"""load: a batch of finished entries is written down in one transaction."""

from collections.abc import Sequence

from tasks.step import step
from technews.ingest_run import IngestRun
from technews.quarantine import loaded
from technews.records import Judged, Outcome, Rejection
from technews.tables import counted


@step(lambda _, items: f"load: {counted(len(items), 'entry')}" if items else None, tags=("load",), timeout=600)
def load(run: IngestRun, items: Sequence[Judged | Rejection]) -> None:
    """Articles, revisions, decisions, facts, outcomes, quarantine and requests of a batch, all or nothing.

    One row that the store refuses is set aside; the others of its batch are loaded.
    """
    fetches, robots = run.web.drain_fetches(), run.web.drain_robots()
    if items or fetches or robots:
        items = run.ledger.as_asked_now(items)
        given = loaded(run.ledger, items, run.rules.publishers, fetches, robots)
        run.settle(item.entry for item in items)
        words = [f"{given[outcome]} {outcome}" for outcome in Outcome if given[outcome]]
        again = len(items) - given.total()
        words += [f"{again} looked at again"] if again else []
        run.say(f"load: {counted(len(items), 'entry')}: {', '.join(words)}")
