"""What one replay works with: which articles are out of date, their kept pages, and the ledger in turns.

A dry run reads the published warehouse, holds nobody up and writes nothing. What is up to date is not looked at, so a
replay that was killed goes on where it was.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from technews.extraction import CLEANER_VERSION
from technews.ledger import Ledger, RunReport, entry_of
from technews.long_run import LongRun, long_run
from technews.placement import quarantine_name
from technews.quarantine import good_row, one_by_one, set_aside
from technews.records import Article, Entry, Judged, Page, Rejection
from technews.replaying import (
    Difference,
    Findings,
    Recalled,
    differences,
    plan_replay,
    stored_article,
    verdict_of,
    with_stored_decisions,
)
from technews.rules import Rules
from technews.run_parts import RunParts
from technews.settings import Settings, UsageError
from technews.stored_pages import kept_page
from technews.tables import counted
from technews.warehouse import Row, Warehouse

BATCH: Final = 100
_MOST_DIFFERENCES: Final = 1_000  # shown; all are counted
_IN_QUARANTINE: Final = "in quarantine, not looked at: `technews quarantine release` judges a row by today's rules"
_AGO: Final = re.compile(r"(\d{1,5})([hd])")

Item = tuple[Judged | Rejection, Recalled]


class ReplayRun(RunParts):
    """One replay: which articles come next, what differs, what is brought up to date."""

    def __init__(self, rules: Rules, parts: ExitStack, long: LongRun | None, reader: Ledger | None) -> None:
        """Used by `replay_run` (`long`) and `rehearsal` (`reader`), which open and close the parts."""
        super().__init__(rules, parts, look_ahead=False)  # what is known is read whole, whatever it is about
        self.long, self._reader = long, reader
        self.counts: Counter[str] = Counter()
        self.differences: list[Difference] = []
        self.goes_on = True
        self._since: datetime | None = None
        self._topic: str | None = None
        self._after = ""
        self._articles = 0
        self._batch: dict[str, Recalled] = {}
        self._from_store: list[Article] = []

    def foresee(self, item: Article | Rejection) -> None:
        """As everywhere, but that a rehearsal checks nothing."""
        if self.long:
            super().foresee(item)

    def begin(self, since: datetime | None, topic: str | None) -> None:
        """Which articles are meant: fetched since then, decided by this topic; all without. Raises UsageError."""
        if topic is not None and topic not in self.rules.versions:
            raise UsageError(f"--topic {topic}: no such topic is enabled; choose: {' | '.join(self.rules.versions)}")
        self._since, self._topic = since, topic
        with self._turn() as ledger:
            if self.long:
                ledger.set_rules(self.rules.versions)
            self.feeds = ledger.feeds()
            (row,) = ledger.store.rows("load/count_replay", since=since)
        self._articles = row["articles"]
        if row["quarantined"]:
            self.counts[_IN_QUARANTINE] = row["quarantined"]

    def next_pages(self) -> list[Page]:
        """The pages of the next batch of articles; those whose stored text does come as they are, behind the pages."""
        wanted = [self._topic] if self._topic else list(self.rules.versions)
        with self._turn() as ledger:
            rows = ledger.store.rows(
                "load/replay_articles",
                versions=[{"topic_id": topic, "rule_version": self.rules.versions[topic]} for topic in wanted],
                cleaner=CLEANER_VERSION,
                since=self._since,
                after=self._after,
                limit=BATCH,
            )
            entries = _entries(ledger, rows)
            decided = ledger.store.rows("load/present_decisions", ids=list(entries))
        self.goes_on = len(rows) == BATCH
        self._after = rows[-1]["article_id"] if rows else self._after
        self._batch, self._from_store = {}, []
        decisions: dict[str, dict[str, Any]] = {}
        for row in decided:
            decisions.setdefault(row["entry_id"], {})[row["topic_id"]] = verdict_of(row)
        found = (self._recall(row, entries[row["entry_id"]], decisions.get(row["entry_id"], {})) for row in rows)
        return [page for page in found if page]

    def with_stored_texts(self, cleaned: Sequence[Article | Rejection]) -> list[Article | Rejection]:
        """The articles of the batch: as their pages read today, or as they are stored where that is the same."""
        found: list[Article | Rejection] = []
        for item in cleaned:
            if isinstance(item, Article):
                found.append(item)
                continue
            recalled = self._batch[item.entry.entry_id]
            self.counts["pages in which today's cleaner finds no article, left as they are"] += 1
            if recalled.stored:
                self._batch[item.entry.entry_id] = replace(recalled, reread=False)
                found.append(recalled.stored)
        return found + self._from_store

    def compare(self, judged: Sequence[Judged | Rejection]) -> list[Judged | Rejection]:
        """Notes what differs; with one topic alone, gives the others' decisions back as they are."""
        found: list[Judged | Rejection] = []
        for item in judged:
            if isinstance(item, Rejection):
                continue
            recalled = self._batch[item.entry.entry_id]
            for difference in differences(item, recalled, self._topic):
                self.counts[difference.what] += 1
                if len(self.differences) < _MOST_DIFFERENCES:
                    self.differences.append(difference)
            found.append(with_stored_decisions(item, recalled, self._topic))
        self.done += len(judged)
        self.say(self.progress)
        return found

    def bring_up_to_date(self, items: Sequence[Judged | Rejection]) -> None:
        """Decisions, texts and facts of a batch in one transaction; what changed meanwhile is left for another time."""
        with self._turn() as ledger:
            there = {row["entry_id"]: row for row in ledger.store.rows("load/standing", ids=list(self._batch))}
            refused = ledger.quarantined([item.entry.entry_id for item in items])
            pairs: list[Item] = []
            for item in items:
                recalled = self._batch[item.entry.entry_id]
                row = there.get(recalled.entry.entry_id)
                before = (recalled.entry.outcome, recalled.stored_hash)
                if row is None or (row["outcome"], row["content_hash"]) != before:
                    self.counts["changed meanwhile, left as they are"] += 1
                elif quarantine_name(item) not in refused:
                    pairs.append((item, recalled))
            publishers = self.rules.publishers

            def write(some: Sequence[Item]) -> None:
                with ledger.store.transaction():
                    ledger.write(plan_replay(some, refused, publishers, ledger.now))

            one_by_one(
                pairs,
                write,
                lambda one: write([one]),
                lambda one, error: (set_aside(one[0], error), one[1]),
                lambda: ledger.would_take(good_row(), publishers),
            )

    def finish(self, status: str, message: str | None) -> RunReport:
        """Closes the run, counted anew from the history, and publishes what it wrote."""
        if self.long is None:
            raise RuntimeError("a dry run has no row of its own")
        with self._turn() as ledger:
            self.long.finished = True
            report = ledger.finish(status, message)
            if report.ok:
                ledger.publish()
        return report

    @property
    def total(self) -> int:
        """How many articles there are at most."""
        return self._articles

    @property
    def share(self) -> float:
        """How much is done, 0 to 1: by the articles' ids, which are spread evenly."""
        return int(self._after[1:5], 16) / 0xFFFF if len(self._after) > 4 and self.goes_on else 1.0

    @property
    def progress(self) -> str:
        """How far the replay is."""
        return f"{counted(self.done, 'article')} looked at, about {self.share:.0%}"

    @property
    def dead_runs(self) -> list[dict[str, Any]]:
        """Runs that were found dead at the start."""
        return self.long.dead_runs if self.long else []

    @property
    def findings(self) -> Findings:
        """What differs, and the counts of it."""
        return Findings(tuple(self.differences), dict(self.counts), self.done)

    @property
    def summary(self) -> str:
        """What it found, in words; what it could not see too."""
        return counted(self.done, "article") + "".join(f"; {number:,} {what}" for what, number in self.counts.items())

    @contextmanager
    def _turn(self) -> Iterator[Ledger]:
        if self._reader:
            self.ledger = self._reader
            yield self._reader
        elif self.long:
            with self.long.turn() as ledger:
                self.ledger = ledger
                yield ledger

    def _recall(self, row: Row, entry: Entry, decisions: Mapping[str, Any]) -> Page | None:
        """An article of the batch: with its page, where that is needed and there, else with its stored text."""
        stored = stored_article(row, entry)
        recalled = Recalled(entry, row["stored_hash"], stored, decisions)
        page = None
        if stored is None or row["cleaner_version"] != CLEANER_VERSION:
            page = kept_page(self.ledger.settings.archive, entry, row)
        if page:
            self._batch[entry.entry_id] = replace(recalled, reread=True)
            return page
        if stored:
            self._batch[entry.entry_id] = recalled
            self._from_store.append(stored)
            if row["cleaner_version"] != CLEANER_VERSION:
                self.counts["whose page cannot be seen, judged by their stored text"] += 1
        else:
            self.counts["that could not be seen: their pages are not there any more"] += 1
        return None

    def stored_sources(self, article_ids: Sequence[str]) -> dict[str, Row]:
        """None here: the pages themselves are the stored ones."""
        del article_ids
        return {}


def read_since(text: str | None, now: datetime) -> datetime | None:
    """A time from which on: a day or time in ISO 8601 (UTC if no zone is given), `30d`, `12h`. Raises UsageError."""
    if text is None:
        return None
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return now - (timedelta(days=int(ago[1])) if ago[2] == "d" else timedelta(hours=int(ago[1])))
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"--since {text}: no time; write 2026-03-01, 2026-03-01T08:00Z, 30d or 12h") from None


def _entries(ledger: Ledger, rows: Sequence[Row]) -> dict[str, Entry]:
    feeds = ledger.feeds() if rows else {}
    found = [entry_of({**row, **_of_entry(row)}, feeds[row["feed_id"]].feed) for row in rows]
    return ledger.with_feed_text(found) if found else {}


def _of_entry(row: Row) -> Row:
    """The columns whose names the entry shares with the article."""
    return {"url": row["link"], "title": row["entry_title"], "author": row["entry_author"], "pending_since": None}


@contextmanager
def replay_run(settings: Settings, rules: Rules, *, engine_run_id: str | None = None) -> Iterator[ReplayRun]:
    """The parts of one replay that writes, opened together and closed together."""
    with ExitStack() as parts:
        long = parts.enter_context(long_run(settings, "replay", engine_run_id=engine_run_id))
        yield ReplayRun(rules, parts, long, None)


@contextmanager
def rehearsal(settings: Settings, rules: Rules) -> Iterator[ReplayRun]:
    """The parts of a replay that writes nothing, over the published warehouse."""
    with ExitStack() as parts:
        published = parts.enter_context(Warehouse(settings.warehouse, read_only=True))
        reader = Ledger(settings, published, "dry-run", datetime.now(UTC), check_all=False)
        yield ReplayRun(rules, parts, None, reader)
