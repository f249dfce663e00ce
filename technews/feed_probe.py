"""A try of feeds, without touching the ledger: what each answers now, and what an operator should know or change.

`probe` asks the network, all feeds at once; what an answer means is decided by pure functions.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from technews.dates import read_date
from technews.feed_drafts import visible_text
from technews.feeds import NotAFeed, read_feed
from technews.http_fields import sent_at
from technews.languages import counts_characters
from technews.records import POLL_TIME, Feed, FeedDocument, FeedEntry
from technews.settings import Settings
from technews.web import FeedAnswer, FeedRequest, Web

# Visible characters of the median entry from which a feed seems to carry whole articles, and below which one that is
# declared to do so seems to carry teasers; half of that in scripts that say as much in half of them.
_WHOLE: Final = 1_500
_TEASER: Final = 500
_STALE: Final = timedelta(days=30)
_TIME_LIMIT: Final = 120.0  # seconds for all
# Two zones twelve hours apart: a date that reads the same in both names its own.
_HERE, _THERE = ZoneInfo("Etc/GMT"), ZoneInfo("Etc/GMT+12")


@dataclass(frozen=True, slots=True)
class Probe:
    """What one try of a feed found; `advice` is what to do about it, `error` why it could not be read."""

    feed: Feed
    document: FeedDocument | None = field(default=None, repr=False)
    error: str | None = None
    newest: datetime | None = None
    zone: str = ""
    full_text: bool = False
    advice: tuple[str, ...] = ()
    final_url: str | None = None
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The probe as `technews feeds check` shows it."""
        document = self.document
        return {
            "feed_id": self.feed.id,
            "state": "ok" if document else "failing",
            "kind": document.kind if document else None,
            "entries": len(document.entries) if document else None,
            "newest_entry": self.newest,
            "zone": self.zone or None,
            "full_text": self.full_text if document else None,
            "advice": "; ".join(self.advice) or None,
            "url": self.feed.url,
        }


def probe(settings: Settings, feeds: Sequence[Feed]) -> list[Probe]:
    """Tries the feeds, each host at its own pace, and gives what was found in their order."""
    found: dict[str, Probe] = {}
    with Web(settings, deadline=time.monotonic() + _TIME_LIMIT) as web:
        web.request_feeds(FeedRequest(feed) for feed in feeds)
        while web.feeds_open:
            for answer in web.feed_answers(20, 1.0):
                found[answer.feed.id] = judge(answer, datetime.now(UTC))
    return [found.get(feed.id) or Probe(feed, error="no answer in time") for feed in feeds]


def judge(answer: FeedAnswer, now: datetime) -> Probe:
    """What an answer says about its feed."""
    feed = answer.feed
    if (why := answer.error) is not None:
        gone = ("gone for good: remove it, or find its new address",) if answer.fetch.status == 410 else ()
        return Probe(feed, error=why, advice=gone or (why,))
    final = answer.final_url or feed.url
    try:
        sent = sent_at(answer.headers)
        document = read_feed(answer.body, content_type=answer.content_type, url=final, feed=feed, now=now, sent=sent)
    except NotAFeed as error:
        return Probe(
            feed,
            error=f"not a feed: {error}",
            advice=(f"not a feed: {error}; `technews feeds add` finds the feed of a site",),
            final_url=final,
            body=answer.body,
            content_type=answer.content_type,
        )
    entries = document.entries
    dates = [entry.published.at for entry in entries if entry.published.at]
    full_text = _carries_articles(feed, entries)
    probed = Probe(feed, document, None, max(dates, default=None), _zone(feed, entries, now), full_text)
    advice = [
        *_advice(probed, now),
        *([f"moved: url = {answer.permanent_redirect}"] if answer.permanent_redirect else []),
    ]
    return Probe(feed, document, None, probed.newest, probed.zone, full_text, tuple(advice), final)


def _advice(probed: Probe, now: datetime) -> list[str]:
    document, feed = probed.document, probed.feed
    entries = document.entries if document else ()
    said = []
    if not entries:
        said.append("it has no entries")
    if probed.full_text and not feed.full_text:
        said.append("entries carry whole articles: full_text = true saves the downloads")
    if feed.full_text and not probed.full_text and entries:
        said.append("entries carry no whole articles: full_text = false")
    if probed.newest and now - probed.newest > _STALE:
        said.append(f"its newest entry is {(now - probed.newest).days} days old")
    if any(entry.published.flag == "future" for entry in entries):
        said.append("dates lie ahead: is its timezone right?")
    if any(entry.published.flag == POLL_TIME for entry in entries):
        said.append("it dates entries with the present time: their dates are unknown")
    if unread := sum(bool(entry.published.stated) and entry.published.at is None for entry in entries):
        said.append(f"{unread} dates cannot be believed")
    if document and document.repeated:
        said.append(f"{document.repeated} items repeat others")
    return said


def _zone(feed: Feed, entries: Sequence[FeedEntry], now: datetime) -> str:
    """Where the zone of its dates comes from: from the dates, or (for dates without one) from the configuration."""
    raw = [entry.published.raw for entry in entries if entry.published.at]
    if not raw:
        return "no dates"
    later = now + timedelta(days=2)
    own = sum(read_date(r, _HERE, now=later).at == read_date(r, _THERE, now=later).at for r in raw)
    return "in its dates" if own == len(raw) else f"{feed.timezone} (as configured)"


def _carries_articles(feed: Feed, entries: Sequence[FeedEntry]) -> bool:
    """Whether entries seem to carry their article where a run takes it from: a summary does not count for one."""
    length = median([len(visible_text(e.content if e.url else e.content or e.summary)) for e in entries] or [0])
    enough = _TEASER if feed.full_text else _WHOLE
    return length >= (enough // 2 if counts_characters(feed.language) else enough)
