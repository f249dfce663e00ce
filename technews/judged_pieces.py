"""The piece that an entry was judged by: as stored, as it lies in quarantine, or as its page or feed says it again."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from technews.extraction import extract, page_to_article
from technews.ledger import Ledger, entry_of
from technews.payloads import from_payload
from technews.publishers import Publishers
from technews.records import Article, Verdict
from technews.stored_pages import kept_page


@dataclass(frozen=True, slots=True)
class JudgedPiece:
    """Title, text and language (ISO 639-1, or None) that were decided on; of a quarantined row, its verdicts too."""

    title: str
    text: str
    language: str | None
    verdicts: Sequence[Verdict] = ()


def judged_piece(ledger: Ledger, entry_id: str) -> JudgedPiece | None:
    """The piece; None where neither its text nor its page is there any more."""
    (row,) = ledger.store.rows("reports/entry_piece", entry_id=entry_id)
    if row["payload"] is not None:
        with suppress(ValueError):  # written by another version, which knew other rows
            judged = from_payload(row["payload"])
            return JudgedPiece(judged.article.title, judged.article.text, judged.article.language, judged.verdicts)
    if row["stored_text"] is not None:
        return JudgedPiece(row["stored_title"], row["stored_text"], row["stored_language"])
    feeds = {feed_id: known.feed for feed_id, known in ledger.feeds().items()}
    (entry,) = ledger.with_feed_text([entry_of({**row, "pending_since": None}, feeds[row["feed_id"]])]).values()
    page = kept_page(ledger.settings.archive, entry, {**row, "url": row["page_url"]})
    if page is None:
        return None
    # It was cleaned within limits of time and memory before it was judged.
    found = extract(page.body, page.content_type, page.url)
    languages = {feed.language for feed in feeds.values()}
    article = page_to_article(page, found, Publishers(), languages, ledger.now)
    return JudgedPiece(article.title, article.text, article.language) if isinstance(article, Article) else None
