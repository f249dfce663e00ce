"""What a page says about itself: title, author, site, dates, language, canonical address, and whether it is an article.

Each fact is taken where publishers state it most reliably (JSON-LD, then meta elements, then the visible page); a date
is given as written, with the time of day where any statement has it, and guessed only where none is stated.
"""

import html
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from technews.addresses import normalize
from technews.authors import author_of
from technews.dates import read_date
from technews.documents import Element, is_huge, strings, visible_text
from technews.languages import code_of
from technews.records import Precision, sound_text
from technews.titles import title_of

_LONGEST: Final = 1_000
_ARTICLE_NAMES: Final = (
    "Article NewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReportageNewsArticle ReviewNewsArticle AdvertiserContentArticle SatiricalArticle BlogPosting LiveBlogPosting "
    "TechArticle ScholarlyArticle MedicalScholarlyArticle SocialMediaPosting Report Review"
)
_ARTICLE_TYPES: Final = frozenset(_ARTICLE_NAMES.split())
_LISTING_TYPES: Final = frozenset({"CollectionPage", "SearchResultsPage", "ItemList"})
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
_TIME_OF_DAY: Final = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?[\sT]*\d{1,2}[:：]\d\d(?:[:：]\d\d)?"
)
_DATE_BOX: Final = re.compile(r"date|time|publi|post|info|source|meta|byline|laiyuan|shijian", re.IGNORECASE)
_FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)  # what lies in the future is judged later, against the run's clock
_UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Metadata:
    """A page's statements about itself.

    `is_article` is set where the page declares itself a single article, `is_listing` where it declares itself a list.
    """

    title: str = ""
    author: str | None = None
    site_name: str | None = None
    canonical_url: str | None = None
    language: str | None = None
    published: str | None = None
    modified: str | None = None
    is_paywalled: bool = False
    is_article: bool = False
    is_listing: bool = False


def read_outline(tree: Element, url: str | None, stated: Sequence[dict[str, Any]]) -> Metadata:
    """What is quickly found: all but author and dates. `stated` is the page's JSON-LD, `url` its final address."""
    metas = meta_values(tree)
    article = main_statement(stated, url)
    site_name = _site_name(metas, article, stated)
    return Metadata(
        title=title_of(tree, metas, article, site_name, url),
        site_name=site_name,
        canonical_url=_canonical_url(tree, metas, url),
        language=_language(tree, metas, article),
        is_paywalled=_is_paywalled(metas, article),
        is_article=bool(article) or metas.get("og:type", "").lower() == "article" or "article:published_time" in metas,
        is_listing=any(_types(item) & _LISTING_TYPES for item in stated),
    )


def with_details(outline: Metadata, tree: Element, url: str | None, stated: Sequence[dict[str, Any]]) -> Metadata:
    """The same with author and dates."""
    metas = meta_values(tree)
    article = main_statement(stated, url)
    page = next((item for item in stated if "WebPage" in _types(item)), {})
    return replace(
        outline,
        author=author_of(tree, metas, article),
        published=_published(tree, metas, article, page),
        modified=_readable([*_said("dateModified", article, page), *_values(metas, _MODIFIED_METAS)]),
    )


def meta_values(tree: Element) -> dict[str, str]:
    """The page's meta elements: the first content under each lower-case name, property, itemprop or http-equiv."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        content = " ".join((meta.get("content") or "").split())
        if name and content:
            found.setdefault(name.strip().lower(), content[:_LONGEST])
    return found


def main_statement(stated: Iterable[dict[str, Any]], url: str | None) -> dict[str, Any]:
    """The JSON-LD object on the page's own article: the one that names this address, else the first; empty if none."""
    articles = [item for item in stated if _types(item) & _ARTICLE_TYPES]
    here = normalize(url) if url else None
    for item in articles:
        addresses = [item.get("url"), item.get("@id"), *_ids(item.get("mainEntityOfPage"))]
        if here and any(
            isinstance(address, str) and normalize(urljoin(here, address)) == here for address in addresses
        ):
            return item
    # `Review` objects describe products, too; they count only where they carry a headline or a date.
    own = (
        item for item in articles if item.get("headline") or item.get("datePublished") or "Review" not in _types(item)
    )
    return next(own, {})


def _types(item: Mapping[str, Any]) -> set[str]:
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in strings(item.get("@type"))}


def _ids(value: Any) -> list[Any]:  # noqa: ANN401 - JSON is of any type
    return [value.get("@id"), value.get("url")] if isinstance(value, dict) else [value]


def _values(metas: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [metas[name] for name in names if name in metas]


def _clean(text: str) -> str:
    return " ".join(sound_text(html.unescape(text)).split())


def _site_name(metas: Mapping[str, str], article: Mapping[str, Any], stated: Sequence[dict[str, Any]]) -> str | None:
    sites = (name for item in stated if "WebSite" in _types(item) for name in strings(item.get("name")))
    candidates = [
        *_values(metas, ["og:site_name"]),
        *strings(article.get("publisher")),
        *sites,
        *_values(metas, ["application-name", "apple-mobile-web-app-title"]),
    ]
    named = (_clean(name).removeprefix("@") for name in candidates)
    return next((name for name in named if 1 < len(name) <= 80 and "://" not in name), None)


def _canonical_url(tree: Element, metas: Mapping[str, str], url: str | None) -> str | None:
    links = (link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    for address in (*links, metas.get("og:url")):
        try:
            whole = urljoin(url or "", (address or "").strip())
            parts = urlsplit(whole)
        except ValueError:
            continue
        if address and parts.scheme in ("http", "https") and normalize(whole):
            return sound_text(whole)
    return None


def _language(tree: Element, metas: Mapping[str, str], article: Mapping[str, Any]) -> str | None:
    root = tree.get("lang") or tree.get("xml:lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    tags = [root, *strings(article.get("inLanguage")), *_values(metas, ["content-language", "og:locale", "language"])]
    return next((code for tag in tags if (code := code_of(tag))), None)


def _is_paywalled(metas: Mapping[str, str], article: Mapping[str, Any]) -> bool:
    """By schema.org's `isAccessibleForFree`, or by the `article:content_tier` of the Open Graph."""
    free = str(article.get("isAccessibleForFree", "")).lower().rsplit("/", 1)[-1]
    return free == "false" or metas.get("article:content_tier", "").lower() in ("locked", "metered")


def _said(key: str, *objects: Mapping[str, Any]) -> list[str]:
    return [text for item in objects for text in strings(item.get(key))]


def _published(
    tree: Element, metas: Mapping[str, str], article: Mapping[str, Any], page: Mapping[str, Any]
) -> str | None:
    explicit = [
        *_said("datePublished", article),
        *_values(metas, _PUBLISHED_METAS),
        *_said("datePublished", page),
        *_said("dateCreated", article),
        *_time_elements(tree),
    ]
    found = _readable(explicit)
    if is_huge(tree):
        return found
    if found is None or read_date(found, _UTC, now=_FAR).precision is Precision.DAY:
        shown = _readable([*([found] if found else []), *_shown_dates(tree)])
        found = shown or found
    return found or _guessed(tree)


def _readable(candidates: Iterable[str]) -> str | None:
    """The first date that can be read; a later one of the same day that also has a time of day is better."""
    first: tuple[str, Any] | None = None
    for raw in candidates:
        reading = read_date(raw, _UTC, now=_FAR)
        if reading.at is None:
            continue
        if reading.precision is not Precision.DAY and (first is None or reading.on == first[1].on):
            return raw.strip()
        first = first or (raw.strip(), reading)
    return first[0] if first else None


def _time_elements(tree: Element) -> Iterator[str]:
    """`<time>` elements that mark a publication, then the first of the article (not one of a list of other pieces)."""
    times = [time for time in tree.iter("time") if time.get("datetime")]
    marked = [t for t in times if t.get("pubdate") is not None or "datePublished" in (t.get("itemprop") or "")]
    published = [t for t in times if re.search(r"publi|entry-date|post-date", t.get("class") or "")]
    own = [t for t in times if len(times) <= 3 or next(t.iterancestors("article", "main"), None) is not None]
    for time in [*marked, *published, *own[:1]]:
        yield time.get("datetime") or ""
    for element in tree.iter("span", "div", "p", "abbr"):
        if "datePublished" in (element.get("itemprop") or ""):
            yield element.get("content") or element.get("datetime") or " ".join(element.text_content().split())[:100]


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


def _guessed(tree: Element) -> str | None:
    """The date that the page's other marks suggest, of day precision mostly."""
    from htmldate import find_date  # noqa: PLC0415 - slow to load, and few pages need it

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found = find_date(
            tree, max_date="2199-12-31", original_date=True, extensive_search=False, outputformat="%Y-%m-%dT%H:%M:%S%z"
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return found.removesuffix("T00:00:00") if found else None
