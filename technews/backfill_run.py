"""What one backfill works with: its sources and how far they are read, the ledger in turns, the archive.

Documents stream; at most two batches of them are in memory: one with the workers, one that is settled meanwhile. A
batch is settled in one turn under the run lock, and how far the sources are read is written down after it: what is
killed is taken up there.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from technews import addresses
from technews.archive import Archive
from technews.backfill_batch import Batch, Position, Stretch
from technews.extraction import CLEANER_VERSION
from technews.file_names import as_path
from technews.identity import mint
from technews.ledger import KnownFeed, RunReport
from technews.long_run import LongRun, long_run
from technews.placement import (
    Asked,
    Placed,
    Target,
    is_kept,
    item_of,
    place,
    quarantine_name,
)
from technews.placing import recognize, write_placed
from technews.quarantine import good_row, one_by_one, set_aside
from technews.records import (
    DateReading,
    Document,
    Entry,
    Feed,
    FeedState,
    Fetch,
    Judged,
    Outcome,
    Page,
    Reason,
    Rejection,
)
from technews.rules import Rules
from technews.run_parts import RunParts
from technews.settings import Settings
from technews.sources import Source
from technews.stored_pages import stored_page
from technews.tables import counted
from technews.warc_files import Passed
from technews.warehouse import Row

BATCH: Final = 400
BATCH_BYTES: Final = 32 * 1024 * 1024
_LOOKED_AT: Final = 2_000  # records in one step of reading, pages or not

Cleaned = tuple[Asked, Judged | Rejection]


class BackfillRun(RunParts):
    """One backfill: which documents come next, what the ledger has of them, what becomes of them."""

    def __init__(  # noqa: PLR0913, PLR0917 -- each is a part of its own
        self,
        rules: Rules,
        parts: ExitStack,
        long: LongRun,
        archive: Archive,
        sources: Sequence[Source],
        feeds: Sequence[Feed],
    ) -> None:
        """Used by `backfill_run`, which opens and closes the parts; `feeds` are the configured ones."""
        super().__init__(rules, parts, look_ahead=long.settings.look_ahead)
        self.long, self.archive, self.sources = long, archive, sources
        self.feeds = {feed.id: KnownFeed(feed, FeedState(), retired=False, has_open_gap=False) for feed in feeds}
        self.counts: Counter[str] = Counter()
        self.damage: list[str] = []
        self._begun = time.monotonic()
        self._read: dict[str, Position] = {}
        self._settled: dict[str, Position] = {}
        self._begun_at = 0.0
        self._reader: Iterator[tuple[Source, Document | Passed]] = iter(())

    def begin(self, *, again: bool) -> None:
        """Takes up where an earlier backfill of these sources stopped; `again`: from their start."""
        with self.long.turn() as ledger:
            self.ledger = ledger
            ledger.set_rules(self.rules.versions)
            self.feeds |= ledger.feeds()
            rows = ledger.store.rows("load/backfills", ids=[source.name for source in self.sources])
        before = {row["source"]: row for row in rows}
        for source in self.sources:
            row = before.get(source.name)
            known = row and not again and row["version"] == source.version
            self._settled[source.name] = Position(row["position"], row["documents"]) if row and known else Position()
        self._read = dict(self._settled)
        unread = [source for source in self.sources if self._settled[source.name].offset < source.total]
        if finished := len(self.sources) - len(unread):
            self.say(f"{finished} of {counted(len(self.sources), 'source')} read before; --again reads them anew")
        if any(self._may_be_new(source, source.name in before) for source in unread):
            self.cleaners.start()
        self._begun_at = self.read_share
        self._reader = self._read_on()

    def next_documents(self) -> Stretch | None:
        """The next documents, each with the entry that it would be; None where the sources end."""
        documents: list[Asked] = []
        reached: dict[str, Position] = {}
        size = looked_at = 0
        while len(documents) < BATCH and size < BATCH_BYTES and looked_at < _LOOKED_AT:
            found = next(self._reader, None)
            if found is None:
                break
            source, item = found
            looked_at += 1
            if isinstance(item, Passed):
                self._pass(item)
            else:
                size += len(item.body)
                entry = entry_for(item, source.feed_id, self.long.started)
                documents.append(Asked(f"{entry.entry_id}-{len(documents)}", entry, item, entry))
            count = self._read[source.name].documents + isinstance(item, Document)
            self._read[source.name] = reached[source.name] = Position(item.after, count)
        return Stretch(documents, reached) if looked_at else None

    def recognized(self, stretch: Stretch) -> Batch:
        """What is to be cleaned: the new documents and versions, and the stored pages that they are compared with.

        The workers have it from here on.
        """
        with self.long.turn() as ledger:
            self.ledger = ledger
            known = recognize(ledger, stretch.documents)
        batch = Batch(stretch)
        for one, what in zip(stretch.documents, known, strict=True):
            if what.why_not:
                self._settle(what.why_not)
                continue
            reader = what.target.speaker if what.target else one.entry
            batch.asked[one.key] = replace(one, reader=reader)
            batch.documents.append(page_of(replace(reader, entry_id=one.key), one.document))
            if what.target:
                self._find_stored(batch, what.target, one.document)
        batch.cleaning = self.cleaners.extract_each([page for page in batch.pages if isinstance(page, Page)])
        return batch

    def settle(self, batch: Batch, items: Sequence[Judged | Rejection]) -> Stretch | None:
        """Gives each document of the batch its place, and writes down how far the sources are read.

        Not where some must be read again, which are returned: since they were read, others have changed their articles.
        """
        again: list[Asked] = []
        with self.long.turn() as ledger:
            self.ledger = ledger
            left = [(batch.asked[item.entry.entry_id], item) for item in items]
            while left:
                left = self._write_firsts(batch, left, again)
            if not again:
                self._write_positions(batch.stretch.reached)
        self.say(self.progress)
        return Stretch(again, batch.stretch.reached) if again else None

    def finish(self, status: str, message: str | None) -> RunReport:
        """Closes the run, counted anew from the history, and publishes what it wrote."""
        with self.long.turn() as ledger:
            self.ledger = ledger
            self.long.finished = True
            report = ledger.finish(status, message)
            if report.ok:
                ledger.publish()
        return report

    def stored_sources(self, article_ids: Sequence[str]) -> dict[str, Row]:
        """None here: which revision a document is compared with depends on its time (`recognized`)."""
        del article_ids
        return {}

    @property
    def total(self) -> int | None:
        """An estimate: documents so far, by the share of the sources that is read."""
        done = self.read_share - self._begun_at
        return round(self.done * (1 - self._begun_at) / done) if done > 0 else None

    @property
    def read_share(self) -> float:
        """How much of the sources is read, by their size: 0 to 1."""
        size = sum(source.size for source in self.sources)
        read = sum(s.size * min(self._settled[s.name].offset / max(s.total, 1), 1) for s in self.sources)
        return read / size if size else 1.0

    @property
    def progress(self) -> str:
        """How far the run is, with an estimate of what is left."""
        here = self.read_share
        seconds = time.monotonic() - self._begun
        words = f"{counted(self.done, 'document')}, {here:.0%} of the sources read"
        if here > self._begun_at:
            left = seconds * (1 - here) / (here - self._begun_at)
            words += f", about {timedelta(seconds=round(left))} left"
        return words

    def trouble(self) -> list[str]:
        """What is missing in the sources."""
        return self.damage[:3] + ([f"and {len(self.damage) - 3} more"] if len(self.damage) > 3 else [])

    @property
    def summary(self) -> str:
        """What became of all documents, in words."""
        return counted(self.done, "document") + "".join(
            f"; {number:,} {words}" for words, number in self.counts.items()
        )

    def _may_be_new(self, source: Source, known: bool) -> bool:  # noqa: FBT001 -- as the ledger says
        """Whether most of its pages may be new: of another source, the first that is to be read starts the workers."""
        goes_on = self._settled[source.name].offset > 0
        return (goes_on or not known) and source.path.parent != self.ledger.settings.archive

    def _read_on(self) -> Iterator[tuple[Source, Document | Passed]]:
        for source in self.sources:
            yield from ((source, item) for item in source.read(self._read[source.name].offset, self.long.started))
            if self._read[source.name].offset < source.total:
                yield source, Passed("", source.total)

    def _pass(self, item: Passed) -> None:
        if item.damage:
            self.damage.append(item.why)
            for line in item.details or (item.why,):
                self.say(line)
        elif item.why:
            self.counts[f"passed over: {item.why}"] += 1

    def _settle(self, words: str) -> None:
        self.counts[words] += 1
        self.done += 1

    def _find_stored(self, batch: Batch, target: Target, document: Document) -> None:
        for version in target.neighbours(document.fetched_at):
            record = target.record(version)
            if version.says.cleaner_version != CLEANER_VERSION and record not in batch.stored:
                row = {
                    "archive_file": version.archive_file,
                    "archive_offset": version.archive_offset,
                    "url": version.url,
                    "fetched_at": version.fetched_at,
                    "entry_key": version.entry_key,
                }
                batch.stored[record] = stored_page(self.ledger.settings.archive, target.speaker, row)

    def _write_firsts(self, batch: Batch, left: Sequence[Cleaned], again: list[Asked]) -> list[Cleaned]:
        """Writes the first document of each article that changes anything, in one transaction; returns those behind it.

        What becomes of these depends on what the ledger has then.
        """
        first, behind = self._placed(batch, left, again)
        placed = [self._kept(one, document) if is_kept(one) else one for one, document in first.values()]
        documents = {entry_id: document for entry_id, (_, document) in first.items()}
        ledger, publishers = self.ledger, self.rules.publishers
        self.archive.sync()
        one_by_one(
            placed,
            lambda some: write_placed(ledger, some, documents, publishers),
            lambda one: write_placed(ledger, [one], documents, publishers),
            lambda one, error: Placed(one.of, set_aside(one.of, error)),
            lambda: ledger.would_take(good_row(), publishers),
        )
        for one in placed:
            self._settle(_became(one))
        return behind

    def _placed(
        self, batch: Batch, left: Sequence[Cleaned], again: list[Asked]
    ) -> tuple[dict[str, tuple[Placed, Document]], list[Cleaned]]:
        """What becomes of the first document of each entry that changes anything, and what stands behind these.

        One that was read for another state of its article must be read `again`, as those of its entry behind it must.
        """
        known = recognize(self.ledger, [asked for asked, _ in left])
        pairs = zip(left, known, strict=True)
        speakers = [what.target.speaker if what.target else asked.entry for (asked, _), what in pairs]
        refused = self.ledger.quarantined([speaker.entry_id for speaker in speakers])
        first: dict[str, tuple[Placed, Document]] = {}
        behind: list[Cleaned] = []
        held: set[str] = set()
        for (asked, item), what, speaker in zip(left, known, speakers, strict=True):
            if speaker.entry_id in first:
                behind.append((asked, item))
            elif what.why_not:
                self._settle(what.why_not)
            elif speaker.entry_id in held or not batch.is_read_for(asked, item, what.target):
                held.add(speaker.entry_id)
                again.append(asked)
            else:
                own = item_of(item, speaker)
                found = place(own, what.target, batch.recleaned, self.rules.publishers, self.ledger.now)
                if quarantine_name(own) in refused or found.nothing:
                    self._settle("of a known article, nothing new")
                else:
                    first[speaker.entry_id] = found, asked.document
        return first, behind

    def _write_positions(self, reached: Mapping[str, Position]) -> None:
        rows = [
            {
                "source": source.name,
                "feed_id": source.feed_id,
                "version": source.version,
                "position": reached[source.name].offset,
                "total": source.total,
                "documents": reached[source.name].documents,
                "updated_at": datetime.now(UTC),
            }
            for source in self.sources
            if source.name in reached
        ]
        with self.ledger.store.transaction():
            self.ledger.store.run("load/record_backfills", rows=rows, run_id=self.ledger.run_id)
        self._settled.update(reached)

    def _kept(self, placed: Placed, document: Document) -> Placed:
        """The same with its page in the archive: stored there now, unless it lies there already."""
        home = self.ledger.settings.archive
        path = as_path(document.source)
        if path.parent == home and document.offset is not None:
            return _at(placed, path.name, document.offset)
        entry = placed.of.entry
        file, offset = self.archive.store(
            "page",
            document.url or "",
            document.status,
            document.headers,
            document.body,
            document.fetched_at,
            feed_id=entry.feed.id,
            entry_id=entry.entry_id,
            source=document.place,
        )
        return _at(placed, file, offset)


def entry_for(document: Document, feed_id: str, now: datetime) -> Entry:
    """The entry that a document would be: known by its address, without one by what it says."""
    key = (addresses.identity(document.url) if document.url else None) or sha256(document.body).hexdigest()
    name = feed_id.partition(":")[2]
    feed = Feed(feed_id, feed_id, f"Archive {name}", "und", "ZZ", "UTC", timedelta(days=1))
    return Entry(
        entry_id=mint("e", feed_id, key),
        feed=feed,
        url=document.url,
        title="",
        author=None,
        summary="",
        content="",
        published=DateReading(),
        outcome=Outcome.PENDING,
        attempts=0,
        first_seen_at=now,
    )


def page_of(entry: Entry, document: Document) -> Page | Rejection:
    """The document as a page of this entry; one without an address is none."""
    url = document.url
    if url is None:
        words = f"no usable one in record, index or page: {document.place}"
        return Rejection(entry, Outcome.EMPTY, Reason.NO_URL, words)
    fetch = Fetch("page", url, document.fetched_at, 0, status=document.status or None, size=len(document.body))
    return Page(entry, url, document.body, document.content_type, document.fetched_at, document.headers, fetch)


def _became(placed: Placed) -> str:
    """What became of a document, in a few words."""
    if placed.inserted or placed.begins:
        return "older versions"
    unnamed = isinstance(placed.item, Rejection) and placed.item.reason is Reason.NO_URL
    return "without an address, which an index.jsonl can name" if unnamed else "taken up"


def _at(placed: Placed, file: str, offset: int) -> Placed:
    """The same, pointing to a record of the archive."""
    there = {"archive_file": file, "archive_offset": offset}
    item, inserted = placed.item, placed.inserted
    return replace(
        placed,
        of=_item_at(placed.of, there),
        item=_item_at(item, there) if item else None,
        inserted={**inserted, **there} if inserted else None,
    )


def _item_at(item: Judged | Rejection, there: dict[str, Any]) -> Judged | Rejection:
    if isinstance(item, Rejection):
        judged = _judged_at(item.judged, there) if item.judged else None
        return replace(item, judged=judged)
    return _judged_at(item, there)


def _judged_at(judged: Judged, there: dict[str, Any]) -> Judged:
    article = judged.article
    fetch = replace(article.fetch, **there) if article.fetch else None
    return replace(judged, article=replace(article, fetch=fetch))


@contextmanager
def backfill_run(  # noqa: PLR0913 -- each is a part of its own
    settings: Settings,
    rules: Rules,
    feeds: Sequence[Feed],
    sources: Sequence[Source],
    *,
    now: datetime | None = None,
    engine_run_id: str | None = None,
) -> Iterator[BackfillRun]:
    """The parts of one backfill, opened together and closed together."""
    with ExitStack() as parts:
        long = parts.enter_context(long_run(settings, "backfill", now=now, engine_run_id=engine_run_id))
        archive = parts.enter_context(Archive(settings.archive, long.run_id, long.started))
        yield BackfillRun(rules, parts, long, archive, sources, feeds)
