"""A feed document of any format to its entries, each with the key that identifies it in its feed for good.

Bytes are decoded here, so that no parser guesses; what is whole in a damaged document is read; every item of the
document becomes one entry, except those that repeat another's key. Never raises anything but NotAFeed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from technews.addresses import without_user
from technews.charsets import decode
from technews.dates import read_date, without_poll_time
from technews.feed_drafts import TITLE_LIMIT, Draft, NotAFeed, fingerprint, hash_of, visible_text
from technews.feed_json import read_json
from technews.feed_repair import MAX_ITEMS
from technews.feed_xml import read_xml
from technews.records import DateReading, Feed, FeedDocument, FeedEntry, sound_text
from technews.recurrence import KEY_LIMIT, bounded_key

__all__ = ["NotAFeed", "read_feed"]

_AUTHOR_LIMIT: Final = 500
_ADDRESS_LIMIT: Final = 2_000


def read_feed(  # noqa: PLR0913 -- what HTTP says of a document, each by its name
    body: bytes,
    *,
    content_type: str | None,
    url: str,
    feed: Feed,
    now: datetime,
    sent: datetime | None = None,
) -> FeedDocument:
    """The entries of a feed document, in order: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1.

    `url` is where the document was served (after redirects), for relative links; `feed.timezone` is for dates without
    a zone, `now` (when the document came, and `sent` by its server's clock) for dates that lie ahead or only state that
    very time. Raises NotAFeed, with a short reason, where the document holds no feed.
    """
    text = sound_text(decode(body, content_type, xml=True))
    read = read_json if text.lstrip().startswith("{") else read_xml
    found = read(text, url)
    if len(found.drafts) > MAX_ITEMS:
        raise NotAFeed(f"more than {MAX_ITEMS:,} items")
    zone = ZoneInfo(feed.timezone)
    drafts = [_without_users(draft) for draft in found.drafts]
    keyed = _keyed(drafts)
    dates = [read_date(draft.date, zone, now=now) for draft in keyed.values()]
    dates = without_poll_time(dates, (now, sent or now))
    return FeedDocument(
        kind=found.kind,
        title=found.title[:TITLE_LIMIT],
        entries=tuple(_entry(key, draft, date) for (key, draft), date in zip(keyed.items(), dates, strict=True)),
        repeated=len(found.drafts) - len(keyed),
        wait=found.wait,
    )


def _without_users(draft: Draft) -> Draft:
    """A user name in a link is nobody's to store; GUIDs are links often enough."""
    return replace(
        draft,
        guid=without_user(draft.guid),
        url=without_user(draft.url) if draft.url else None,
        enclosures=tuple(without_user(url) for url in draft.enclosures),
        origin_url=without_user(draft.origin_url) if draft.origin_url else None,
    )


def _keyed(drafts: Sequence[Draft]) -> dict[str, Draft]:
    """The drafts by key; of several with one key the first, or the first that has a link."""
    links_of: dict[str, set[str]] = defaultdict(set)
    for draft in drafts:
        if draft.guid and draft.url:
            links_of[draft.guid].add(draft.url)
    found: dict[str, Draft] = {}
    for draft in drafts:
        key = _key(draft, shared=len(links_of[draft.guid]) > 1)
        if key not in found or (draft.url and not found[key].url):
            found[key] = draft
    return found


def _key(draft: Draft, *, shared: bool) -> str:
    """What identifies the entry within its feed (see FeedEntry); `shared`: its GUID has other links in the document."""
    if draft.guid:
        key = f"{draft.guid} {draft.url}" if shared and draft.url else draft.guid
    elif draft.url:
        key = draft.url
    elif text := visible_text(draft.content) or visible_text(draft.summary):
        key = f"content:{hash_of(draft.title, text)}"
    else:
        key = f"title:{hash_of(draft.title)}"
    return bounded_key(key)


def _entry(key: str, draft: Draft, published: DateReading) -> FeedEntry:
    # The last step: decoding a title's references may have brought anything back.
    title = sound_text(draft.title)[:TITLE_LIMIT].strip()
    link = sound_text(draft.url) if draft.url else None
    return FeedEntry(
        key=key,
        guid=draft.guid[:KEY_LIMIT] or None,
        url=link,
        title=title,
        author=sound_text(draft.author)[:_AUTHOR_LIMIT].strip() or None,
        summary=sound_text(draft.summary),
        content=sound_text(draft.content),
        published=published,
        fingerprint=fingerprint(title, draft.url, published.stated, draft.content, draft.summary),
        categories=draft.categories,
        enclosures=draft.enclosures,
        origin=sound_text(draft.origin)[:TITLE_LIMIT] or None,
        origin_url=sound_text(draft.origin_url)[:_ADDRESS_LIMIT] if draft.origin_url else None,
    )
