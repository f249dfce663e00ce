"""Cleaning: what a downloaded page says, as an article; or why it holds none.

`extract` is pure and runs in worker processes (see `workers`); it alone loads trafilatura, so that importing this
module stays cheap. Keeps every paragraph a line of its own, never raises for what a page holds, and never takes a
feed's teaser for a page that turned out to be a consent, login, not-found or listing page.
"""

import hashlib
import html
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timezone
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo

from technews.addresses import site_of
from technews.dates import read_date, stated_offset
from technews.languages import counts_characters, language_of
from technews.publishers import Publishers
from technews.records import (
    Article,
    DateReading,
    Details,
    Entry,
    Origin,
    Outcome,
    Page,
    Precision,
    Reason,
    Rejection,
    Verdict,
)

if TYPE_CHECKING:
    from technews.documents import Element
    from technews.metadata import Metadata

MAX_BODY: Final = 10_000_000  # bytes
MAX_TEXT: Final = 1_000_000  # characters
MIN_TEXT: Final = 80  # characters
MIN_TEXT_DENSE: Final = 40  # characters, in scripts that say as much in half of them

_OWN_VERSION: Final = "5"
# Names the cleaner: texts of different versions must not be taken for revisions by the publisher.
CLEANER_VERSION: Final = f"{_OWN_VERSION}+trafilatura-{version('trafilatura')}"

_PRECISIONS: Final = (Precision.UNKNOWN, Precision.DAY, Precision.MINUTE, Precision.SECOND)
_DESCRIBED: Final = ("en", "fr", "zh")
_WORD: Final = re.compile(r"\w+(?:['’\-]\w+)*")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a page says.

    `language` is the page's own statement (ISO 639-1), `published` and `modified` are dates as it writes them,
    `canonical_url` is absolute; each is None where the page is silent. `spoken` are all languages, the likeliest for
    the text first (see `languages.ranked`; the model that tells lies in the workers). `extractor` names what gave it:
    `trafilatura`, `json_ld`, `plain` (all that is visible, where nothing else finds a text) or `none`.
    """

    title: str = ""
    text: str = ""
    author: str | None = None
    site_name: str | None = None
    canonical_url: str | None = None
    language: str | None = None
    published: str | None = None
    modified: str | None = None
    extractor: str = "none"
    spoken: tuple[str, ...] = ()
    details: Details = field(default_factory=Details)


@dataclass(frozen=True, slots=True)
class NotAnArticle:
    """Why a page holds no article; and what it says of itself all the same (`said`, without text)."""

    reason: Reason
    detail: str = ""
    said: Extraction = field(default_factory=Extraction)


@dataclass(frozen=True, slots=True)
class Told:
    """What a feed said of a page before it was read; `content` and `summary` are HTML as served."""

    title: str
    content: str
    summary: str
    language: str


@dataclass(frozen=True, slots=True)
class OffTopic:
    """A page that was not extracted, since nothing on it shows a facet that each topic needs (see `look_ahead`).

    `content_hash` is that of the title and all visible text, `language` the page's own statement.
    """

    title: str
    canonical_url: str | None
    site_name: str | None
    language: str | None
    content_hash: str
    verdicts: tuple[Verdict, ...]


class Look(Protocol):
    """Looks at a page's tree, address, JSON-LD and outline, and says whether its text need not be sought."""

    def __call__(
        self, tree: "Element", url: str | None, stated: Sequence[dict[str, Any]], outline: "Metadata"
    ) -> OffTopic | None:
        """The page as off topic, or None where it has to be read."""
        ...


def extract(
    body: bytes, content_type: str | None, url: str | None, now: datetime | None = None
) -> Extraction | NotAnArticle:
    """The article on a page. `url` is the page's final address, None where it is not known (a file, say).

    Of several dates that a page states, none over a day after `now` (by default the present) is taken.
    """
    found = extract_unless(None, body, content_type, url, now)
    return NotAnArticle(Reason.NO_ARTICLE) if isinstance(found, OffTopic) else found


def extract_unless(
    look: Look | None, body: bytes, content_type: str | None, url: str | None, now: datetime | None = None
) -> Extraction | NotAnArticle | OffTopic:
    """The same, but that `look` is asked before the text is sought, and may end the reading there."""
    if len(body) > MAX_BODY:
        return NotAnArticle(Reason.TOO_LARGE, f"{len(body):,} bytes; at most {MAX_BODY:,} are read")
    from technews.pages import read_page  # noqa: PLC0415 - loads trafilatura, which a run without new pages never needs

    try:
        return read_page(body, content_type, url, look, now or datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - whatever a library trips over costs this page only, and is kept as its reason
        return NotAnArticle(Reason.EXTRACTION_CRASHED, f"{type(error).__name__}: {error}"[:300])


def content_hash(title: str, text: str) -> str:
    """SHA-256 (hexadecimal) of title and text with white space collapsed: equal for what reads the same."""
    whole = f"{' '.join(title.split())}\n\n{' '.join(text.split())}"
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


def word_count(text: str, language: str | None) -> int:
    """Words; for Chinese and Japanese characters, without white space and punctuation."""
    if counts_characters(language):
        return sum(char.isalnum() for char in text)
    return len(_WORD.findall(text))


def min_text(language: str | None) -> int:
    """From how many characters a text counts as an article's."""
    return MIN_TEXT_DENSE if counts_characters(language) else MIN_TEXT


def page_to_article(
    page: Page,
    extraction: Extraction | NotAnArticle | OffTopic,
    publishers: Publishers,
    languages: Collection[str],
    now: datetime,
) -> Article | Rejection:
    """The article that cleaning made of a page, or the rejection of its entry (outcome `empty`).

    Where the page has too little text, the entry's own text stands in, if that is long enough; a page that is no
    article (consent, login, not found, listing) is never replaced so. `languages` are those that feeds are
    configured for.
    """
    entry = page.entry
    if isinstance(extraction, OffTopic):
        return _unread(page, extraction, publishers)
    if isinstance(extraction, NotAnArticle):
        if extraction.reason is not Reason.NO_ARTICLE:
            return Rejection(entry, Outcome.EMPTY, extraction.reason, extraction.detail, page.fetch)
        extraction = extraction.said
    if page.fetch is None:
        extraction = _of_feed(extraction, entry)
    text, extractor = _text_of(page, extraction)
    ranking = extraction.spoken if text == extraction.text else ()
    language = language_of(extraction.language, text, languages, entry.feed.language, ranking)
    if len(text) < min_text(language):
        reason = Reason.TOO_SHORT if text else Reason.NO_ARTICLE
        return Rejection(entry, Outcome.EMPTY, reason, f"{len(text)} characters", page.fetch)
    title = extraction.title or entry.title
    publisher = publishers.of(page.url, extraction.site_name or _title_of_site(page), language)
    zone = ZoneInfo(entry.feed.timezone)
    of_page, modified = (read_date(raw, zone, now=now) for raw in (extraction.published, extraction.modified))
    published = better_date(of_page, entry.published)
    return Article(
        entry=entry,
        url=page.url,
        canonical_url=extraction.canonical_url,
        title=title,
        text=text,
        language=language,
        publisher_id=publisher.id,
        publisher=publisher.name,
        author=extraction.author or entry.author,
        published=published,
        details=_details(extraction, entry, of_page, modified, published),
        modified_at=modified.at,
        fetched_at=page.fetched_at,
        content_hash=content_hash(title, text),
        word_count=word_count(text, language),
        extractor=extractor,
        cleaner_version=CLEANER_VERSION,
        fetch=page.fetch,
    )


def _title_of_site(page: Page) -> str | None:
    """The title of the entry's feed, where page and feed are of one site: other feeds list what others publish."""
    feed = page.entry.feed
    return feed.title if site_of(page.url) == site_of(feed.url) else None


def _unread(page: Page, found: OffTopic, publishers: Publishers) -> Article:
    """The article of a page that was not extracted: it has no text, and its verdicts with it."""
    entry = page.entry
    language = found.language or entry.feed.language
    publisher = publishers.of(page.url, found.site_name or _title_of_site(page), language)
    return Article(
        entry=entry,
        url=page.url,
        canonical_url=found.canonical_url,
        title=found.title,
        text="",
        language=language,
        publisher_id=publisher.id,
        publisher=publisher.name,
        author=entry.author,
        published=entry.published,
        details=Details(page_language=found.language, published_from=Origin.FEED),
        modified_at=None,
        fetched_at=page.fetched_at,
        content_hash=found.content_hash,
        word_count=0,
        extractor="none",
        cleaner_version=CLEANER_VERSION,
        fetch=page.fetch,
        verdicts=found.verdicts,
    )


def _of_feed(extraction: Extraction, entry: Entry) -> Extraction:
    """What a feed's text gives: no page was read that could say anything of itself.

    The names below its title count where the entry names no authors; a date in it is not that of its publication.
    """
    authors = (entry.author,) if entry.author else extraction.details.authors
    return Extraction(
        title=extraction.title,
        text=extraction.text,
        author=entry.author or extraction.author,
        extractor=extraction.extractor,
        details=Details(authors=authors),
    )


def _details(
    extraction: Extraction, entry: Entry, of_page: DateReading, modified: DateReading, published: DateReading
) -> Details:
    """What the page says of itself, with the feed as the origin of what only its entry says."""
    said = extraction.details
    of_feed = published is entry.published
    return replace(
        said,
        authors=said.authors or ((entry.author,) if entry.author else ()),
        page_language=extraction.language,
        title_from=said.title_from or (Origin.FEED if entry.title else None),
        author_from=said.author_from or (Origin.FEED if extraction.author or entry.author else None),
        published_from=None if published.at is None else Origin.FEED if of_feed else said.published_from,
        modified_from=said.modified_from if modified.at else None,
        modified_precision=modified.precision,
        page_published_at=of_page.at,
        page_published_on=of_page.on,
        page_published_precision=of_page.precision,
    )


def better_date(of_page: DateReading, of_feed: DateReading) -> DateReading:
    """The page's date where it is as precise as the feed's, else the feed's."""
    if of_page.at is None and of_feed.at is None:
        return of_page if of_page.raw else of_feed
    page_rank, feed_rank = (_PRECISIONS.index(reading.precision) for reading in (of_page, of_feed))
    return of_page if page_rank >= feed_rank else of_feed


def carries_full_text(entry: Entry) -> bool:
    """Whether the entry's feed gives the whole article with it, so that no page need be downloaded.

    That must be declared for the feed, but for an entry without a link, which is complete in itself (RSS 2.0, elements
    of <item>); and the text must be long enough.
    """
    if entry.url and not entry.feed.full_text:
        return False
    text = _text_in_feed(entry)
    return bool(text) and len(_visible(text)) >= min_text(entry.feed.language)


def feed_text_page(entry: Entry, fetched_at: datetime) -> Page:
    """The entry whose feed carries its text as a page, so that it goes the way that downloaded pages go.

    Without a link, the feed's own address is where a reader finds it.
    """
    title = html.escape(entry.title)
    markup = (
        '<!doctype html><html><head><meta charset="utf-8"><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{title}"><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{_text_in_feed(entry)}</article></body></html>"
    )
    return Page(
        entry, entry.url or entry.feed.url, markup.encode("utf-8", "replace"), "text/html; charset=utf-8", fetched_at
    )


def _text_in_feed(entry: Entry) -> str:
    return entry.content if entry.url else entry.content or entry.summary


def describe(body: bytes, url: str | None, *, now: datetime | None = None) -> dict[str, str | None]:
    """A page as `technews clean` prints it: url, title, text, author, dates (ISO 8601), language, publisher, error.

    A date has an offset where the page states one and no time where it states none; what lies over a day after `now`
    (by default the present) is no date. `error` is the reason of
    `NotAnArticle`, with its detail, or that the text is as short as no article's is; None for an article.
    """
    now = now or datetime.now(UTC)
    return description(extract(body, None, url, now), url, now=now)


def description(found: Extraction | NotAnArticle, url: str | None, *, now: datetime) -> dict[str, str | None]:
    """What `describe` says, of a page that was extracted already (in a worker process, say)."""
    keys = ("url", "title", "text", "author", "published_at", "modified_at", "language", "publisher", "error")
    if isinstance(found, Extraction):
        language = language_of(found.language, found.text, _DESCRIBED, "", found.spoken) or None
        if (length := len(found.text)) < min_text(language):
            found = NotAnArticle(Reason.TOO_SHORT, f"{length} characters", found)
    if isinstance(found, NotAnArticle):
        error = f"{found.reason}: {found.detail}" if found.detail else str(found.reason)
        return dict.fromkeys(keys) | {"url": url, "title": found.said.title, "text": "", "error": error}
    address = url or found.canonical_url
    values = (
        address,
        found.title,
        found.text,
        found.author,
        iso_date(found.published, now=now),
        iso_date(found.modified, now=now),
        language,
        Publishers().of(address or "", found.site_name, None).name if address or found.site_name else None,
        None,
    )
    return dict(zip(keys, values, strict=True))


def iso_date(raw: str | None, *, now: datetime) -> str | None:
    """A date in ISO 8601 as exactly as it was written: with its offset, without one, or the day; None if unknown."""
    here, there = (read_date(raw, ZoneInfo(zone), now=now) for zone in ("UTC", "Asia/Shanghai"))
    if here.at is None or here.on is None:
        return None
    if here.precision is Precision.DAY:
        return here.on.isoformat()
    if here.at != there.at:  # read in the reader's zone: none is stated
        return here.at.replace(tzinfo=None).isoformat()
    offset = stated_offset(raw)
    return (here.at if offset is None else here.at.astimezone(timezone(offset))).isoformat()


def _text_of(page: Page, extraction: Extraction) -> tuple[str, str]:
    """The article's text and what gave it: the page, or where that has too little the feed."""
    entry = page.entry
    if page.fetch is None:
        own = _visible(entry.content)[:MAX_TEXT]
        # A feed's text has no page around it: what a reading for pages leaves out of it is part of the article.
        return (own if len(own) > 2 * len(extraction.text) else extraction.text), "feed"
    needed = min_text(extraction.language or entry.feed.language)
    if len(extraction.text) >= needed:
        return extraction.text, extraction.extractor
    own = next((text for part in (entry.content, entry.summary) if len(text := _visible(part)) >= needed), "")
    return (own[:MAX_TEXT], "feed") if own else (extraction.text, extraction.extractor)


def _visible(markup: str) -> str:
    if not markup:
        return ""
    from technews.documents import fragment_text  # noqa: PLC0415 - loads lxml, which a run without new pages never needs

    return fragment_text(markup)
