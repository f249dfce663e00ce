"""What a document of a backfill is to the ledger: a new entry, a version of a known article, or nothing new. Pure.

A document whose address is known adds no entry. Nothing that waits, failed, or lies in quarantine is decided by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from technews.history import Kind, Place, Version, as_revision, place_in
from technews.identity import mint
from technews.polls import date_row
from technews.publishers import Publishers
from technews.records import Article, Document, Entry, Judged, Outcome, Rejection
from technews.work import Row, publisher_row, recleaned_row, revision_row

FROM_FEED = "feed"  # the extractor of a text that a feed carried: no page is a version of it
Record = tuple[str, str | None, int | None]  # of an article: the file and offset of a revision's page
Recleaned = Mapping[Record, Article]


@dataclass(frozen=True, slots=True)
class Asked:
    """A document with the entry that it would be. `key` is its name in its batch, where several may be of one entry.

    `reader` is the entry that its page is read for: the one that speaks for its article, else its own.
    """

    key: str
    entry: Entry
    document: Document
    reader: Entry


@dataclass(frozen=True, slots=True)
class Target:
    """An article to which documents may belong: the entry that speaks for it, its history, its last look."""

    article_id: str
    speaker: Entry
    content_hash: str
    looked_at: datetime
    versions: tuple[Version, ...] = ()

    @property
    def open(self) -> bool:
        """Whether a page can be a version of it: read from a page, and neither waiting nor in quarantine."""
        read_there = self.speaker.feed.full_text or not self.speaker.url
        of_feed = read_there and any(version.extractor == FROM_FEED for version in self.versions)
        return self.speaker.outcome in (Outcome.LOADED, Outcome.OFF_TOPIC) and not of_feed

    def neighbours(self, at: datetime) -> list[Version]:
        """The revisions that a page fetched then is compared with."""
        before = [version for version in self.versions if version.seen_from <= at]
        return [*before[-1:], *self.versions[len(before) :][:1]]

    def record(self, version: Version) -> Record:
        """The name of a revision that stays when others get into the history before it."""
        return self.article_id, version.archive_file, version.archive_offset


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger has of a document: `seen` where this very record was read before."""

    seen: bool = False
    target: Target | None = None
    named: Outcome | None = None
    own: Outcome | None = None

    @property
    def why_not(self) -> str | None:
        """Why there is nothing to be done with the document, in words; None where there is."""
        if self.seen:
            return "read before"
        if self.target:
            return None if self.target.open else "of an article whose entry waits, failed or carries its own text"
        if self.named:
            return f"of an entry that is {self.named}"
        return "read before" if self.own else None


@dataclass(frozen=True, slots=True)
class Placed:
    """What becomes of one document: loaded by the usual plan (`item`), or put into a history (`row`, `begins`)."""

    of: Judged | Rejection
    item: Judged | Rejection | None = None
    inserted: Row | None = None
    begins: Row | None = None
    recleaned: tuple[Row, ...] = ()
    publisher: Row | None = None

    @property
    def nothing(self) -> bool:
        """Whether the ledger has it all already."""
        return not (self.item or self.inserted or self.begins)


def place(
    item: Judged | Rejection, target: Target | None, recleaned: Recleaned, publishers: Publishers, now: datetime
) -> Placed:
    """What becomes of a document that was cleaned and judged for this target; without one it is a new entry's."""
    if target is None:
        return Placed(item, item)
    if isinstance(item, Rejection):
        return Placed(item, item) if item.outcome is Outcome.QUARANTINED else Placed(item)
    if not target.versions or target.speaker.outcome is Outcome.OFF_TOPIC:
        newer = item.article.fetched_at > target.looked_at and item.article.content_hash != target.content_hash
        return Placed(item, item) if newer and item.relevant else Placed(item)
    found = place_in(item.article, brought_up(target, recleaned))
    if found.kind is Kind.SAME:
        return Placed(item)
    if found.kind is Kind.NEWEST:
        newest = recleaned.get(target.record(target.versions[-1]))
        return Placed(item, replace(item, article=replace(item.article, recleaned=newest)))
    return _into_history(item, target, found, recleaned, publishers, now)


def _into_history(  # noqa: PLR0913, PLR0917 -- each is a part of its own
    item: Judged, target: Target, found: Place, recleaned: Recleaned, publishers: Publishers, now: datetime
) -> Placed:
    """An older version in its place, with the revisions beside it as the present cleaner reads them."""
    article, article_id = item.article, target.article_id
    # The current revision is left to a replay: with its text, decision and facts would have to follow.
    again = tuple(
        recleaned_row(recleaned[target.record(version)], article_id, version.number, now)
        for version in target.neighbours(article.fetched_at)
        if target.record(version) in recleaned and version is not target.versions[-1]
    )
    key = {"article_id": article_id, "revision": found.number}
    if found.kind is Kind.EARLIER:
        return Placed(item, begins={**key, "seen_from": article.fetched_at}, recleaned=again)
    row = {**revision_row(article, article_id, found.change, now), **key, "following": found.following}
    return Placed(item, inserted=row, recleaned=again, publisher=publisher_row(article, publishers))


def item_of(item: Judged | Rejection, entry: Entry) -> Judged | Rejection:
    """The same as an item of this entry."""
    if isinstance(item, Judged):
        return replace(item, article=replace(item.article, entry=entry))
    judged = item.judged and replace(item.judged, article=replace(item.judged.article, entry=entry))
    return replace(item, entry=entry, judged=judged)


def is_read_for(item: Judged | Rejection, reader: Entry, target: Target | None) -> bool:
    """Whether a page that was read for this entry is good for what the ledger knows by now.

    Not where another entry speaks for its article, nor where the article is loaded and no text was sought in the page.
    """
    if target is None:
        return True
    sought = isinstance(item, Rejection) or not item.article.verdicts
    loaded = target.speaker.outcome is Outcome.LOADED
    return target.speaker.entry_id == reader.entry_id and (sought or not loaded)


def brought_up(target: Target, recleaned: Recleaned) -> list[Version]:
    """The history as the present cleaner reads it, as far as its pages can still be read."""
    return [
        replace(version, says=as_revision(again)) if (again := recleaned.get(target.record(version))) else version
        for version in target.versions
    ]


def is_kept(placed: Placed) -> bool:
    """Whether the page must be in the archive: a revision is made of it, or it waits in quarantine."""
    item = placed.item
    if isinstance(item, Rejection):
        return item.outcome is Outcome.QUARANTINED
    return placed.inserted is not None or (item is not None and item.relevant)


def quarantine_name(item: Judged | Rejection) -> str | None:
    """The id under which this row would lie in quarantine."""
    if isinstance(item, Rejection) and item.judged:
        return mint("q", item.entry.entry_id, item.judged.article.content_hash)
    return None


def entry_row(entry: Entry) -> Row:
    """A row of `load/add_entries.sql` for a document's entry."""
    return {
        "entry_id": entry.entry_id,
        "feed_id": entry.feed.id,
        "entry_key": entry.url or entry.entry_id,
        "guid": None,
        "url": entry.url,
        "title": entry.title,
        "author": None,
        "summary": "",
        "content": "",
        "categories": [],
        "enclosures": [],
        "origin": None,
        "origin_url": None,
        **date_row(entry.published),
        "fingerprint": entry.entry_id,
        "first_seen_at": entry.first_seen_at,
    }


def document_row(entry: Entry, document: Document) -> Row:
    """A row of `load/add_documents.sql`."""
    return {
        "entry_id": entry.entry_id,
        "source": document.source,
        "source_offset": document.offset,
        "url": document.url,
        "fetched_at": document.fetched_at,
        "content_type": document.content_type,
    }


@dataclass(slots=True)
class Histories:
    """The rows of a batch that go into histories."""

    inserted: list[Row] = field(default_factory=list)
    begins: list[Row] = field(default_factory=list)
    recleaned: list[Row] = field(default_factory=list)
    publishers: dict[Any, Row] = field(default_factory=dict)

    @classmethod
    def of(cls, placed: Sequence[Placed]) -> "Histories":
        """Those of these documents; no article is among them twice."""
        found = cls()
        for one in placed:
            found.inserted += [one.inserted] if one.inserted else []
            found.begins += [one.begins] if one.begins else []
            found.recleaned += one.recleaned
            if one.publisher:
                found.publishers[one.publisher["publisher_id"]] = one.publisher
        return found
