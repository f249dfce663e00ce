"""What a page says about itself: title, authors, site, dates, section, tags, image, and whether it is an article.

Each fact is taken where publishers state it most reliably (JSON-LD, then meta elements, then the visible page), with
that place as its origin; a date is given as written, as exactly as any statement has it, and guessed only where none is
stated. Whatever a page states is bounded in number and length.
"""

import html
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from lxml import etree

from technews.addresses import normalize, spell
from technews.authors import authors_of
from technews.dates import read_date, stated_offset
from technews.documents import Element, Said, is_huge, strings, visible_text
from technews.languages import code_of
from technews.records import DateReading, Details, Origin, Precision, sound_text
from technews.titles import title_of

_LONGEST: Final = 2_001  # characters: an address of more than 2,000 is refused, and must not be taken for its beginning
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
_SECTION_METAS: Final = ("article:section", "og:article:section", "parsely-section", "section")
_TAG_METAS: Final = ("article:tag", "og:article:tag", "news_keywords", "parsely-tags", "keywords")
_IMAGE_METAS: Final = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_LABEL: Final = 100  # characters of a tag or section: what is longer is a sentence
_TAGS: Final = 50
_TAG_ENDS: Final = re.compile(r"[,，;；、|\n]")
_PRECISIONS: Final = tuple(Precision)  # the finest first
_TIME_OF_DAY: Final = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?[\sT]*\d{1,2}[:：]\d\d(?:[:：]\d\d)?"
)
_DATE_BOX: Final = re.compile(r"date|time|publi|post|info|source|meta|byline|laiyuan|shijian", re.IGNORECASE)
_FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)  # what lies in the future is judged later, against the run's clock
_SEARCHED: Final = 1_000_000  # bytes of a page in whose whole text a date is sought: 0.7 s for as many
_UTC: Final = ZoneInfo("UTC")
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Metadata:
    """A page's statements about itself.

    `is_article` is set where the page declares itself a single article, `is_listing` where it declares itself a list,
    `is_free` where it says whether all of it can be read without paying.
    """

    title: str = ""
    site_name: str | None = None
    canonical_url: str | None = None
    language: str | None = None
    published: str | None = None
    modified: str | None = None
    details: Details = field(default_factory=Details)
    is_free: bool | None = None
    is_article: bool = False
    is_listing: bool = False


def read_outline(tree: Element, url: str | None, stated: Sequence[dict[str, Any]]) -> Metadata:
    """What is quickly found: all but dates and details. `stated` is the page's JSON-LD, `url` its final address."""
    metas = meta_values(tree)
    article = main_statement(stated, url)
    site_name = _site_name(metas, article, stated)
    title = title_of(tree, metas, article, site_name, url)
    return Metadata(
        title=title.text if title else "",
        site_name=site_name,
        canonical_url=_canonical_url(tree, metas, url),
        language=_language(tree, metas, article),
        details=Details(title_from=title.origin if title else None),
        is_free=_is_free(metas, article),
        is_article=bool(article) or metas.get("og:type", "").lower() == "article" or "article:published_time" in metas,
        is_listing=any(_types(item) & _LISTING_TYPES for item in stated),
    )


def with_details(outline: Metadata, tree: Element, url: str | None, stated: Sequence[dict[str, Any]]) -> Metadata:
    """The same with dates and details."""
    metas = meta_values(tree)
    article = main_statement(stated, url)
    page = next((item for item in stated if "WebPage" in _types(item)), {})
    authors, author_from = authors_of(tree, metas, article)
    published = _published(tree, metas, article, page)
    modified = _most_exact([*_said("dateModified", article, page), *_values(metas, _MODIFIED_METAS)])
    return replace(
        outline,
        published=published.text if published else None,
        modified=modified.text if modified else None,
        details=replace(
            outline.details,
            authors=authors,
            section=_section(metas, article),
            tags=_tags(tree, article),
            image_url=_image_url(tree, metas, article, url),
            author_from=author_from,
            published_from=published.origin if published else None,
            modified_from=modified.origin if modified else None,
        ),
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


def _values(metas: Mapping[str, str], names: Iterable[str]) -> list[Said]:
    return [Said(metas[name], Origin.META) for name in names if name in metas]


def _texts(metas: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [text for text, _ in _values(metas, names)]


def _clean(text: str) -> str:
    return " ".join(sound_text(html.unescape(text)).split())


def _site_name(metas: Mapping[str, str], article: Mapping[str, Any], stated: Sequence[dict[str, Any]]) -> str | None:
    sites = (name for item in stated if "WebSite" in _types(item) for name in strings(item.get("name")))
    candidates = [
        *_texts(metas, ["og:site_name"]),
        *strings(article.get("publisher")),
        *sites,
        *_texts(metas, ["application-name", "apple-mobile-web-app-title"]),
    ]
    named = (_clean(name).removeprefix("@") for name in candidates)
    return next((name for name in named if 1 < len(name) <= 80 and "://" not in name), None)


def _canonical_url(tree: Element, metas: Mapping[str, str], url: str | None) -> str | None:
    found = (_absolute(address, url) for address in (*_linked(tree, "canonical"), metas.get("og:url")))
    return next((sound_text(address) for address in found if address), None)


def _linked(tree: Element, relation: str) -> Iterator[str | None]:
    return (link.get("href") for link in tree.iter("link") if relation in (link.get("rel") or "").lower().split())


def _absolute(address: str | None, url: str | None) -> str | None:
    """The address as a usable one of the web; None for other schemes, those with a user name, and nonsense."""
    try:
        whole = urljoin(url or "", (address or "").strip())
        return whole if address and urlsplit(whole).scheme in ("http", "https") and normalize(whole) else None
    except ValueError:
        return None


def _image_url(tree: Element, metas: Mapping[str, str], article: Mapping[str, Any], url: str | None) -> str | None:
    """The lead image: that of the article's JSON-LD, else of the social networks' meta elements."""
    stated = article.get("image")
    images = [each for item in (stated if isinstance(stated, list) else [stated])[:_TAGS] for each in _ids(item)]
    named = (each for each in images if isinstance(each, str))
    addresses = (_absolute(each, url) for each in (*named, *_texts(metas, _IMAGE_METAS), *_linked(tree, "image_src")))
    return next((spelt for each in addresses if each and (spelt := spell(each))), None)


def _section(metas: Mapping[str, str], article: Mapping[str, Any]) -> str | None:
    return next(_labels([*strings(article.get("articleSection")), *_texts(metas, _SECTION_METAS)]), None)


def _tags(tree: Element, article: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags of the first place that names any: JSON-LD keywords, else one kind of meta element."""
    metas: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):  # one tag an element, often
        name = (meta.get("property") or meta.get("name") or "").strip().lower()
        if name in _TAG_METAS:
            metas.setdefault(name, []).append((meta.get("content") or "")[:_LONGEST])
    for stated in (strings(article.get("keywords")), *(metas.get(name, []) for name in _TAG_METAS)):
        parts = (part for text in stated[:_TAGS] for part in _TAG_ENDS.split(text[: _TAGS * _LABEL]))
        if tags := list(dict.fromkeys(_labels(parts)))[:_TAGS]:
            return tuple(tags)
    return ()


def _labels(texts: Iterable[str]) -> Iterator[str]:
    """The texts that may be a section's or tag's name, cleaned."""
    cleaned = (_clean(text[: 2 * _LONGEST]) for text in texts)
    return (label for label in cleaned if label and len(label) <= _LABEL)


def _language(tree: Element, metas: Mapping[str, str], article: Mapping[str, Any]) -> str | None:
    root = tree.get("lang") or tree.get("xml:lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    tags = [root, *strings(article.get("inLanguage")), *_texts(metas, ["content-language", "og:locale", "language"])]
    return next((code for tag in tags if (code := code_of(tag))), None)


def _is_free(metas: Mapping[str, str], article: Mapping[str, Any]) -> bool | None:
    """By schema.org's `isAccessibleForFree` of the article or a part of it, or by `article:content_tier`."""
    parts = article.get("hasPart")
    items = [article, *(parts if isinstance(parts, list) else [parts])[:_TAGS]]
    said = [item["isAccessibleForFree"] for item in items if isinstance(item, dict) and "isAccessibleForFree" in item]
    words = {str(value).lower().rsplit("/", 1)[-1] for value in said}
    tier = metas.get("article:content_tier", "").lower()
    if "false" in words or tier in ("locked", "metered"):
        return False
    return True if "true" in words or tier == "free" else None


def _said(key: str, *objects: Mapping[str, Any]) -> list[Said]:
    return [Said(text, Origin.JSON_LD) for item in objects for text in strings(item.get(key))]


def _published(
    tree: Element, metas: Mapping[str, str], article: Mapping[str, Any], page: Mapping[str, Any]
) -> Said | None:
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
