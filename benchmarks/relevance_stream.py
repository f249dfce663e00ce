"""An unfiltered stream: every distinct entry of the feeds that lie beside the project, as a run would see it."""

import gzip
import html
import re
from datetime import UTC, datetime, timedelta

from benchmarks.relevance_cases import ROOT
from technews.feed_xml import NotAFeed
from technews.feeds import read_feed
from technews.records import Feed

FEEDS = ROOT / ".." / "shared" / "data" / "feeds"
_FEED = Feed("stream", "https://stream.example/", "Stream", "en", "US", "UTC", timedelta(minutes=30))
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"(?i)<(?:/p|/li|/h\d|br|/div|/tr)\b[^>]*>")


def stream() -> list[tuple[str, str]]:
    """Title and text of each entry once, whatever its language; files that are no feeds are passed by."""
    found: dict[tuple[str, str], None] = {}
    for path in sorted(FEEDS.glob("**/*")):
        if not path.is_file() or path.suffix not in (".xml", ".rss", ".atom", ".rdf", ".json", ".gz"):
            continue
        body = path.read_bytes()
        try:
            body = gzip.decompress(body) if path.suffix == ".gz" else body
            document = read_feed(body, content_type=None, url=_FEED.url, feed=_FEED, now=datetime.now(UTC))
        except (NotAFeed, OSError, EOFError):
            continue
        for entry in document.entries:
            found[entry.title, plain(entry.content or entry.summary)] = None
    return list(found)


def plain(markup: str) -> str:
    """The visible text, a block a line."""
    text = html.unescape(_TAG.sub(" ", _BREAK.sub("\n", markup)))
    return "\n".join(line for line in (" ".join(part.split()) for part in text.split("\n")) if line)
