"""The ledger's side of a backfill: what it has of a batch of documents, and the transaction that places them."""

from collections.abc import Mapping, Sequence
from typing import Any

from technews import addresses
from technews.history import Version
from technews.identity import Revision
from technews.ledger import Ledger, entry_of
from technews.placement import Asked, Histories, Known, Placed, Target, document_row, entry_row
from technews.publishers import Publishers
from technews.records import Document, Outcome
from technews.warehouse import Row


def recognize(ledger: Ledger, asked: Sequence[Asked]) -> list[Known]:
    """What the ledger has of each of these documents, in order."""
    rows = ledger.store.rows("load/recognize_documents", rows=[_question(one) for one in asked])
    targets = read_targets(ledger, [row["article_id"] for row in rows if row["article_id"]])
    known = {
        row["key"]: Known(
            row["seen"], targets.get(row["article_id"]), _outcome(row["named_outcome"]), _outcome(row["own_outcome"])
        )
        for row in rows
    }
    return [known[one.key] for one in asked]


def read_targets(ledger: Ledger, article_ids: Sequence[str]) -> dict[str, Target]:
    """These articles, with the text that their entries' feeds carry and with their histories."""
    ids = sorted(set(article_ids))
    feeds = ledger.feeds() if ids else {}
    rows = ledger.store.rows("load/targets", ids=ids) if ids else []
    entries = [entry_of(row, feeds[row["feed_id"]].feed) for row in rows]
    texts = ledger.with_feed_text(entries) if entries else {}
    versions: dict[str, list[Version]] = {}
    for row in ledger.store.rows("load/versions", ids=ids) if ids else []:
        versions.setdefault(row["article_id"], []).append(version_of(row))
    return {
        row["article_id"]: Target(
            row["article_id"],
            texts[row["entry_id"]],
            row["content_hash"],
            row["looked_at"],
            tuple(versions.get(row["article_id"], ())),
        )
        for row in rows
    }


def version_of(row: Row) -> Version:
    """A revision, from a row of `load/versions.sql`."""
    says = Revision(
        row["title"],
        row["text"],
        row["author"],
        row["published_at"],
        row["canonical_url"],
        row["content_hash"],
        row["cleaner_version"],
    )
    return Version(
        row["revision"],
        row["seen_from"],
        says,
        row["extractor"],
        row["archive_file"],
        row["archive_offset"],
        row["url"],
        row["fetched_at"],
        row["entry_key"],
    )


def write_placed(
    ledger: Ledger, placed: Sequence[Placed], documents: Mapping[str, Document], publishers: Publishers
) -> None:
    """Writes down what becomes of a batch of documents, in one transaction; nothing where nothing is to be written.

    `documents` are those of new entries, by entry id. Raises what the store raises.
    """
    if not all(one.nothing for one in placed):
        with ledger.store.transaction():
            put(ledger, placed, documents, publishers)


def put(ledger: Ledger, placed: Sequence[Placed], documents: Mapping[str, Document], publishers: Publishers) -> None:
    """The same, in the caller's transaction."""
    items = [one.item for one in placed if one.item]
    subjects = [item.entry for item in items]
    # An entry of the ledger speaks for its article; one that a document would be waits for nothing yet.
    new = {e.entry_id: e for e in subjects if e.outcome is Outcome.PENDING}
    histories = Histories.of(placed)
    names = {entry.feed.id: entry.feed.title for entry in new.values()}
    ledger.load(
        add_archive_feeds=[{"feed_id": feed_id, "title": title} for feed_id, title in names.items()],
        add_entries=[entry_row(entry) for entry in new.values()],
        add_documents=[document_row(entry, documents[entry_id]) for entry_id, entry in new.items()],
    )
    ledger.place(items, publishers)
    ledger.load(
        reclean_revisions=histories.recleaned,
        insert_revisions=histories.inserted,
        begin_earlier=histories.begins,
        add_publishers=histories.publishers.values(),
    )


def _question(asked: Asked) -> dict[str, Any]:
    document = asked.document
    return {
        "key": asked.key,
        "entry_id": asked.entry.entry_id,
        "named": document.entry_id,
        "url": addresses.identity(document.url) if document.url else None,
        "file": document.source.rpartition("/")[2] if document.offset is not None else None,
        "offset": document.offset,
        "source": document.source,
    }


def _outcome(value: str | None) -> Outcome | None:
    return Outcome(value) if value else None
