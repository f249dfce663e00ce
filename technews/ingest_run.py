"""What one ingest works with: the ledger, the web, the archive, the cleaners, the judge and the validation suite.

Opened together, closed together.
"""

import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from technews.archive import Archive
from technews.attempts import judge_unstarted
from technews.batch_rules import unusual
from technews.declared_feeds import missing_variables
from technews.ledger import Ledger, opened
from technews.polls import is_due, validators
from technews.records import Entry, Feed, Outcome, Rejection
from technews.rules import Rules
from technews.run_parts import RunParts
from technews.runlock import waiting
from technews.settings import Settings
from technews.web import FeedRequest, Web

_log = logging.getLogger("technews")

BATCH: Final = 50
BATCH_LINKLESS: Final = 2_000
BATCH_BYTES: Final = 64 * 1024 * 1024


class IngestRun(RunParts):
    """One run of the main job: its resources, and what it still waits for."""

    def __init__(  # noqa: PLR0913, PLR0917 -- each is a part of its own
        self, rules: Rules, parts: ExitStack, ledger: Ledger, web: Web, archive: Archive, deadline: float
    ) -> None:
        """Used by `ingest_run`, which opens and closes the parts; `deadline` is in monotonic seconds."""
        super().__init__(rules, parts, look_ahead=ledger.settings.look_ahead, deadline=deadline)
        self.ledger, self.web, self.archive = ledger, web, archive
        self.polled = self.failed_polls = 0
        self._whole: list[Entry] = []
        self._linkless: list[Entry] = []
        self._feeds_asked = 0
        self._asked: set[str] = set()
        self._waiting: dict[str, Entry] = {}

    def begin(self, feeds: Sequence[Feed], *, force: bool) -> None:
        """Takes over the configuration, asks for every feed and every entry that is due."""
        for feed, name in missing_variables(feeds, os.environ):
            _log.warning("feed %s cannot be read: the environment variable %s is not set", feed.id, name)
        self.feeds = self.ledger.configure(feeds)
        self.ledger.set_rules(self.rules.versions)
        self.rules.write_note(self.ledger.settings.rules_note)
        self.web.keep_secret(known.feed.url for known in self.feeds.values())
        requests = [
            FeedRequest(known.feed, *validators(known.state, self.ledger.now), known.state.consecutive_failures > 0)
            for known in self.feeds.values()
            if not known.retired and (force or is_due(known.state, self.ledger.now))
        ]
        self._feeds_asked = len(requests)
        due = self.ledger.due(self.feeds)  # before: one answer to either tells that the network is up
        self.web.request_feeds(requests)
        self.ask_for(due)

    def ask_for(self, entries: Sequence[Entry]) -> None:
        """Queues entries: those whose feed carries the whole text for reading, the others for download."""
        fresh = [entry for entry in entries if entry.entry_id not in self._asked]
        self._asked.update(entry.entry_id for entry in fresh)
        self._waiting.update((entry.entry_id, entry) for entry in fresh)
        self._whole += [entry for entry in fresh if entry.feed.full_text]
        self._linkless += [entry for entry in fresh if not entry.feed.full_text and not entry.url]
        self.web.request_pages(entry for entry in fresh if not entry.feed.full_text and entry.url)

    def settle(self, entries: Iterable[Entry]) -> None:
        """Notes that these entries are done with in this run."""
        for entry in entries:
            self._waiting.pop(entry.entry_id, None)
            self.done += 1

    def given_up(self) -> list[Rejection]:
        """Of the entries that this run did not get to start: those whose time is over, unless the network was down."""
        waiting = [entry for entry in self._waiting.values() if entry.outcome is Outcome.PENDING]
        return [late for entry in waiting if (late := self.out_of_patience(entry))]

    def out_of_patience(self, entry: Entry) -> Rejection | None:
        """The end of an entry that no run could start for too long; None while there is hope.

        Time in which no run reached the network does not count: nothing could be started then.
        """
        if self.web.offline:
            return None
        since, now = entry.pending_since or entry.first_seen_at, self.ledger.now
        late = judge_unstarted(entry, pending_since=since, now=now)
        if late is None or self._network_since is None:
            return late
        return judge_unstarted(entry, pending_since=max(since, self._network_since), now=now)

    @cached_property
    def _network_since(self) -> datetime | None:
        return self.ledger.network_since()  # asked for only where something would be given up

    @property
    def total(self) -> int:
        """How many entries were asked for."""
        return len(self._asked)

    def trouble(self) -> list[str]:
        """Why this run is not as it should be, in words; empty for a good one."""
        found = []
        if self.ledger.all_feeds_replaced:
            found.append("every feed was replaced by new ones; if TECHNEWS_CONFIG or --feeds is wrong, correct it")
        if self.failed_polls * 3 >= self.polled > 0:
            ours = "; no host was reached, so the network here was down, and none is blamed" if self.web.offline else ""
            found.append(f"{self.failed_polls} of {self.polled} feeds could not be read{ours}")
        if time.monotonic() >= self.deadline and (self._waiting or self.polled < self._feeds_asked):
            found.append("the run's time was over; what it did not reach is pending")
        return found + (unusual(self.ledger.batch_shares()) if self.done else [])

    def next_whole_entries(self) -> list[Entry]:
        """The next batch of entries whose feed carries their text."""
        batch, self._whole = self._whole[:BATCH], self._whole[BATCH:]
        return batch

    def next_linkless_entries(self) -> list[Entry]:
        """The next entries that have no page to ask for: many at once, since most are done with in a word."""
        batch, self._linkless = self._linkless[:BATCH_LINKLESS], self._linkless[BATCH_LINKLESS:]
        return batch

    def read_from_feed(self, entries: Iterable[Entry]) -> None:
        """Queues entries for reading whose feed carries their text, though it was not declared to."""
        self._whole += entries

    def download_instead(self, entries: Sequence[Entry]) -> None:
        """Queues entries for download whose feed did not carry the whole text after all."""
        self.web.request_pages(entries)

    @property
    def pages_to_come(self) -> int:
        """How many entries wait for their page, or for their feed's text to be taken for it."""
        return self.web.pages_open + len(self._whole) + len(self._linkless)

    @property
    def goes_on(self) -> bool:
        """Whether anything is still to come in this run.

        When its time is over, what waits stays pending, pages that have arrived but were not taken up included.
        """
        return bool(self.web.feeds_open or self.pages_to_come) and time.monotonic() < self.deadline


@contextmanager
def ingest_run(
    settings: Settings,
    rules: Rules,
    *,
    now: datetime | None = None,
    engine_run_id: str | None = None,
) -> Iterator[IngestRun]:
    """The resources of one ingest, under the run lock.

    Raises runlock.Held at once where another ingest runs; waits for other writers, which are short.
    """
    _log.setLevel(logging.INFO)  # the run's story, for whoever listens: a terminal, or the engine
    started = now or datetime.now(UTC)
    with ExitStack() as parts:
        ledger = parts.enter_context(
            opened(settings, "ingest", now=started, engine_run_id=engine_run_id, wait=waiting(but_for="ingest"))
        )
        archive = parts.enter_context(Archive(settings.archive, ledger.run_id, started))
        deadline = time.monotonic() + settings.run_limit.total_seconds()
        web = Web(settings, deadline=deadline, robots=ledger.robots(), in_vain=ledger.asked_in_vain())
        parts.enter_context(web)
        yield IngestRun(rules, parts, ledger, web, archive, deadline)
