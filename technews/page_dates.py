"""When a page says that it was published and changed, in its own words.

The first place that states a date decides it; another one may say the same more exactly. A date is guessed only where
none is stated. How the words are to be read (zone, plausibility) is decided later.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lxml import etree

from technews.dates import read_date, stated_offset
from technews.documents import Element, Said, is_huge, strings, visible_text
from technews.records import DateReading, Origin, Precision

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
_FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)  # what lies in the future is judged later, against the run's clock
_SEARCHED: Final = 1_000_000  # bytes of a page in whose whole text a date is sought: 0.7 s for as many
_UTC: Final = ZoneInfo("UTC")
_MINUTE: Final = timedelta(minutes=1)


def published_of(
    tree: Element, metas: Mapping[str, str], article: Mapping[str, Any], page: Mapping[str, Any]
) -> Said | None:
    """When it was first published. `article` and `page` are what its JSON-LD says of the article and of the page."""
    explicit = [
        *_said("datePublished", article),
        *_values(metas, _PUBLISHED_METAS),
        *_said("datePublished", page),
        *_said("dateCreated", article),
        *_time_elements(tree),
    ]
    found = _most_exact(explicit)
    if is_huge(tree):
        return found
    if found is None or _reading(found).precision is Precision.DAY:
        shown = (Said(text, Origin.PAGE) for text in _shown_dates(tree))
        found = _most_exact([*([found] if found else []), *shown])
    return found or _guessed(tree)


def modified_of(metas: Mapping[str, str], article: Mapping[str, Any], page: Mapping[str, Any]) -> Said | None:
    """When it was last changed."""
    return _most_exact([*_said("dateModified", article, page), *_values(metas, _MODIFIED_METAS)])


def _reading(said: Said) -> DateReading:
    return read_date(said.text, _UTC, now=_FAR)


def _most_exact(candidates: Iterable[Said]) -> Said | None:
    """The first date that can be read, in the words of the statement that tells it most exactly."""
    best: tuple[Said, DateReading] | None = None
    for said in candidates:
        reading = _reading(said)
        if reading.at is not None and (best is None or _tells_more(reading, best[1])):
            best = (Said(said.text.strip(), said.origin), reading)
    return best[0] if best else None


def _tells_more(later: DateReading, first: DateReading) -> bool:
    """Whether it is the same day with a time; or the same time with its seconds, or in the publisher's own zone."""
    if first.precision is Precision.DAY or first.at is None or later.at is None:
        return later.precision is not Precision.DAY and later.on == first.on
    if abs(later.at - first.at) >= _MINUTE or later.precision is Precision.DAY:
        return False
    ranks = [(-_PRECISIONS.index(each.precision), bool(stated_offset(each.raw))) for each in (later, first)]
    return ranks[0] > ranks[1]


def _time_elements(tree: Element) -> Iterator[Said]:
    """`<time>` elements that mark a publication, then the first of the article (not one of a list of other pieces)."""
    times = [time for time in tree.iter("time") if time.get("datetime")]
    marked = [t for t in times if t.get("pubdate") is not None or "datePublished" in (t.get("itemprop") or "")]
    published = [t for t in times if re.search(r"publi|entry-date|post-date", t.get("class") or "")]
    own = [t for t in times if len(times) <= 3 or next(t.iterancestors("article", "main"), None) is not None]
    for time in [*marked, *published, *own[:1]]:
        yield Said(time.get("datetime") or "", Origin.TIME)
    for element in tree.iter("span", "div", "p", "abbr"):
        if "datePublished" in (element.get("itemprop") or ""):
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


def _guessed(tree: Element) -> Said | None:
    """The date that the page's other marks suggest, of day precision mostly."""
    from htmldate import find_date  # noqa: PLC0415 - slow to load, and few pages need it

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found = find_date(
            tree,
            max_date="2199-12-31",
            original_date=True,
            extensive_search=len(etree.tostring(tree)) <= _SEARCHED,
            outputformat="%Y-%m-%dT%H:%M:%S%z",
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return Said(found.removesuffix("T00:00:00"), Origin.HTMLDATE) if found else None


def _said(key: str, *objects: Mapping[str, Any]) -> list[Said]:
    return [Said(text, Origin.JSON_LD) for item in objects for text in strings(item.get(key))]


def _values(metas: Mapping[str, str], names: Iterable[str]) -> list[Said]:
    return [Said(metas[name], Origin.META) for name in names if name in metas]
