"""What travels through the pipeline, named by stage, and the closed lists of outcomes and reasons.

Every record is frozen. Text is made sound once, where records are built (`sound_text`), so that no later step meets a
lone surrogate, a control character or two spellings of one letter. All times are aware and in UTC.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeGuard

# Control characters (C0 without tab, line feed, carriage return; DEL; C1) and noncharacters that no text needs.
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
    + "]"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# The same in UTF-8, as three searches that run at the speed of memory: a page that holds none of these is left alone.
_C0: Final = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_C1: Final = re.compile(rb"\xc2[\x80-\x9f]")
_PLANE_END: Final = re.compile(rb"\xbf[\xbe\xbf]")
_NONCHARACTER: Final = re.compile(rb"\xef\xb7[\x90-\xaf]")


def sound_text(text: str) -> str:
    """The text with lone surrogates as U+FFFD, without control characters, in NFC (Unicode Standard Annex 15)."""
    if not _is_clean(text):
        # Control characters first: what stands on both sides of one may compose.
        text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_clean(text: str) -> bool:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return False
    if len(encoded.translate(None, _C0)) != len(encoded):
        return False
    return text.isascii() or not any(one.search(encoded) for one in (_C1, _PLANE_END, _NONCHARACTER))


class Outcome(StrEnum):
    """What became of a feed entry: exactly one at any time."""

    PENDING = "pending"
    LOADED = "loaded"
    OFF_TOPIC = "off_topic"
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"
    GONE = "gone"
    BLOCKED = "blocked"
    QUARANTINED = "quarantined"


# Ended, and no article was read: where the page may be asked for again.
WITHOUT_ARTICLE: Final = (Outcome.EMPTY, Outcome.UNREACHABLE, Outcome.GONE, Outcome.BLOCKED)


class Reason(StrEnum):
    """Why an entry has its outcome: the closed list, documented in docs/data-dictionary.md."""

    # pending
    NEW = "new"
    ENTRY_CHANGED = "entry_changed"
    LINK_CHANGED = "link_changed"
    ORIGINAL_GONE = "original_gone"
    RETRY_ASKED = "retry_asked"
    TIMEOUT = "timeout"
    CONNECTION_FAILED = "connection_failed"
    SERVER_ERROR = "server_error"
    RATE_LIMITED = "rate_limited"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    # loaded
    ON_TOPIC = "on_topic"
    PAGE_CHANGED = "page_changed"
    REPLAYED = "replayed"
    RELEASED = "released"
    # off_topic
    FACET_MISSING = "facet_missing"
    BELOW_THRESHOLD = "below_threshold"
    # duplicate
    SAME_URL = "same_url"
    SAME_TEXT = "same_text"
    # empty
    NO_LINK = "no_link"
    NO_URL = "no_url"
    NOT_HTML = "not_html"
    TOO_LARGE = "too_large"
    TOO_SHORT = "too_short"
    NO_ARTICLE = "no_article"
    LISTING_PAGE = "listing_page"
    CONSENT_PAGE = "consent_page"
    LOGIN_PAGE = "login_page"
    NOT_FOUND_PAGE = "not_found_page"
    EXTRACTION_TIMEOUT = "extraction_timeout"
    EXTRACTION_CRASHED = "extraction_crashed"
    # unreachable
    ATTEMPTS_USED_UP = "attempts_used_up"
    REDIRECT_LOOP = "redirect_loop"
    HOST_TOO_SLOW = "host_too_slow"
    # gone
    HTTP_404 = "http_404"
    HTTP_410 = "http_410"
    REDIRECTED_HOME = "redirected_home"
    # blocked
    ROBOTS = "robots"
    ADDRESS_REFUSED = "address_refused"
    SCHEME_REFUSED = "scheme_refused"
    HTTP_401 = "http_401"
    HTTP_403 = "http_403"
    HTTP_451 = "http_451"
    # quarantined
    INVALID = "invalid"
    ERROR = "error"


class Precision(StrEnum):
    """How exactly a publisher stated a time."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    UNKNOWN = "unknown"


# The flag of a date that is but the moment of serving.
POLL_TIME: Final = "poll_time"


class Origin(StrEnum):
    """Where a piece of metadata was found, the most reliable place first.

    `page` is what readers see (heading, title bar, byline, printed date), `htmldate` that library's guess from other
    marks; with `feed` the entry stands in for a page that is silent or less exact.
    """

    JSON_LD = "json_ld"
    META = "meta"
    TIME = "time"
    PAGE = "page"
    HTMLDATE = "htmldate"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class DateReading:
    """A publisher's date as it was read.

    `at` is the instant in UTC (a date of day precision: that day 00:00 in the feed's zone), `on` the day in the feed's
    zone. Both are None, and the precision `unknown`, when the date is missing or not to be believed; `flag` then says
    why.
    """

    raw: str | None = None
    at: datetime | None = None
    on: date | None = None
    precision: Precision = Precision.UNKNOWN
    flag: str | None = None

    @property
    def stated(self) -> str | None:
        """What the publisher said of the entry: the raw string, but None for the moment of serving."""
        return None if self.flag == POLL_TIME else self.raw


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as `config/feeds.toml` declares it."""

    id: str
    url: str
    title: str
    language: str
    country: str
    timezone: str
    every: timedelta
    full_text: bool = False


@dataclass(frozen=True, slots=True)
class FeedState:
    """What polling has taught about a feed so far.

    `rate` is its new entries an hour, `listed` how many entries its last document had, `asked_wait` what that document
    asked for. `failure_score` grows with each failure in a row, and more with a harder one; `next_poll_reason` says in
    words what decided `next_poll_at`. `moved_to` is the address that its server says to use from now on.
    `document_at` is when its document last came, rather than a 304, and `idle_document_at` when one last came that
    brought nothing. `validators_lie`: its ETag or Last-Modified stayed the same while its entries changed, or (none is
    kept then) its server said "not modified" of whatever was asked for with them.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    observed_since: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    next_poll_at: datetime | None = None
    interval: timedelta | None = None
    consecutive_failures: int = 0
    failure_score: int = 0
    rate: float | None = None
    listed: int | None = None
    asked_wait: timedelta | None = None
    next_poll_reason: str | None = None
    moved_to: str | None = None
    document_at: datetime | None = None
    idle_document_at: datetime | None = None
    validators_lie: bool = False


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed document, as the publisher wrote it.

    `key` identifies the entry within its feed: its GUID; the GUID with the link where one document uses a GUID for two
    links; without GUID the link; without link a hash of what the feed carries. `url` is absolute or None. `title` is
    plain text. `summary` and `content` are HTML as served (content: the whole article where the feed carries it).
    `categories` and `enclosures` (addresses) are in the feed's order; `origin` and `origin_url` name the feed or site
    that an aggregator took the entry from. `fingerprint` changes when the publisher changed title, link, date or
    visible text.
    """

    key: str
    guid: str | None
    url: str | None
    title: str
    author: str | None
    summary: str
    content: str
    published: DateReading
    fingerprint: str
    categories: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()
    origin: str | None = None
    origin_url: str | None = None


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed document as it was read: its kind (`rss`, `atom`, `rdf`, `json`), its title and its entries in order.

    `repeated` counts the items that repeat an entry's key and so are no entries of their own. `wait` is how long the
    publisher asks readers to wait before they look again (RSS `ttl`, `sy:updatePeriod`).
    """

    kind: str
    title: str
    entries: tuple[FeedEntry, ...]
    repeated: int = 0
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A feed entry of the ledger that is due: pending, or already loaded and to be looked at again.

    `pending_since` is when it last became pending: new, changed, or asked for again. `feed_record` is where the archive
    holds the feed's document that its text came from (file, offset).
    """

    entry_id: str
    feed: Feed
    url: str | None
    title: str
    author: str | None
    summary: str
    content: str
    published: DateReading
    outcome: Outcome
    attempts: int
    first_seen_at: datetime
    article_id: str | None = None
    pending_since: datetime | None = None
    feed_record: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One HTTP request chain (redirects included) and how it ended.

    `error` says why no usable answer came; it may stand beside a status (an unusable body, a refused redirect target).
    """

    kind: str
    url: str
    requested_at: datetime
    duration_ms: int
    final_url: str | None = None
    status: int | None = None
    error: str | None = None
    size: int = 0
    attempt: int = 1
    feed_id: str | None = None
    entry_id: str | None = None
    archive_file: str | None = None
    archive_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its server sent it, or (`fetch` None) an entry whose feed carries the whole text."""

    entry: Entry
    url: str
    body: bytes = field(repr=False)
    content_type: str
    fetched_at: datetime
    headers: tuple[tuple[str, str], ...] = ()
    fetch: Fetch | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A page as it lies in a source of a backfill: a record of a WARC file, or a file of a folder.

    `source` is the WARC file, or the page's own file (`offset` None). `after` is where reading goes on in the source:
    an offset in bytes, or the number of a folder's file. `fetched_at` is never later than now. `status` is 0 where no
    server's answer was kept. `entry_id` is named by records of an archive of ours.
    """

    source: str
    offset: int | None
    after: int
    url: str | None
    fetched_at: datetime
    body: bytes = field(repr=False)
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    entry_id: str | None = None

    @property
    def place(self) -> str:
        """Where it lies: its file, with the record's offset in bytes."""
        return self.source if self.offset is None else f"{self.source} at {self.offset}"


@dataclass(frozen=True, slots=True)
class Details:
    """What a page says of itself beside title, text and dates, and where each of these was found.

    `is_paywalled` is None where the page says nothing of it. `page_language` is the page's own statement (ISO 639-1);
    the article's `language` is that of the text.
    `page_published_*` is the page's own date, also where the feed's, as the more exact one, is the article's.
    """

    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    is_paywalled: bool | None = None
    page_language: str | None = None
    title_from: Origin | None = None
    author_from: Origin | None = None
    published_from: Origin | None = None
    modified_from: Origin | None = None
    modified_precision: Precision = Precision.UNKNOWN
    page_published_at: datetime | None = None
    page_published_on: date | None = None
    page_published_precision: Precision = Precision.UNKNOWN


@dataclass(frozen=True, slots=True)
class Article:
    """What cleaning made of a page.

    `url` is the page's final URL, `canonical_url` what the page itself names (absolute, None where it names none).
    `text` has one paragraph a line. `content_hash` is the SHA-256 of title and text (see `content_hash`).
    `word_count` counts characters for Chinese and Japanese. `extractor` names what gave the text. `recleaned` is what
    the present cleaner makes of the page that the stored revision came from, where another cleaner had made that.
    `verdicts` are there where all topics decided before the text was sought; `text` is empty then.
    """

    entry: Entry
    url: str
    canonical_url: str | None
    title: str
    text: str = field(repr=False)
    language: str
    publisher_id: str
    publisher: str
    author: str | None
    published: DateReading
    modified_at: datetime | None
    fetched_at: datetime
    content_hash: str
    word_count: int
    extractor: str
    cleaner_version: str
    fetch: Fetch | None = None
    details: Details = field(default_factory=Details)
    recleaned: "Article | None" = field(default=None, repr=False)
    verdicts: "tuple[Verdict, ...]" = ()


@dataclass(slots=True)  # frozen, one would take six times as long to make, and a title has five
class Evidence:
    """One term found: in which field (`title`, `lead`, `body`), and at which 0-based code point.

    For `title` the offset points into the stored title, for `lead` and `body` into the stored text.
    """

    facet: str
    entity: str
    term: str
    field: str
    language: str
    start: int
    snippet: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A topic's decision on an article, with all that explains it. `matches` counts all matches per facet."""

    topic_id: str
    relevant: bool
    score: float
    threshold: float
    rule_version: str
    reason: Reason
    matches: Mapping[str, int]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity named in an article."""

    entity_id: str
    name: str
    kind: str
    count: int
    in_title: bool
    first_start: int


@dataclass(frozen=True, slots=True)
class Judged:
    """An article with the verdict of every enabled topic, and (when on topic) the facts read from it."""

    article: Article
    verdicts: tuple[Verdict, ...]
    mentions: tuple[Mention, ...] = ()

    @property
    def entry(self) -> Entry:
        """The entry that the article was read for."""
        return self.article.entry

    @property
    def relevant(self) -> bool:
        """Whether any topic keeps the article."""
        return any(verdict.relevant for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of one row: the column and the value that broke it."""

    rule: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """An entry that leaves the way of the data here, with its outcome and reason.

    With outcome `pending` the attempt failed and another one is due at `retry_at`; `spent` says whether it counts as
    an attempt. With `quarantined`, `violations` and `judged` hold what failed, whole.
    """

    entry: Entry
    outcome: Outcome
    reason: Reason
    detail: str = ""
    fetch: Fetch | None = None
    retry_at: datetime | None = None
    spent: bool = True
    violations: tuple[Violation, ...] = ()
    judged: Judged | None = field(default=None, repr=False)


def on_topic(item: Judged | Rejection) -> TypeGuard[Judged]:
    """Whether this is an article that a topic keeps."""
    return isinstance(item, Judged) and item.relevant
