"""Runs ingests in forked children and kills them with SIGKILL at a named point; prints what each next run makes of it.

A program of its own, so that what an ingest imports is imported once. The environment names the home's parent, the feeds
file and the site; each line printed is one JSON object.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import duckdb

from flows.ingest import ingest
from technews import PROJECT_ROOT, publication, rules, validation, workers
from technews.extraction import extract
from technews.quarantine import good_row
from technews.validation import RULES, ArticleSuite
from technews.warehouse import Warehouse
from technews.workers import Cleaners

TRANSACTIONS = {
    "open": "load/open_run",
    "poll": "load/record_polls",
    "work": "load/add_decisions",
    "close": "load/close_run",
}
POINTS = [f"{when} {kind}" for kind in TRANSACTIONS for when in ("before", "after")] + [
    f"publish {step}" for step in ("copy", "copied", "named", "swapped")
]


class Inline(Cleaners):
    """The same cleaning in this process: many children are started and killed here, and each would start a pool."""

    def _each(self, sources):
        """What the workers would say."""
        return ((at, self._clean(*source[:3])) for at, source in enumerate(sources))


def share(configurations: Iterable[Path]) -> None:
    """What each child would load or make anew is there before it is forked: rules, cleaners, the validation suite."""
    inline = Inline(clean=cache(extract))
    inline.clean_all([(b"<p>One page loads what cleaning needs.", "text/html", None)])
    workers.Cleaners = lambda **_: nullcontext(inline)
    rules.Rules = cache(rules.Rules)
    for folder in configurations:
        _ = rules.Rules(folder / "topics", folder / "entities.toml").topics
    # Each rule takes its time whatever it checks: that on lengths alone, which one of the pages breaks.
    suite = ArticleSuite([rule for rule in RULES if rule.name == "text_length"])
    suite.check([good_row()])
    validation.ArticleSuite = lambda: suite


def die() -> None:
    """The end, as a power cut or the kernel's memory killer brings it."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Makes this process die at the point: around the commit of a transaction, or at a step of publishing."""
    when, what = point.split()
    if when == "publish":
        publication.publish = partial(publication.publish, at_step=lambda step: die() if step == what else None)
        return
    begun: list[str] = []
    run, transaction = Warehouse.run, Warehouse.transaction

    def watched_run(self: Warehouse, name: str, /, **parameters: object) -> None:
        run(self, name, **parameters)
        begun.append(name)
        if when == "before" and name == "load/next_commit" and TRANSACTIONS[what] in begun:
            die()

    @contextmanager
    def watched_transaction(self: Warehouse):
        begun.clear()
        with transaction(self):
            yield
        if when == "after" and TRANSACTIONS[what] in begun:
            die()

    Warehouse.run, Warehouse.transaction = watched_run, watched_transaction


def in_child(action: Callable[[], object]) -> int:
    """Does it in a forked child; returns how that ended (negative: the signal)."""
    child = os.fork()
    if child == 0:
        try:
            action()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 -- a child has nobody to raise to
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def state_of(home: Path) -> dict[str, list[str]]:
    """What analysts see, but for times, run ids, and which of several entries of one article is the loaded one."""
    questions = {
        "articles": "SELECT article_id, url, canonical_url, title, text, language, publisher, revision, content_hash, topics",
        "article_revisions": "SELECT article_id, revision, title, text, content_hash, change, is_current",
        "entries": "SELECT entry_id, guid, url, title, published_at, attempts, article_id, "
        "if(outcome IN ('loaded', 'duplicate'), 'has article', outcome) AS outcome",
        "decisions": "SELECT article_id, topic_id, relevant, score, rule_version, content_hash, matches, evidence, is_current",
        "mentions": "SELECT *",
        "quarantine": "SELECT quarantine_id, rule, column_name, status",
        "feeds": "SELECT feed_id, url",
        "publishers": "SELECT *",
        "coverage_gaps": "SELECT feed_id, cause",
    }
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as reader:
        return {
            view: sorted(map(str, reader.execute(f"{what} FROM {view}").fetchall())) for view, what in questions.items()
        } | {"urls": sorted(map(str, reader.execute("SELECT url, article_id FROM content.article_urls").fetchall()))}


def main(folder: Path) -> None:
    """One undisturbed run, then one killed at each point and mended by the next run."""
    feeds = folder / "feeds.toml"
    share([PROJECT_ROOT / "config"])

    def run() -> int:
        return 0 if ingest.fn(feeds, None, force=True).ok else 1

    def armed(point: str) -> None:
        arm(point)
        run()

    empty = folder / "technews.duckdb"
    with Warehouse(empty) as state:
        state.migrate(datetime.now(UTC))
    for number, point in enumerate(["undisturbed", *POINTS]):
        home = folder / f"home-{number}"
        os.environ["TECHNEWS_HOME"] = str(home)
        if number > 1:  # the first two begin with nothing at all
            (home / "state").mkdir(parents=True)
            shutil.copy(empty, home / "state")
        undisturbed = point == "undisturbed"
        ended = None if undisturbed else in_child(partial(armed, point))
        mended = run() if undisturbed else in_child(run)  # the first in this process: what it has read, children know
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as reader:
            runs = reader.execute("SELECT status, reconciled FROM runs ORDER BY started_at, run_id").fetchall()
        left = [path.name for path in (home / "published").iterdir() if not path.name.endswith(".duckdb")]
        print(
            json.dumps(
                {"point": point, "ended": ended, "mended": mended, "runs": runs, "left": left, "state": state_of(home)}
            )
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
