"""Every address of the newsroom in one edition and what it answers: feeds, pages, front pages and robots.txt.

Pure: made from the library, the edition and the outlets' base addresses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from demo.feed_documents import Issue, content_type_of, feed_document, item_of
from demo.pages import Addresses, article_page, front_page, missing_page
from demo.sources import Library, Outlet, Piece


@dataclass(frozen=True, slots=True)
class Document:
    """What an address answers: bytes, when they last changed, and after how many seconds they come."""

    body: bytes
    content_type: str
    modified: datetime | None = None
    delay: float = 0.0
    status: int = 200

    @property
    def etag(self) -> str:
        """A weak entity tag (RFC 9110, section 8.8.3): the same for plain and compressed bytes."""
        return f'W/"{sha256(self.body).hexdigest()[:20]}"'


def site_of(library: Library, edition: int, bases: Mapping[str, str], slow: float) -> dict[str, Document]:
    """Every document of an edition by outlet and path, as `saltmarsh-wire/robots.txt`."""
    pieces = library.in_edition(edition)
    addresses = Addresses(bases, {piece.key: bases[piece.outlet] + path_of(piece, library) for piece in pieces})
    site: dict[str, Document] = {}
    for outlet in library.outlets.values():
        own = [piece for piece in pieces if piece.outlet == outlet.id]
        newest = max(piece.changed for piece in own)
        channels = [channel for channel in library.channels if channel.outlet == outlet.id]
        feeds = [(content_type_of(channel), channel.title, channel.path) for channel in channels]
        html = "text/html" if outlet.charset == "gb2312" else f"text/html; charset={outlet.charset}"
        site[f"{outlet.id}/"] = Document(front_page(outlet, own, feeds, addresses), html, newest)
        site[f"{outlet.id}/robots.txt"] = Document(_robots(outlet), "text/plain; charset=utf-8")
        for piece in (piece for piece in own if not piece.missing):
            body = article_page(piece, outlet, own, bases[outlet.id] + channels[0].path, addresses)
            # The headlines beside an article change whenever the outlet publishes anything: hence `newest`.
            delay = slow if piece.slow else 0.0
            site[outlet.id + path_of(piece, library)] = Document(body, html, newest, delay)
    return site | _feeds_of(library, pieces, edition, addresses)


def _feeds_of(library: Library, pieces: list[Piece], edition: int, addresses: Addresses) -> dict[str, Document]:
    documents = {}
    for channel in library.channels:
        base = addresses.bases[channel.outlet]
        listed = [piece for piece in pieces if channel.id in piece.feeds]
        items = [item_of(piece, channel, addresses.articles[piece.key], edition) for piece in listed]
        issue = Issue(channel, library.outlets[channel.outlet], base + channel.path, f"{base}/", items)
        documents[channel.outlet + channel.path] = Document(
            feed_document(issue), content_type_of(channel), issue.updated
        )
    return documents


def path_of(piece: Piece, library: Library) -> str:
    """Where on its outlet an article is; the same in every edition."""
    pattern = piece.path or library.outlets[piece.outlet].path
    return pattern.format(published=piece.published, slug=piece.slug)


def _robots(outlet: Outlet) -> bytes:
    rules = "".join(f"Disallow: {path}\n" for path in outlet.disallow) or "Disallow:\n"
    return f"# {outlet.note}\nUser-agent: *\n{rules}".encode()


def missing(outlet: Outlet) -> Document:
    """What an outlet answers about an address that it does not have."""
    return Document(missing_page(outlet), f"text/html; charset={outlet.charset}", status=404)
