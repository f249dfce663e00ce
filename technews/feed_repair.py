"""Feed documents as sound XML trees, however damaged: what is whole in them is read, and no item harms another.

The document type declaration is never read, so that no entity can be declared, let alone explode. A damaged document is
taken apart at its items, and each is read alone; the unfinished last item of a document that was cut off is left out,
since its next version would look like a change. Takes time linear in the size of the document.
"""

import html
import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from technews.feed_drafts import NotAFeed

MAX_ITEMS: Final = 50_000
_LONGEST_OPENING: Final = 4_000

_NAMESPACES: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_PREFIX: Final = r"(?:[A-Za-z_][\w.-]{0,40}:)?"
# The first thing that tells a feed from a page, comments aside.
_FIRST_SIGN: Final = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(?P<page>!doctype\s+html|html)\b|<(?P<root>{_PREFIX}(?P<kind>rss|feed|rdf))(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_CDATA: Final = r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
_ITEM_OR_CDATA: Final = re.compile(
    rf"{_CDATA}|<!--.*?(?:-->|\Z)|(?P<item><{_PREFIX}(?:item|entry)(?=[\s>/]))", re.IGNORECASE | re.DOTALL
)
_ITEM_END: Final = re.compile(rf"</{_PREFIX}(?:item|entry)\s*>", re.IGNORECASE)
_AMPERSAND_OR_CDATA: Final = re.compile(rf"{_CDATA}|&(?P<name>#?\w{{1,32}};)|&+(?!#?\w{{1,32}};)", re.DOTALL)
_STRAY_HTML_OR_CDATA: Final = re.compile(
    rf"{_CDATA}|<(?P<tag>/?(?:a|b|blockquote|br|center|code|div|em|embed|font|h[1-6]|hr|i|iframe|img|li|object|ol|p|pre|"
    r"s|script|small|span|strong|style|sub|sup|table|tbody|td|th|tr|u|ul|video)(?:\s[^<>]*)?/?)>",
    re.IGNORECASE | re.DOTALL,
)
_XML_ENTITIES: Final = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})


@dataclass(frozen=True, slots=True)
class SoundFeed:
    """The kind of a feed (`rss`, `rdf` or `atom`) and its trees: one, or one for the head and each item."""

    kind: str
    trees: tuple[etree._Element, ...]


def sound_feed(text: str, url: str) -> SoundFeed:
    """The trees of a feed document without control characters; `url` is their base.

    Raises NotAFeed where no `rss`, `rdf:RDF` or `feed` element comes before an HTML page begins.
    """
    text, name, kind = _from_root(text)
    tree = _parse(text, url)
    if tree is None:
        text = _mend_references(text)
        tree = _parse(text, url)
    return SoundFeed(kind, _item_by_item(text, name, url) if tree is None else (tree,))


def _from_root(text: str) -> tuple[str, str, str]:
    """The document from its root element on, the root's name and the feed's kind."""
    for sign in _FIRST_SIGN.finditer(text):
        if sign["page"]:
            raise NotAFeed("an HTML page")
        if sign["root"]:
            close = text.rfind(f"</{sign['root']}", sign.end())
            end = text.find(">", close) + 1 if close > 0 else 0
            body = text[sign.end() : end or None]  # what follows the root is no part of the document
            kind = {"feed": "atom"}.get(sign["kind"].lower(), sign["kind"].lower())
            return f"<{sign['root']}{_missing_prefixes(sign['root'], body)}{body}", sign["root"], kind
    raise NotAFeed("no rss, rdf:RDF or feed element" if text.strip() else "an empty document")


def _missing_prefixes(root: str, body: str) -> str:
    """Declarations of the usual prefixes, and the root's own, that its start tag lacks: many feeds forget them."""
    tag = body[: body.find(">")]
    wanted = _NAMESPACES | {p: _NAMESPACES.get(p, _NAMESPACES["atom"]) for p in root.split(":")[:-1]}
    return "".join(
        f' xmlns:{p}="{uri}"' for p, uri in wanted.items() if not re.search(rf"\sxmlns:{re.escape(p)}\s*=", tag)
    )


def _parse(text: str, url: str) -> etree._Element | None:
    """The tree of a well-formed document, else None. A prefix without declaration does no harm."""
    tree, damaged = _recover(text, url)
    return None if damaged else tree


def _recover(text: str, url: str) -> tuple[etree._Element | None, bool]:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser, base_url=url)
    except (etree.XMLSyntaxError, ValueError):
        return None, True
    return tree, any(e.domain_name != "NAMESPACE" and e.level_name != "WARNING" for e in parser.error_log)


def _mend_references(text: str) -> str:
    """HTML's named characters as such, and ampersands that begin no reference escaped (outside of CDATA)."""

    def mend(match: re.Match[str]) -> str:
        name = match["name"]
        if match[0].startswith("<") or name in _XML_ENTITIES:
            return match[0]
        return html.escape(html.unescape(match[0]) if name else match[0])

    return _AMPERSAND_OR_CDATA.sub(mend, text)


def _item_by_item(text: str, root: str, url: str) -> tuple[etree._Element, ...]:
    starts = [match.start() for match in _ITEM_OR_CDATA.finditer(text) if match["item"]]
    if len(starts) > MAX_ITEMS:
        raise NotAFeed(f"more than {MAX_ITEMS:,} items")
    # Cut off within its last item: no end of that item, and none of the root.
    if starts and f"</{root}" not in text[starts[-1] :] and not _ITEM_END.search(text, starts[-1]):
        text = text[: starts.pop()]
    edges = [*starts, len(text)]
    start = text[: text.find(">") + 1]
    # It is read again with every item, so that a huge one would cost its size times their number.
    opening = start if len(start) <= _LONGEST_OPENING else f"<{root}{_missing_prefixes(root, '')}>"
    pieces = [text[len(start) : edges[0]], *(text[a:b] for a, b in zip(starts, edges[1:], strict=True))]
    trees = [_piece(piece, opening, root, url) for piece in pieces]
    return tuple(tree for tree in trees if tree is not None)


def _piece(piece: str, opening: str, root: str, url: str) -> etree._Element | None:
    """One item (or the head) in a root of its own; unescaped HTML becomes text where it does harm."""
    if end := list(_ITEM_END.finditer(piece))[-1:]:
        piece = piece[: end[0].end()]
    tree = _parse(f"{opening}{piece}</{root}>", url)
    if tree is not None:
        return tree
    quoted = _STRAY_HTML_OR_CDATA.sub(lambda m: f"&lt;{html.escape(m['tag'])}&gt;" if m["tag"] else m[0], piece)
    return _recover(f"{opening}{quoted}</{root}>", url)[0]
