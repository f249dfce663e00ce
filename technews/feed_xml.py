"""RSS 0.9x to 2.0, RDF and Atom 0.3 and 1.0: from a document to drafts of its entries.

feedparser reads the texts, from a clean document made here that holds each field once and inline markup as text: so no
extension or damage in the feed changes how a field is read, and order and number of the entries are the document's.
Identity, links and dates are taken as written, where feedparser would change them.
"""

import html
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

import feedparser  # type: ignore[import-untyped]
from lxml import etree

from technews.feed_drafts import (
    MARKUP_LIMIT,
    Draft,
    DraftFeed,
    NotAFeed,
    absolute_url,
    distinct,
    one_line,
    permalink,
    plain_title,
)
from technews.feed_repair import MAX_ITEMS, sound_feed
from technews.records import sound_text

_ATOM: Final = "http://www.w3.org/2005/Atom"
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_SYNDICATION: Final = "http://purl.org/rss/1.0/modules/syndication/"
_RDF_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
# Atom and all RSS vocabularies share their field names; an unknown namespace on the root is read as one more of them.
_CORE: Final = frozenset(
    {
        "",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
    }
)
# For each field the elements that may hold it, the best first. Prefixes: none for the core vocabularies.
_TITLE: Final = ("title", "dc:title")
_SUMMARY: Final = ("description", "summary", "dc:description")
_CONTENTS: Final = ("content:encoded", "content")
_AUTHORS: Final = ("author", "dc:creator")
_CATEGORIES: Final = ("category", "dc:subject")
_PUBLISHED: Final = ("pubdate", "published", "issued", "dcterms:issued")
_UPDATED: Final = ("updated", "modified", "dcterms:modified")
_DATES: Final = (*_PUBLISHED, *_UPDATED, "dc:date")
_PREFIXES: Final = {_CONTENT: "content:", _DC: "dc:", _DCTERMS: "dcterms:", _SYNDICATION: "sy:"}
_PERIODS: Final = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 30 * 24, "yearly": 365 * 24}  # hours

_HTML_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")

_Fields = dict[str, list[etree._Element]]  # noqa: SLF001  lxml's only name for the type of its elements


def read_xml(text: str, url: str) -> DraftFeed:
    """Kind (`rss`, `rdf`, `atom`), title and entries of a feed document; `url` is where it was served.

    Raises NotAFeed where the text holds no feed, or more than MAX_ITEMS items.
    """
    feed = sound_feed(text, url)
    roots = [_namespace(tree) for tree in feed.trees]
    items = [
        (item, _fields(item, root))
        for tree, root in zip(feed.trees, roots, strict=True)
        for item in tree.iter("{*}item", "{*}entry")
        if _core(_namespace(item), root)
    ]
    if len(items) > MAX_ITEMS:
        raise NotAFeed(f"more than {MAX_ITEMS:,} items")
    head = _head(feed.trees[0], roots[0]) if feed.trees else {}
    parsed = _through_feedparser(feed.kind, head, [fields for _, fields in items])
    drafts = [
        _draft(feed.kind, item, fields, entry, url) for (item, fields), entry in zip(items, parsed.entries, strict=True)
    ]
    return DraftFeed(feed.kind, _title(parsed.feed, feed.kind), drafts, _wait(head))


def _head(tree: etree._Element, root: str) -> _Fields:
    return _fields(next(tree.iterchildren("{*}channel"), tree), root)


def _wait(head: _Fields) -> timedelta | None:
    """How long the document asks readers to wait: RSS 2.0 `ttl` (minutes), else RSS 1.0's syndication module."""
    if ttl := _whole_number(head, "ttl"):
        return timedelta(minutes=ttl)
    period = _text(_first(head, ("sy:updateperiod",))).lower()
    if not period and "sy:updatefrequency" not in head:
        return None
    return timedelta(hours=_PERIODS.get(period, 24)) / (_whole_number(head, "sy:updatefrequency") or 1)


def _whole_number(fields: _Fields, name: str) -> int:
    written = _text(_first(fields, (name,)))
    return int(written) if written.isascii() and written.isdigit() and len(written) < 8 else 0


def _fields(parent: etree._Element, root: str) -> _Fields:
    """The children that belong to a vocabulary we read, by name in lower case, in order."""
    fields: _Fields = {}
    for child in parent.iterchildren(etree.Element):
        namespace, name = _name(child)
        prefix = "" if _core(namespace, root) else _PREFIXES.get(namespace)
        if prefix is not None:
            fields.setdefault(prefix + name.lower(), []).append(child)
    return fields


def _name(element: etree._Element) -> tuple[str, str]:
    """Namespace (or "") and local name. lxml's own reading raises for names with an undeclared prefix."""
    namespace, _, name = str(element.tag).removeprefix("{").rpartition("}")
    return namespace, name


def _namespace(element: etree._Element) -> str:
    return _name(element)[0]


def _core(namespace: str, root: str) -> bool:
    return namespace in {_ATOM, root} or namespace in _CORE


def _through_feedparser(kind: str, head: _Fields, items: Iterable[_Fields]) -> Any:  # noqa: ANN401  feedparser has no types
    """What feedparser reads from a clean document with these fields. It gets bytes: from a str it would open files."""
    item_name = f"{{{_ATOM}}}entry" if kind == "atom" else "item"
    root = etree.Element(f"{{{_ATOM}}}feed") if kind == "atom" else etree.Element("rss", version="2.0")
    channel = root if kind == "atom" else etree.SubElement(root, "channel")
    _copy(channel, _first(head, _TITLE))
    for fields in items:
        item = etree.SubElement(channel, item_name)
        for names in (_TITLE, _SUMMARY, _CONTENTS):
            _copy(item, _first(fields, names))
    document = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = {"content-type": "application/xml; charset=utf-8"}
    return feedparser.parse(document, response_headers=headers, resolve_relative_uris=False, sanitize_html=False)


def _first(fields: _Fields, names: Iterable[str]) -> etree._Element | None:
    """The first element under these names that holds anything."""
    found = (element for name in names for element in fields.get(name, ()))
    return next((e for e in found if len(e) or (e.text and e.text.strip())), None)


def _copy(parent: etree._Element, field: etree._Element | None) -> None:
    """A copy of the field whose content is text alone: inline markup becomes escaped HTML."""
    if field is None:
        return
    namespace, name = _name(field)
    if namespace not in _PREFIXES:
        # Every core vocabulary becomes plain RSS or Atom 1.0; in RSS, Atom's own elements stay Atom's.
        namespace = _ATOM if namespace == _ATOM or str(parent.tag).startswith(f"{{{_ATOM}}}") else ""
    copy = etree.SubElement(parent, f"{{{namespace}}}{name}")
    for attribute in ("type", "mode"):
        if value := field.get(attribute):
            copy.set(attribute, value)
    text = field.text or ""
    if len(field):
        copy.set("type", "html")
        text = _inner_html(field)
    copy.text = text[:MARKUP_LIMIT]  # cut here too: feedparser is slow on text full of ampersands


def _inner_html(field: etree._Element) -> str:
    """The field's inline markup as HTML, without prefixes. Takes the markup out of the field."""
    inside = etree.Element("inside")
    inside.extend(list(field))  # away from the feed's namespace declarations, which would be written out
    for element in inside.iterdescendants(etree.Element):
        # lxml reads names from damaged markup that it refuses to write.
        name = _name(element)[1].rpartition(":")[2]
        element.tag = name if _HTML_NAME.fullmatch(name) else "span"
    etree.cleanup_namespaces(inside)
    markup = (etree.tostring(child, encoding="unicode", method="html") for child in inside)
    return html.escape(field.text or "", quote=False) + "".join(markup)


def _draft(kind: str, item: etree._Element, fields: _Fields, entry: Any, url: str) -> Draft:  # noqa: ANN401  see above
    contents = entry.get("content") or [{}]
    guid, stands_for_link = _guid(item, fields)
    origin, origin_url = _origin(fields, url)
    return Draft(
        guid=guid,
        url=_link(fields, url) or (permalink(guid) if stands_for_link else None),
        title=_title(entry, kind),
        author=_author(fields),
        summary=_markup(entry.get("summary_detail") or {}),
        content=_markup(contents[0]),
        date=_text(_first(fields, _DATES)) or None,
        categories=_categories(fields),
        enclosures=_enclosures(fields, url),
        origin=origin,
        origin_url=origin_url,
    )


def _guid(item: etree._Element, fields: _Fields) -> tuple[str, bool]:
    """The item's identifier (empty: none), and whether it may stand in for its link (RSS 2.0, `isPermaLink`)."""
    element = _first(fields, ("guid", "id"))
    if element is None:
        return sound_text(item.get(_RDF_ABOUT) or "").strip(), True
    # Its spelling varies: isPermalink, ispermalink.
    declared = next((str(value) for name, value in element.items() if str(name).lower() == "ispermalink"), "")
    return sound_text(_text(element)), declared.strip().lower() != "false"


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(str(piece) for piece in element.itertext()).strip()


def _title(entry: Any, kind: str) -> str:  # noqa: ANN401  see above
    detail = entry.get("title_detail") or {}
    markup = kind != "atom" or detail.get("type") != "text/plain"
    return plain_title(sound_text(detail.get("value") or ""), markup=markup)


def _markup(detail: Any) -> str:  # noqa: ANN401  see above
    value = sound_text(detail.get("value") or "")
    return (html.escape(value, quote=False) if detail.get("type") == "text/plain" else value)[:MARKUP_LIMIT]


def _link(fields: _Fields, url: str) -> str | None:
    """The item's page: a link written as text, else the first alternate of type HTML or without type.

    Where all alternates have another type, the first of them. RFC 4287 section 4.2.7: a link without href is none, so
    text counts outside of Atom only.
    """
    links = fields.get("link", [])
    written = [(link, _text(link)) for link in links if not link.get("href") and _namespace(link) != _ATOM]
    named = [(link, link.get("href") or "") for link in links if _is_alternate(link)]
    pages = [(link, href) for link, href in named if "html" in (link.get("type") or "html").lower()]
    for link, reference in (*written, *pages, *named):
        if reference.strip():
            return absolute_url(sound_text(reference), link.base or url, url)
    return None


def _is_alternate(link: etree._Element) -> bool:
    return bool(link.get("href")) and (link.get("rel") or "alternate").rsplit("/", 1)[-1].lower() == "alternate"


def _author(fields: _Fields) -> str:
    """The names of all authors; RSS writes "address (name)"."""
    names = []
    for element in (e for name in _AUTHORS for e in fields.get(name, ())):
        inner = [one_line(_text(c)) for c in element.iterchildren("{*}name")] or [one_line(_text(element))]
        names += [name.partition("(")[2].rstrip(")") if "@" in name.partition("(")[0] else name for name in inner]
    return sound_text(", ".join(dict.fromkeys(name.strip() for name in names if name.strip())))


def _categories(fields: _Fields) -> tuple[str, ...]:
    """The names of all categories: text in RSS, in Atom `label`, else `term` (RFC 4287 section 4.2.2)."""
    found = (element for name in _CATEGORIES for element in fields.get(name, ()))
    return distinct(one_line(_text(e) or e.get("label") or e.get("term") or "") for e in found)


def _enclosures(fields: _Fields, url: str) -> tuple[str, ...]:
    """The addresses of all enclosures: RSS has an element for them, Atom a relation of links."""
    named = [(element, element.get("url") or "") for element in fields.get("enclosure", ())]
    linked = [(link, link.get("href") or "") for link in fields.get("link", ()) if link.get("rel") == "enclosure"]
    return distinct(absolute_url(sound_text(address), e.base or url, url) or "" for e, address in (*named, *linked))


def _origin(fields: _Fields, url: str) -> tuple[str, str | None]:
    """Name and address of where an aggregator has the entry from (`source`: RSS 2.0; RFC 4287 section 4.2.11)."""
    source = next(iter(fields.get("source", ())), None)
    if source is None:
        return "", None
    title, link = next(source.iterchildren("{*}title"), None), next(source.iterchildren("{*}link"), None)
    address = source.get("url") or (link.get("href") or _text(link) if link is not None else "")
    name = _text(title) if len(source) else _text(source)
    return plain_title(sound_text(name), markup=True), absolute_url(sound_text(address), source.base or url, url)
