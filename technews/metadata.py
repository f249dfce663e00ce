"""What a page says about itself: title, authors, site, dates, section, tags, image, and whether it is an article.

Each fact is taken where publishers state it most reliably (JSON-LD, then meta elements, then the visible page), with
that place as its origin. Whatever a page states is bounded in number and length.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin

from technews.addresses import normalize, spell
from technews.authors import authors_of
from technews.documents import Element, members, strings
from technews.languages import code_of
from technews.page_dates import modified_of, published_of
from technews.records import Details, sound_text
from technews.titles import title_of

_LONGEST: Final = 2_001  # characters: an address of more than 2,000 is refused, and must not be taken for its beginning
_ARTICLE_NAMES: Final = (
    "Article NewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReportageNewsArticle ReviewNewsArticle AdvertiserContentArticle SatiricalArticle BlogPosting LiveBlogPosting "
    "TechArticle ScholarlyArticle MedicalScholarlyArticle SocialMediaPosting Report Review"
)
_ARTICLE_TYPES: Final = frozenset(_ARTICLE_NAMES.split())
_LISTING_TYPES: Final = frozenset({"CollectionPage", "SearchResultsPage", "ItemList"})
_SECTION_METAS: Final = ("article:section", "og:article:section", "parsely-section", "section")
_TAG_METAS: Final = ("article:tag", "og:article:tag", "news_keywords", "parsely-tags", "keywords")
_IMAGE_METAS: Final = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_LABEL: Final = 100  # characters of a tag or section: what is longer is a sentence
_TAGS: Final = 50
_TAG_ENDS: Final = re.compile(r"[,，;；、|\n]")


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
        is_free=_is_free(metas, article, _page_statement(stated)),
        is_article=bool(article) or metas.get("og:type", "").lower() == "article" or "article:published_time" in metas,
        is_listing=any(_types(item) & _LISTING_TYPES for item in stated),
    )


def with_details(
    outline: Metadata, tree: Element, url: str | None, stated: Sequence[dict[str, Any]], now: datetime
) -> Metadata:
    """The same with dates and details; what lies over a day after `now` is no date."""
    metas = meta_values(tree)
    article = main_statement(stated, url)
    page = _page_statement(stated)
    authors, author_from = authors_of(tree, metas, article)
    published = published_of(tree, metas, article, page, now)
    modified = modified_of(metas, article, page, now)
    return replace(
        outline,
        published=published.text if published else None,
        modified=modified.text if modified else None,
        details=replace(
            outline.details,
            authors=authors,
            section=_section(metas, article),
            tags=_tags(tree, article),
            image_url=_image_url(tree, metas, article, url, outline.canonical_url),
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
        absolute = (_absolute(address, here) for address in addresses if isinstance(address, str))
        if here and any(normalize(address) == here for address in absolute if address):
            return item
    # `Review` objects describe products, too; they count only where they carry a headline or a date.
    own = (
        item for item in articles if item.get("headline") or item.get("datePublished") or "Review" not in _types(item)
    )
    return next(own, {})


def _page_statement(stated: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The JSON-LD object on the page itself; empty if there is none."""
    return next((item for item in stated if "WebPage" in _types(item)), {})


def _types(item: Mapping[str, Any]) -> set[str]:
    return {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in strings(item.get("@type"))}


def _ids(value: Any) -> list[Any]:  # noqa: ANN401 - JSON is of any type
    return [value.get("@id"), value.get("url")] if isinstance(value, dict) else [value]


def _texts(metas: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [metas[name] for name in names if name in metas]


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
    """The address as a usable one of the web; None for blanks, other schemes, those with a user name, and nonsense."""
    written = (address or "").strip()
    try:
        whole = urljoin(url or "", written)
    except ValueError:  # a template that was never filled in, such as `https://[site_url]/`
        return None
    return whole if written and normalize(whole) else None


def _image_url(
    tree: Element, metas: Mapping[str, str], article: Mapping[str, Any], url: str | None, canonical_url: str | None
) -> str | None:
    """The lead image: that of the article's JSON-LD, else of the social networks' meta elements.

    The page's own address is none, though templates write it where there is no image.
    """
    own = {normalize(address) for address in (url, canonical_url) if address}
    named = (*_image_addresses(article.get("image")), *_texts(metas, _IMAGE_METAS), *_linked(tree, "image_src"))
    addresses = (address for each in named if (address := _absolute(each, url)) and normalize(address) not in own)
    return next((spelt for address in addresses if (spelt := spell(address))), None)


def _image_addresses(stated: Any) -> Iterator[str]:  # noqa: ANN401 - JSON is of any type
    """The addresses of ImageObjects (their `@id` only names them) and those that stand for themselves."""
    for image in members(stated):
        given = [image.get("url"), image.get("contentUrl")] if isinstance(image, dict) else [image]
        yield from (address for value in given for address in members(value) if isinstance(address, str))


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


def _is_free(metas: Mapping[str, str], article: Mapping[str, Any], page: Mapping[str, Any]) -> bool | None:
    """By schema.org's `isAccessibleForFree` of the article, the page or a part of them, or `article:content_tier`."""
    wholes = (article, page)
    items = [*wholes, *(part for whole in wholes for part in members(whole.get("hasPart")))]
    said = [value for item in items if isinstance(item, dict) for value in members(item.get("isAccessibleForFree"))]
    plain = (value.get("@value") if isinstance(value, dict) else value for value in said)
    words = {str(value).strip().lower().rsplit("/", 1)[-1] for value in plain}
    tier = metas.get("article:content_tier", "").lower()
    if "false" in words or tier in ("locked", "metered"):
        return False
    return True if "true" in words or tier == "free" else None
