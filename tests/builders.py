"""Records for tests: small, valid, and each part replaceable."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from technews.extraction import content_hash
from technews.records import (
    Article,
    DateReading,
    Details,
    Entry,
    Evidence,
    Feed,
    FeedDocument,
    FeedEntry,
    Judged,
    Origin,
    Outcome,
    Precision,
    Reason,
    Verdict,
)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TEXT = (
    "Apple will use Alibaba's Qwen for its artificial intelligence on iPhones sold in China, two people said.\n"
    "The companies have filed the features with the regulator, which has not answered yet, and wait in silence."
)


def feed(feed_id: str = "wire", **changes: Any) -> Feed:
    """A feed of an invented outlet."""
    base = {
        "id": feed_id,
        "url": f"https://{feed_id}.example/feed",
        "title": feed_id.title(),
        "language": "en",
        "country": "US",
        "timezone": "UTC",
        "every": timedelta(minutes=30),
    }
    return Feed(**{**base, **changes})


def reading(at: datetime | None = NOW) -> DateReading:
    """A date as it was read."""
    return DateReading(at.isoformat() if at else None, at, at.date() if at else None, Precision.SECOND)


def feed_entry(key: str, **changes: Any) -> FeedEntry:
    """An entry of a feed document."""
    base = {
        "key": key,
        "guid": key,
        "url": f"https://wire.example/{key}",
        "title": f"Title of {key}",
        "author": None,
        "summary": "",
        "content": "",
        "published": reading(),
        "fingerprint": f"print of {key}",
    }
    return FeedEntry(**{**base, **changes})


def document(*keys: str, **changes: Any) -> FeedDocument:
    """A feed document with these entries."""
    return FeedDocument("rss", "Wire", tuple(feed_entry(key, **changes) for key in keys))


def entry(entry_id: str = "e1", **changes: Any) -> Entry:
    """An entry of the ledger."""
    base = {
        "entry_id": entry_id,
        "feed": feed(),
        "url": f"https://wire.example/{entry_id}",
        "title": "Title",
        "author": None,
        "summary": "",
        "content": "",
        "published": reading(),
        "outcome": Outcome.PENDING,
        "attempts": 0,
        "first_seen_at": NOW,
    }
    return Entry(**{**base, **changes})


def article(of: Entry | None = None, **changes: Any) -> Article:
    """A cleaned page."""
    of = of or entry()
    base: dict[str, Any] = {
        "entry": of,
        "url": of.url,
        "canonical_url": None,
        "title": "Apple takes Qwen for China",
        "text": TEXT,
        "language": "en",
        "publisher_id": "wire-example",
        "publisher": "Wire",
        "author": None,
        "published": DateReading("2026-03-02", NOW, date(2026, 3, 2), Precision.SECOND),
        "modified_at": None,
        "details": Details(published_from=Origin.JSON_LD),
        "fetched_at": NOW,
        "word_count": 30,
        "extractor": "trafilatura",
        "cleaner_version": "1",
    }
    base |= changes
    base.setdefault("content_hash", content_hash(base["title"], base["text"]))
    return Article(**base)


def verdict(*, relevant: bool = True, **changes: Any) -> Verdict:
    """A topic's decision."""
    base: dict[str, Any] = {
        "topic_id": "apple-china-ai",
        "relevant": relevant,
        "score": 0.9 if relevant else 0.1,
        "threshold": 0.5,
        "rule_version": "apple-china-ai-0001",
        "reason": Reason.ON_TOPIC if relevant else Reason.FACET_MISSING,
        "matches": {"apple": 1} if relevant else {},
        "evidence": (Evidence("apple", "apple", "Apple", "title", "en", 0, "Apple takes Qwen"),) if relevant else (),
    }
    return Verdict(**{**base, **changes})


def judged(of: Article | None = None, *, relevant: bool = True, **changes: Any) -> Judged:
    """An article with one verdict."""
    return Judged(of or article(), (verdict(relevant=relevant),), **changes)
