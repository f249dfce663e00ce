"""The newsroom's feeds as documents: RSS 2.0, RSS 1.0 (RDF), Atom 1.0 (RFC 4287) and JSON Feed 1.1.

Pure: an entry's dates follow the edition, its link the feed. Every format names an entry by an id that stays.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Final

from lxml import etree

from demo.pages import body_html
from demo.sources import Channel, Outlet, Piece

_ATOM: Final = "http://www.w3.org/2005/Atom"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS1: Final = "http://purl.org/rss/1.0/"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed: an article, its link in this feed, and the dates that the feed gives it."""

    piece: Piece
    link: str
    published: datetime
    updated: datetime

    @property
    def id(self) -> str:
        """A tag URI (RFC 4151) that stays, whatever happens to link and dates."""
        return f"tag:{self.piece.outlet}.example,2026:{self.piece.slug}"

    @property
    def summary(self) -> str:
        """The first paragraph as HTML."""
        return f"<p>{escape(self.piece.text[0])}</p>" if self.piece.text else ""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a feed holds at a moment; `url` is its own address, `home` that of its outlet."""

    channel: Channel
    outlet: Outlet
    url: str
    home: str
    items: Sequence[Item]

    @property
    def updated(self) -> datetime:
        """When anything in it last changed."""
        return max(item.updated for item in self.items)


def item_of(piece: Piece, channel: Channel, url: str, edition: int) -> Item:
    """An article as an entry of a feed: link with the feed's own query, dates as of the edition."""
    moved = piece.moved if edition > 1 else None
    link = f"{url}?{channel.query}" if channel.query else url
    return Item(piece, link, published=moved or piece.published, updated=moved or piece.changed)


def feed_document(issue: Issue) -> bytes:
    """The document. Raises KeyError for a kind of feed that nobody writes."""
    write, _ = _WRITERS[issue.channel.kind]
    return write(issue)


def content_type_of(channel: Channel) -> str:
    """The Content-Type of the feed's document. Raises KeyError likewise."""
    return _WRITERS[channel.kind][1]


def _rss(issue: Issue) -> bytes:
    root = _root("rss", {"dc": _DC, "atom": _ATOM})
    root.set("version", "2.0")
    channel = _add(root, "channel")
    _add(channel, "title", issue.channel.title)
    _add(channel, "link", issue.home)
    _add(channel, "description", issue.outlet.note)
    _add(channel, "language", issue.outlet.language)
    _add(channel, f"{{{_ATOM}}}link", href=issue.url, rel="self", type="application/rss+xml")
    _add(channel, "lastBuildDate", format_datetime(issue.updated))
    for item in issue.items:
        node = _add(channel, "item")
        _add(node, "title", item.piece.title)
        _add(node, "link", item.link)
        _add(node, "guid", item.id, isPermaLink="false")
        # RSS has no date of change: like many systems, the newsroom moves the date of publication.
        at = item.updated
        _add(node, "pubDate", f"{at:%Y-%m-%d %H:%M:%S}" if issue.channel.zoneless else format_datetime(at))
        _add(node, f"{{{_DC}}}creator", item.piece.author)
        for tag in item.piece.tags:
            _add(node, "category", tag)
        _add(node, "description", item.summary)
    return _written(root, issue)


def _rdf(issue: Issue) -> bytes:
    root = _root(f"{{{_RDF}}}RDF", {"rdf": _RDF, "dc": _DC, None: _RSS1})
    about = f"{{{_RDF}}}about"
    channel = _add(root, f"{{{_RSS1}}}channel", **{about: issue.url})
    for name, text in (("title", issue.channel.title), ("link", issue.home), ("description", issue.outlet.note)):
        _add(channel, f"{{{_RSS1}}}{name}", text)
    sequence = _add(_add(channel, f"{{{_RSS1}}}items"), f"{{{_RDF}}}Seq")
    for item in issue.items:
        _add(sequence, f"{{{_RDF}}}li", **{f"{{{_RDF}}}resource": item.link})
        node = _add(root, f"{{{_RSS1}}}item", **{about: item.link})
        for name, text in (("title", item.piece.title), ("link", item.link), ("description", item.summary)):
            _add(node, f"{{{_RSS1}}}{name}", text)
        _add(node, f"{{{_DC}}}creator", item.piece.author)
        _add(node, f"{{{_DC}}}date", item.updated.isoformat())
    return _written(root, issue)


def _atom(issue: Issue) -> bytes:
    root = _root(f"{{{_ATOM}}}feed", {None: _ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", issue.outlet.language)
    _add(root, f"{{{_ATOM}}}title", issue.channel.title)
    _add(root, f"{{{_ATOM}}}subtitle", issue.outlet.note)
    _add(root, f"{{{_ATOM}}}id", f"tag:{issue.outlet.id}.example,2026:feed:{issue.channel.id}")
    _add(root, f"{{{_ATOM}}}updated", issue.updated.isoformat())
    _add(root, f"{{{_ATOM}}}link", href=issue.home, rel="alternate", type="text/html")
    _add(root, f"{{{_ATOM}}}link", href=issue.url, rel="self", type="application/atom+xml")
    for item in issue.items:
        node = _add(root, f"{{{_ATOM}}}entry")
        _add(node, f"{{{_ATOM}}}title", item.piece.title)
        _add(node, f"{{{_ATOM}}}id", item.id)
        _add(node, f"{{{_ATOM}}}link", href=item.link, rel="alternate", type="text/html")
        _add(node, f"{{{_ATOM}}}published", item.published.isoformat())
        _add(node, f"{{{_ATOM}}}updated", item.updated.isoformat())
        _add(_add(node, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", item.piece.author)
        for tag in item.piece.tags:
            _add(node, f"{{{_ATOM}}}category", term=tag)
        _add(node, f"{{{_ATOM}}}summary", item.summary, type="html")
    return _written(root, issue)


def _json_feed(issue: Issue) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": issue.channel.title,
        "description": issue.outlet.note,
        "home_page_url": issue.home,
        "feed_url": issue.url,
        "language": issue.outlet.language,
        "items": [
            {
                "id": item.id,
                "url": item.link,
                "title": item.piece.title,
                "content_html": body_html(item.piece),
                "date_published": item.published.isoformat(),
                "date_modified": item.updated.isoformat(),
                "authors": [{"name": item.piece.author}],
                "tags": list(item.piece.tags),
            }
            for item in issue.items
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


_WRITERS: Final[Mapping[str, tuple[Callable[[Issue], bytes], str]]] = {
    "rss": (_rss, "application/rss+xml"),
    "rdf": (_rdf, "application/rdf+xml"),
    "atom": (_atom, "application/atom+xml"),
    "json": (_json_feed, "application/feed+json"),
}


def _root(tag: str, names: Mapping[str | None, str]) -> etree._Element:
    return etree.Element(tag, nsmap=names)  # type: ignore[arg-type] # the stubs know no default namespace


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, tag, attributes)
    node.text = text or None
    return node


def _written(root: etree._Element, issue: Issue) -> bytes:
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    return issue.outlet.encode(f'<?xml version="1.0" encoding="{issue.outlet.charset}"?>\n{text}')
