"""When a page says that it was published and changed, in its own words.

The first place that states a plausible date decides it; another one may say the same more exactly. A date is guessed
only where none is stated. In which zone the words are to be read is decided later.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from lxml import etree

from technews.dates import read_date, stated_offset
from technews.documents import Element, Said, is_huge, strings, visible_text
from technews.languages import COMMON
from technews.records import Origin, Precision

_PUBLISHED_METAS: Final = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time", "datepublished",
    "dc.date.issued", "dcterms.issued", "dc.date.created", "dcterms.created", "dc.date", "dcterms.date", "dc:date",
    "parsely-pub-date", "sailthru.date", "citation_publication_date", "citation_date", "pubdate", "publishdate",
    "publish-date", "publish_date", "publication_date", "publication-date", "published_time", "ptime", "apub:time",
    "article_date_original", "originalpublicationdate", "weibo:article:create_at", "weibo: article:create_at",
    "article.published", "date", "pub_date", "release_date", "rnews:datepublished",
)  # fmt: skip
_MODIFIED_METAS: Final = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:updated", "datemodified",
    "dcterms.modified", "dc.date.modified", "dc.modified", "article.updated", "lastmod", "last-modified",
    "weibo:article:update_at", "weibo: article:update_at", "utime",
)  # fmt: skip
_PRECISIONS: Final = tuple(Precision)  # the finest first
_TIME_OF_DAY: Final = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?[\sT]*\d{1,2}[:：]\d\d(?:[:：]\d\d)?"
)
_DATE_BOX: Final = re.compile(r"date|time|publi|post|info|source|meta|byline|laiyuan|shijian", re.IGNORECASE)
_MARKED: Final[Any] = etree.XPath(
    "//*[self::span or self::div or self::p or self::abbr][contains(@itemprop, 'datePublished')]"
)
_SEARCHED: Final = 1_000_000  # bytes of a page in whose whole text a date is sought: 0.7 s for as many
_UTC: Final = ZoneInfo("UTC")
_ELSEWHERE: Final = ZoneInfo("Asia/Shanghai")
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


def published_of(
    tree: Element, metas: Mapping[str, str], article: Mapping[str, Any], page: Mapping[str, Any], now: datetime
) -> Said | None:
    """When it was first published. `article` and `page` are what its JSON-LD says of the article and of the page.

    A date over a day after `now` is told only where the page shows no other.
    """
    explicit = [
        *_said("datePublished", article),
        *_values(metas, _PUBLISHED_METAS),
        *_said("datePublished", page),
        *_said("dateCreated", article),
        *_time_elements(tree),
    ]
    found = _most_exact(explicit, now)
    if not is_huge(tree):
        if found is None or found.precision is Precision.DAY:
            shown = [Said(text, Origin.PAGE) for text in _shown_dates(tree)]
            found = _most_exact([*([found.said] if found else []), *shown], now)
        if found is None and (guessed := _guessed(tree, now)):
            return guessed
    return found.said if found else next((said for said in explicit if _is_future(said, now)), None)


def modified_of(
    metas: Mapping[str, str], article: Mapping[str, Any], page: Mapping[str, Any], now: datetime
) -> Said | None:
    """When it was last changed."""
    found = _most_exact([*_said("dateModified", article, page), *_values(metas, _MODIFIED_METAS)], now)
    return found.said if found else None


class _Reading(NamedTuple):
    """A date as it is written: `local` is what the clock and calendar there show, `at` in UTC.

    Without a zone (`has_zone`) both are the same: which one is meant is not known here.
    """

    said: Said
    local: datetime
    at: datetime
    precision: Precision
    has_zone: bool

    @property
    def exactness(self) -> tuple[bool, int, bool]:
        """Whether the instant is known, how finely, and whether in the publisher's own zone; more is greater."""
        return self.has_zone, -_PRECISIONS.index(self.precision), self.local != self.at


def _read(said: Said, now: datetime) -> _Reading | None:
    here, there = (read_date(said.text, zone, now=now) for zone in (_UTC, _ELSEWHERE))
    if here.at is None:
        return None
    has_zone = here.at == there.at
    offset = stated_offset(here.raw) if has_zone else None
    stripped = Said(said.text.strip(), said.origin)
    return _Reading(stripped, here.at + (offset or timedelta()), here.at, here.precision, has_zone)


def _is_future(said: Said, now: datetime) -> bool:
    return read_date(said.text, _UTC, now=now).flag == "future"


def _most_exact(candidates: Iterable[Said], now: datetime) -> _Reading | None:
    """The first plausible date, in the words of the statement that tells it most exactly."""
    best: _Reading | None = None
    for said in candidates:
        reading = _read(said, now)
        if reading and (best is None or _tells_more(reading, best)):
            best = reading
    return best


def _tells_more(later: _Reading, first: _Reading) -> bool:
    """Whether it is the same day with a time; or the same time with a zone, seconds, or the publisher's own zone."""
    if later.precision is Precision.DAY:
        return False
    if first.precision is Precision.DAY:
        return later.local.date() == first.local.date()
    apart = [abs(later.at - first.at), *([] if first.has_zone else [abs(later.local - first.local)])]
    return min(apart) < _MINUTE and later.exactness > first.exactness


def _time_elements(tree: Element) -> Iterator[Said]:
    """`<time>` elements that mark a publication, then the first of the article (not one of a list of other pieces)."""
    times = [time for time in tree.iter("time") if time.get("datetime")]
    marked = [t for t in times if t.get("pubdate") is not None or "datePublished" in (t.get("itemprop") or "")]
    published = [t for t in times if re.search(r"publi|entry-date|post-date", t.get("class") or "")]
    own = [t for t in times if len(times) <= 3 or next(t.iterancestors("article", "main"), None) is not None]
    for time in [*marked, *published, *own[:1]]:
        yield Said(time.get("datetime") or "", Origin.TIME)
    for element in _MARKED(tree):
        written = element.get("content") or element.get("datetime") or element.text_content()
        yield Said(" ".join(written.split())[:100], Origin.PAGE)


def _shown_dates(tree: Element) -> Iterator[str]:
    """Dates with a time of day that stand near the top of the text, as Chinese sites write them."""
    for element in tree.iter("span", "div", "p", "em", "i", "td", "time", "li"):
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        text = element.text or ""
        if not text.strip() and _DATE_BOX.search(name):
            text = visible_text(element)[:100]
        match = _TIME_OF_DAY.search(text) if len(text) <= 200 else None
        if match:
            yield match[0]
            return


def _guessed(tree: Element, now: datetime) -> Said | None:
    """The date that the page's other marks suggest, of day precision mostly.

    Of a year alone in the text the library makes the first of January; that is no date.
    """
    found = _found_date(tree, now, text=len(etree.tostring(tree)) <= _SEARCHED)
    if found and found[4:].startswith("-01-01T00:00:00") and _found_date(tree, now, text=False) is None:
        return None
    return Said(found.removesuffix("T00:00:00"), Origin.HTMLDATE) if found else None


def _found_date(tree: Element, now: datetime, *, text: bool) -> str | None:
    try:
        found: str | None = _finder()(
            tree,
            max_date=(now + _DAY).date().isoformat(),
            original_date=True,
            extensive_search=text,
            outputformat="%Y-%m-%dT%H:%M:%S%z",
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return found


@cache
def _finder() -> Callable[..., str | None]:
    from htmldate import find_date  # noqa: PLC0415 - slow to load, and few pages need it
    from htmldate.extractors import get_external_parser  # noqa: PLC0415 - the same

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    # Each sentence with a year goes to this parser. By itself it tries 200 languages: 2 s for the first one, 0.03 s for
    # each other; these take a tenth of that.
    get_external_parser().languages = list(COMMON)
    return find_date


def _said(key: str, *objects: Mapping[str, Any]) -> list[Said]:
    return [Said(text, Origin.JSON_LD) for item in objects for text in strings(item.get(key))]


def _values(metas: Mapping[str, str], names: Iterable[str]) -> list[Said]:
    return [Said(metas[name], Origin.META) for name in names if name in metas]
