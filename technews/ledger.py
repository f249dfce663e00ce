"""The ledger as a queue: who is due, and the transactions in which polls and finished work are written down.

A `Ledger` is opened under the run lock with a run of its own in the ledger; everything that it writes names that run.
No network and no extraction happens inside a transaction.
"""

import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from technews import publication, runlock, warehouse
from technews.attempts import NETWORK_GAP, START_PATIENCE, judge_overtaken
from technews.identity import KnownArticle, KnownArticles, Revision
from technews.polls import Poll, PollRows, date_of, outcome_row, plan_polls
from technews.publishers import Publishers
from technews.records import Entry, Feed, FeedState, Fetch, Judged, Outcome, Reason, Rejection
from technews.recurrence import KnownEntries, KnownEntry, link_key, same_link
from technews.robots_cache import RobotsCopy
from technews.room import demand_room, lack_of_room_named
from technews.settings import Settings
from technews.tables import counted, first_few
from technews.warehouse import Row, Warehouse
from technews.work import WorkRows, fetch_row, lookups, plan_work

_log = logging.getLogger("technews")

_PORTION: Final = 5_000
_NAMED: Final = 5  # feeds in one line of the log
_FEW: Final = 3  # feeds; a home of fewer is being tried out, and others in their place are no sign of a mistake
_OVER_KEPT_PAGES: Final = ("backfill", "replay")


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed with its state, whether it is retired, and whether a gap is open."""

    feed: Feed
    state: FeedState
    retired: bool
    has_open_gap: bool


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended: its row of `runs`, what it gave (outcome, reason, entries), what it kept, what the checks found.

    A finding is name, severity, meaning and number of rows. `older_decisions` counts the present decisions that other
    rules than those in force have made. `failed_feeds` are the feeds that could not be read, and why; `feeds` says how
    each feed does, `set_aside` what validation refused, of how many rows `validated` (known to the run, which adds it);
    `no_feed_answers` is as in the view `freshness`; `checked` is false where the run wrote nothing to check.
    """

    row: Mapping[str, Any]
    outcomes: tuple[tuple[str, str, int], ...] = ()
    kept: tuple[Row, ...] = ()
    findings: tuple[tuple[str, str, str, int], ...] = ()
    older_decisions: int = 0
    failed_feeds: tuple[tuple[str, str], ...] = ()
    feeds: tuple[Row, ...] = ()
    set_aside: tuple[Row, ...] = ()
    no_feed_answers: bool = False
    validated: int = 0
    checked: bool = False

    @property
    def summary(self) -> str:
        """The run in one line; of a backfill or replay, which polls nothing, what its message counts."""
        row = self.row
        if row["flow"] in _OVER_KEPT_PAGES:
            kept = f", {row['loaded']:,} kept" if row["loaded"] else ""
            return (row["message"] or "nothing to do") + kept
        down = f", {row['feeds_failed']} of {counted(row['feeds_polled'], 'feed')} down" if row["feeds_failed"] else ""
        waiting = f", {row['pending']} pending" if row["pending"] else ""
        return f"{row['entries_new']} new, {row['loaded']} kept{waiting}{down}"

    @property
    def ok(self) -> bool:
        """Whether the run came to its end and its counts agree."""
        return self.row["status"] in ("completed", "degraded") and bool(self.row["reconciled"])


@dataclass(frozen=True, slots=True)
class Decision:
    """An operator's decision on a quarantined row: `released` or `discarded`, by whom, and why."""

    status: str
    who: str
    note: str


class Ledger:
    """The writer's side of the warehouse during one run."""

    def __init__(self, settings: Settings, store: Warehouse, run_id: str, now: datetime, *, check_all: bool) -> None:
        """Used by `opened`, which holds the lock meanwhile."""
        self.settings, self.store, self.run_id, self.now = settings, store, run_id, now
        self.dead_runs: list[Row] = []
        self.all_feeds_replaced = False  # by `configure`: it knew none of the feeds, and retired all that were read
        self._check_all = check_all
        self._finished = False

    def open_run(self, flow: str, engine_run_id: str | None) -> None:
        """Opens the run: its row, with the number of entries that are due."""
        with self.store.transaction():
            self.store.run(
                "load/open_run", run_id=self.run_id, flow=flow, engine_run_id=engine_run_id, started_at=self.now
            )

    def configure(self, feeds: Sequence[Feed]) -> dict[str, KnownFeed]:
        """Brings the feeds in line with the configuration; returns every feed by id, retired ones too."""
        known = self.feeds()
        read = {each.feed.id: each.feed for each in known.values() if not each.retired}
        if read == {feed.id: feed for feed in feeds}:
            return known
        if gone := sorted(read.keys() - {feed.id for feed in feeds}):
            words = counted(len(gone), "feed"), first_few(gone, _NAMED)
            _log.warning("%s not configured any more, so retired: %s", *words)
            self.all_feeds_replaced = len(gone) >= _FEW and known.keys().isdisjoint(feed.id for feed in feeds)
        with self.store.transaction():
            self.store.run("load/sync_feeds", rows=[_feed_row(feed) for feed in feeds], now=self.now)
        return self.feeds()

    def set_rules(self, rule_versions: Mapping[str, str]) -> None:
        """Says which rules are in force."""
        if self.store.rows("reports/freshness")[0]["rule_versions"] == rule_versions:
            return
        rows = [{"topic_id": topic, "rule_version": version} for topic, version in sorted(rule_versions.items())]
        with self.store.transaction():
            self.store.run("load/set_rule_versions", rows=rows)

    def feeds(self) -> dict[str, KnownFeed]:
        """Every feed by id, retired ones too."""
        return {row["feed_id"]: _known_feed(row) for row in self.store.rows("load/feeds")}

    def due(self, feeds: Mapping[str, KnownFeed], ids: Sequence[str] | None = None) -> list[Entry]:
        """Entries due at the run's start (of these ids, or of all), without the text that their feed carries."""
        rows = self.store.rows("load/due_entries", now=self.now, ids=list(ids) if ids is not None else None)
        return [entry_of(row, feeds[row["feed_id"]].feed) for row in rows]

    def with_feed_text(self, entries: Sequence[Entry]) -> dict[str, Entry]:
        """These entries by id, with the text that their feed carries."""
        rows = self.store.rows("load/feed_texts", ids=[entry.entry_id for entry in entries])
        texts = {row["entry_id"]: row for row in rows}
        return {e.entry_id: _with_text(e, texts[e.entry_id]) for e in entries}

    def current_sources(self, article_ids: Sequence[str]) -> dict[str, Row]:
        """From which archived page, and by which cleaner, these articles' current revisions were made."""
        return {row["article_id"]: row for row in self.store.rows("load/current_sources", ids=list(article_ids))}

    def robots(self) -> list[RobotsCopy]:
        """What robots.txt of each site said last."""
        return [RobotsCopy(**row) for row in self.store.rows("load/robots")]

    def asked_in_vain(self) -> list[str]:
        """The addresses of the feeds that have failed, but only since a host last answered anything."""
        return [row["url"] for row in self.store.rows("load/asked_in_vain", now=self.now)]

    def network_since(self) -> datetime | None:
        """When runs began to be answered again after two days or more without, at the latest now.

        None where no such span has ended in the last week.
        """
        since = self.now - START_PATIENCE - NETWORK_GAP
        (row,) = self.store.rows("load/network_since", now=self.now, since=since, gap=NETWORK_GAP)
        found: datetime | None = row["since"]
        return found

    def record_polls(self, polls: Sequence[Poll], feeds: Mapping[str, KnownFeed]) -> PollRows:
        """Writes a batch of polls down in one transaction; returns its rows. `feeds` are as these polls found them."""
        known: dict[str, KnownEntries] = {}
        for keys in _portions(_keys(polls)):
            for row in self.store.rows("load/known_entries", rows=keys, since=self.now - timedelta(days=1)):
                known.setdefault(row["feed_id"], KnownEntries()).put(_known_entry(row))
        states = [(poll, feeds[poll.feed.id].state, feeds[poll.feed.id].has_open_gap) for poll in polls]
        rows = plan_polls(states, known, self.now)
        with self.store.transaction():
            self.load(record_polls=rows.polls)
            for portion in _portions(rows.added):
                self.load(add_entries=portion)
            self.load(
                change_entries=rows.changed,
                set_outcomes=rows.reopened.values(),
                mark_rechecks=rows.rechecks.values(),
                open_gaps=rows.gaps_opened,
                close_gaps=rows.gaps_closed,
                add_fetches=[fetch_row(p.fetch) for p in polls if p.fetch],
            )
        return rows

    def retry(self, entry_ids: Iterable[str]) -> None:
        """Makes these entries due again, as an operator asked for."""
        rows = [outcome_row(each, Outcome.PENDING, Reason.RETRY_ASKED, self.now, due=self.now) for each in entry_ids]
        with self.store.transaction():
            self.store.run("load/set_outcomes", rows=rows, run_id=self.run_id)

    def as_asked_now(self, items: Sequence[Judged | Rejection]) -> list[Judged | Rejection]:
        """The items; in place of one whose link the publisher moved after it was asked, what that answer is worth."""
        rows = self.store.rows("load/present_links", ids=[item.entry.entry_id for item in items])
        there = {row["entry_id"]: row for row in rows}
        return [self._as_asked_now(item, there[item.entry.entry_id]) for item in items]

    def record_work(
        self,
        items: Sequence[Judged | Rejection],
        publishers: Publishers,
        fetches: Iterable[Fetch] = (),
        robots: Iterable[RobotsCopy] = (),
    ) -> WorkRows:
        """Writes a batch of finished entries down in one transaction; returns its rows."""
        with self.store.transaction():
            if copies := [asdict(copy) for copy in robots]:
                self.store.run("load/set_robots", rows=copies, now=self.now)
            return self._load(items, publishers, fetches)

    def decide_quarantine(
        self, quarantine_id: str, decision: Decision, load: Callable[[], object] = lambda: None
    ) -> None:
        """Writes down an operator's decision on a quarantined row and, in one transaction, loads what it released."""
        with self.store.transaction():
            self.store.run(
                "load/decide_quarantine",
                quarantine_id=quarantine_id,
                status=decision.status,
                now=self.now,
                decided_by=decision.who,
                note=decision.note,
            )
            load()

    def load_released(self, items: Sequence[Judged], publishers: Publishers) -> None:
        """Loads what an operator released; nothing was fetched for it."""
        self._load(items, publishers, (), refetched=False)

    def outcome_of(self, entry_id: str) -> Outcome:
        """The entry's present outcome."""
        (row,) = self.store.rows("reports/outcome_of", entry_id=entry_id)
        return Outcome(row["outcome"])

    def would_take(self, item: Judged, publishers: Publishers) -> bool:
        """Whether the store would take this row now: tried in a transaction that is rolled back."""
        try:
            with self.store.rehearsal():
                self.store.run(
                    "load/add_revisions",
                    rows=list(
                        plan_work([item], KnownArticles([]), {}, publishers, self.now).revisions.values(),
                    ),
                    run_id=self.run_id,
                )
        except Exception:  # noqa: BLE001 -- whatever the store raises, the answer is no
            return False
        return True

    def batch_shares(self) -> list[Row]:
        """How this run's entries did, by feed, beside those of the 30 days before."""
        return self.store.rows("reports/batch_shares", run_id=self.run_id, since=self.now - timedelta(days=30))

    def finish(self, status: str, message: str | None = None) -> RunReport:
        """Closes the run: counts anew from the history, reconciles, and looks for rows that break a rule."""
        self._finished = True
        with self.store.transaction():
            self._close(self.run_id, status, message)
        return self._report()

    def publish(self) -> Path | None:
        """Publishes the state, and closes it, if readers do not have its last commit yet; returns the new copy."""
        return publication.publish(self.store, self.settings, datetime.now(UTC))

    @contextmanager
    def file_closed(self) -> Iterator[None]:
        """Nothing of this process has the state file open while the block runs: it may be copied or replaced."""
        self.store.close()
        try:
            yield
        finally:
            self.store.open()

    def give_up(self, error: BaseException) -> None:
        """Closes a run that did not come to its end: failed, or cancelled by Ctrl-C or an end signal.

        Of a stop in the midst of a query DuckDB makes an error of its own; raises the stop that it was.
        """
        stop = error.__cause__ if isinstance(error.__cause__, KeyboardInterrupt) else None
        if not self._finished:
            status = "failed" if isinstance(stop or error, Exception) else "cancelled"
            self.finish(status, f"{type(stop or error).__name__}: {error}"[:500])
        if stop:
            raise stop

    def _report(self) -> RunReport:
        """The run's row and what the checks find; an error among the findings fails the run.

        Was the last state not published, then nobody has checked it yet, and everything is looked at.
        """
        row = self._row(self.run_id)
        wrote = any(row[name] for name in ("loaded", "off_topic", "duplicate", "quarantined", "rechecked"))
        may_keep = wrote or row["flow"] in _OVER_KEPT_PAGES
        kept = self.store.rows("reports/run_kept", run_id=self.run_id) if may_keep else []
        scope = None if self._check_all else self.run_id
        found = warehouse.failing_rows(self.store, scope) if wrote or self._check_all else []
        errors = [
            f"{meaning} ({len(rows)} rows; `technews doctor` lists them)"
            for _, severity, meaning, rows in found
            if severity == "error"
        ]
        if errors and row["status"] != "failed":
            with self.store.transaction():
                self.store.run("load/fail_run", run_id=self.run_id, message="; ".join(errors))
            row = self._row(self.run_id)
        outcomes = self.store.rows("reports/run_outcomes", run_id=self.run_id)
        failed = self.store.rows("reports/run_failed_feeds", run_id=self.run_id)
        return RunReport(
            row,
            tuple((each["outcome"], each["reason"], each["entries"]) for each in outcomes),
            tuple(kept),
            tuple((name, severity, meaning, len(rows)) for name, severity, meaning, rows in found),
            self.store.rows("reports/older_decisions", rows=None)[0]["decisions"],
            tuple((each["feed_id"], each["error"] or "") for each in failed),
            tuple(self.store.rows("reports/feed_trend")),
            tuple(self.store.rows("reports/run_quarantine", run_id=self.run_id)),
            no_feed_answers=self.store.rows("reports/freshness")[0]["no_feed_answers"],
            checked=wrote or self._check_all,
        )

    def close_dead_runs(self) -> None:
        """Closes as crashed every run that still says `running`: whoever holds the lock knows that they are dead.

        But for one that lives between its batches, as its own lock tells.
        """
        alive = runlock.holder(self.settings.long_lock_file)
        self.dead_runs = self.store.rows("load/find_dead_runs", alive=alive.run_id if alive else None)
        for dead in self.dead_runs:
            with self.store.transaction():
                self._close(dead["run_id"], "crashed", "its process died; what it had not written is still pending")

    def _close(self, run_id: str, status: str, message: str | None) -> None:
        self.store.run("load/close_run", run_id=run_id, ended_at=datetime.now(UTC), status=status, message=message)
        broken = self.store.rows("checks/reconciled", run_id=run_id)
        words = f"the counts do not agree: {broken[0]}" if broken else None
        self.store.run("load/judge_run", run_id=run_id, reconciled=not broken, message=words)

    def _row(self, run_id: str) -> Row:
        (row,) = self.store.rows("reports/run", run_id=run_id)
        return row

    def _as_asked_now(self, item: Judged | Rejection, there: Row) -> Judged | Rejection:
        if same_link(item.entry.url, there["url"]):
            return item
        return judge_overtaken(item, again=there["overtaken"], now=self.now)

    def _load(
        self,
        items: Sequence[Judged | Rejection],
        publishers: Publishers,
        fetches: Iterable[Fetch],
        *,
        refetched: bool = True,
    ) -> WorkRows:
        rows = self.place(items, publishers)
        requests = (rows.fetches if refetched else []) + [fetch_row(fetch) for fetch in fetches]
        self.store.run("load/add_fetches", rows=requests, run_id=self.run_id)
        return rows

    def place(self, items: Sequence[Judged | Rejection], publishers: Publishers) -> WorkRows:
        """Plans items and writes their rows, but for their requests; in the caller's transaction."""
        known = KnownArticles(
            _known_article(row) for row in self.store.rows("load/known_articles", rows=lookups(items))
        )
        doubtful = [item.entry.entry_id for item in items if isinstance(item, Rejection) and item.judged is not None]
        rows = plan_work(items, known, self.quarantined(doubtful), publishers, self.now)
        self.write(rows)
        self._ask_duplicates(rows.silent)
        return rows

    def _ask_duplicates(self, silent: Sequence[str]) -> None:
        """Makes duplicates of entries that can be read no more due: under a link of their own the page may live on."""
        found = self.store.rows("load/duplicates", ids=list(silent)) if silent else []
        rows = [
            outcome_row(row["entry_id"], Outcome.PENDING, Reason.ORIGINAL_GONE, self.now, due=self.now)
            for row in found
            if not same_link(row["url"], row["url_of_original"])
        ]
        self.load(set_outcomes=rows)

    def write(self, rows: WorkRows) -> None:
        """Writes the rows of planned work, but for its requests; in the caller's transaction."""
        if rows.mentioned:
            self.store.run("load/add_mentions", rows=rows.mentions, ids=rows.mentioned)
        self.load(
            add_articles=rows.articles,
            add_article_urls=rows.urls,
            reclean_revisions=rows.recleaned.values(),
            add_revisions=rows.revisions.values(),
            touch_articles=rows.touched.values(),
            add_publishers=rows.publishers.values(),
            add_decisions=rows.decisions,
            add_quarantine=rows.quarantine,
            set_outcomes=rows.outcomes.values(),
            record_rechecks=rows.rechecked.values(),
            mark_rechecks=rows.recheck_later.values(),
        )

    def load(self, **given: Collection[Row]) -> None:
        """Runs the files of `sql/load/` that are named, in this order, each with its rows; in the caller's transaction.

        None where there are no rows: most batches need a few of the files, and each costs milliseconds.
        """
        for name, rows in given.items():
            if rows:
                self.store.run(f"load/{name}", rows=list(rows), run_id=self.run_id, now=self.now)

    def quarantined(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """The rows of these entries that are or were in quarantine, with their status."""
        rows = self.store.rows("load/known_quarantine", ids=list(entry_ids))
        return {row["quarantine_id"]: row["status"] for row in rows}


@contextmanager
def opened(  # noqa: PLR0913 -- each is asked for by a flow, by its name
    settings: Settings,
    flow: str,
    *,
    now: datetime | None = None,
    engine_run_id: str | None = None,
    wait: Callable[[runlock.Held], bool] = lambda _: False,
    demand: Callable[[Warehouse], object] = lambda _: None,
    check_all: bool = False,
) -> Iterator[Ledger]:
    """The ledger under the run lock, migrated, with dead runs closed and this run opened.

    `demand` raises where by now, under the lock, there is nothing to do: then no run is opened.
    `check_all`: at its end the checks look at everything, not only at what it wrote.

    A block that raises closes its run as failed (cancelled by Ctrl-C or an end signal); one that forgot to finish it is
    a fault of ours. Raises runlock.Held where another process writes.
    """
    started = now or datetime.now(UTC)
    if engine_run_id:
        runlock.give_sign_of_life(settings.signs_of_life, engine_run_id)
    with turn(settings, flow, new_run_id(started), started, wait=wait, check_all=check_all) as ledger:
        demand(ledger.store)
        ledger.open_run(flow, engine_run_id)
        try:
            yield ledger
        except BaseException as error:
            ledger.give_up(error)
            raise


def new_run_id(started: datetime) -> str:
    """A name for a run that starts now."""
    return f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@contextmanager
def turn(  # noqa: PLR0913 -- as above
    settings: Settings,
    flow: str,
    run_id: str,
    started: datetime,
    *,
    wait: Callable[[runlock.Held], bool],
    check_all: bool = False,
) -> Iterator[Ledger]:
    """The ledger under the run lock, migrated and with dead runs closed, for a run that was opened or will be.

    Raises NoRoom where the disk is full, or fills up meanwhile; WarehouseError where the state file is lost.
    """
    demand_room(settings.home)
    with lack_of_room_named(settings.home), runlock.run_lock(settings.lock_file, flow, run_id, wait=wait):
        publication.demand_state(settings)
        settings.home.mkdir(parents=True, exist_ok=True)
        store = Warehouse(settings.state_file)
        try:
            store.migrate(started)
            unpublished = publication.published_number(settings) != store.commit_number
            ledger = Ledger(settings, store, run_id, started, check_all=check_all or unpublished)
            ledger.close_dead_runs()
            yield ledger
        finally:
            store.close()


def _portions(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in portions that are worth a statement each and small in memory: a feed may bring tens of thousands."""
    return (rows[start : start + _PORTION] for start in range(0, len(rows), _PORTION))


def _keys(polls: Iterable[Poll]) -> list[Row]:
    """What `load/known_entries.sql` is asked for these polls: each entry's key, and that of a recycled GUID."""
    return [
        {"feed_id": poll.feed.id, "entry_key": key, "guid": entry.guid}
        for poll in polls
        if poll.document
        for entry in poll.document.entries
        for key in ((entry.key, link_key(entry.key, entry.url)) if entry.guid and entry.url else (entry.key,))
    ]


def _feed_row(feed: Feed) -> Row:
    return {
        "feed_id": feed.id,
        "url": feed.url,
        "title": feed.title,
        "language": feed.language,
        "country": feed.country,
        "timezone": feed.timezone,
        "every_seconds": int(feed.every.total_seconds()),
        "full_text": feed.full_text,
    }


def _known_feed(row: Row) -> KnownFeed:
    interval = row["interval_seconds"]
    return KnownFeed(
        feed=Feed(
            id=row["feed_id"],
            url=row["url"],
            title=row["title"],
            language=row["language"],
            country=row["country"],
            timezone=row["timezone"],
            every=timedelta(seconds=row["every_seconds"]),
            full_text=row["full_text"],
        ),
        state=FeedState(
            etag=row["etag"],
            last_modified=row["last_modified"],
            body_hash=row["body_hash"],
            observed_since=row["observed_since"],
            last_attempt_at=row["last_attempt_at"],
            last_success_at=row["last_success_at"],
            next_poll_at=row["next_poll_at"],
            interval=timedelta(seconds=interval) if interval is not None else None,
            consecutive_failures=row["consecutive_failures"],
            failure_score=row["failure_score"] or 0,
            rate=row["rate"],
            listed=row["listed"],
            asked_wait=timedelta(seconds=row["asked_wait_seconds"]) if row["asked_wait_seconds"] else None,
            next_poll_reason=row["next_poll_reason"],
            moved_to=row["moved_to"],
            document_at=row["document_at"],
            idle_document_at=row["idle_document_at"],
            validators_lie=row["validators_lie"],
        ),
        retired=row["retired_at"] is not None,
        has_open_gap=row["has_open_gap"],
    )


def _known_entry(row: Row) -> KnownEntry:
    original = row["outcome_of_original"]
    return KnownEntry(
        row["entry_id"],
        row["entry_key"],
        row["guid"],
        row["url"],
        row["title"],
        date_of(row),
        row["fingerprint"],
        Outcome(row["outcome"]),
        row["duplicate_of"],
        Outcome(original) if original else None,
        row["read_at"],
        row["reads"],
    )


def entry_of(row: Row, feed: Feed) -> Entry:
    """An entry of the ledger, from a row of `load/due_entries.sql` or of another file with its columns."""
    return Entry(
        entry_id=row["entry_id"],
        feed=feed,
        url=row["url"],
        title=row["title"],
        author=row["author"],
        summary="",
        content="",
        published=date_of(row),
        outcome=Outcome(row["outcome"]),
        attempts=row["attempts"],
        first_seen_at=row["first_seen_at"],
        article_id=row["article_id"],
        pending_since=row["pending_since"],
    )


def _with_text(entry: Entry, row: Row) -> Entry:
    record = (row["archive_file"], row["archive_offset"]) if row["archive_file"] else None
    return replace(entry, summary=row["summary"], content=row["content"], feed_record=record)


def _known_article(row: Row) -> KnownArticle:
    current = None
    if row["revision"] is not None:
        current = Revision(
            row["title"],
            row["text"],
            row["author"],
            row["published_at"],
            row["canonical_url"],
            row["revision_hash"],
            row["cleaner_version"],
        )
    return KnownArticle(
        row["article_id"],
        row["entry_id"],
        Outcome(row["outcome"]),
        row["site"],
        row["content_hash"],
        frozenset(row["urls"] or ()),
        current,
        row["link"] if row["withdrawn_at"] else None,
    )
