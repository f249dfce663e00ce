"""Reading one page, from bytes to an extraction: decoding, tree, what the page says of itself, its text, its kind.

Refuses what is no HTML page at all (binary data, feeds, plain text) before anything else looks at it.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from technews.authors import in_a_line
from technews.charsets import decode
from technews.documents import Element, json_ld, parse
from technews.extraction import MAX_TEXT, Extraction, Look, NotAnArticle, OffTopic
from technews.languages import ranked
from technews.main_text import main_text
from technews.metadata import Metadata, read_outline, with_details
from technews.page_kinds import is_paywalled, refusal_of
from technews.records import Reason

_BINARY: Final = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x00\x00\x00")
# Controls that no text holds ("binary data bytes" of the WHATWG's MIME Sniffing), but for NUL, of which UTF-16 is full.
_CONTROLS: Final = bytes([*range(0x01, 0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_CONTROL: Final = re.compile(f"[{re.escape(_CONTROLS.decode())}]")
_GARBLED: Final = 50  # characters for each control; random bytes have ten
_ELEMENT: Final = re.compile(r"<([a-zA-Z][a-zA-Z0-9:-]*)")
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_HEAD: Final = 5_000
_OTHER_ROOTS: Final = frozenset({"rss", "feed", "rdf:rdf", "urlset", "sitemapindex"})
_MARKUP_TYPES: Final = ("html", "xml", "text/plain", "octet-stream")

_log: Final = logging.getLogger("technews")

# The libraries report each odd page as an error; the reason that we return says the same, once.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def read_page(
    body: bytes, content_type: str | None, url: str | None, look: Look | None, now: datetime
) -> Extraction | NotAnArticle | OffTopic:
    """The article on a page, or why it holds none, or what `look` saw on it, if that is enough."""
    if (kind := _not_markup(body, content_type)) is not None:
        return NotAnArticle(Reason.NOT_HTML, kind)
    source = decode(body, content_type)
    if _is_garbled(body, source):
        return NotAnArticle(Reason.NOT_HTML, "binary data")
    root = _ELEMENT.search(_COMMENT.sub("", source[:_HEAD])) or _ELEMENT.search(source)
    if root is None or root[1].lower() in _OTHER_ROOTS:
        return NotAnArticle(Reason.NOT_HTML, f"<{root[1]}>" if root else "no HTML element")
    tree = parse(source)
    if tree is None:
        return NotAnArticle(Reason.NO_ARTICLE, "an empty document")
    return _read_tree(tree, url, look, now)


def _read_tree(
    tree: Element, url: str | None, look: Look | None, now: datetime
) -> Extraction | NotAnArticle | OffTopic:
    stated = json_ld(tree)
    outline = _unless_it_fails(Metadata(), lambda: read_outline(tree, url, stated), url)
    if look and (seen := look(tree, url, stated, outline)):
        return seen
    metadata = _unless_it_fails(outline, lambda: with_details(outline, tree, url, stated, now), url)
    text, extractor = main_text(tree, url, stated, metadata.title)
    found = Extraction(
        title=metadata.title,
        text=text[:MAX_TEXT].rstrip(),
        author=in_a_line(metadata.details.authors),
        site_name=metadata.site_name,
        canonical_url=metadata.canonical_url,
        language=metadata.language,
        published=metadata.published,
        modified=metadata.modified,
        extractor=extractor,
        details=replace(metadata.details, is_paywalled=is_paywalled(text, metadata, tree)),
    )
    reason = refusal_of(url, text, metadata, tree)
    if reason is None and text:
        return replace(found, spoken=ranked(found.text))
    said = replace(found, text="", extractor="none")
    return NotAnArticle(reason, said=said) if reason else NotAnArticle(Reason.NO_ARTICLE, "no text found", said)


def _unless_it_fails(otherwise: Metadata, read: Callable[[], Metadata], url: str | None) -> Metadata:
    """What a page says of itself; whatever a statement trips over costs statements, never the text."""
    try:
        return read()
    except Exception as error:  # noqa: BLE001 - see above
        _log.warning("%s: what the page says of itself was not read: %r", url, error)
        return otherwise


def _not_markup(body: bytes, content_type: str | None) -> str | None:
    """What the bytes are if they cannot be a page; the server's word counts, and so do the bytes themselves."""
    stated = (content_type or "").split(";")[0].strip().lower()
    if stated and not any(kind in stated for kind in _MARKUP_TYPES):
        return stated
    if body.startswith(_BINARY):
        return "binary data"
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff")) or "utf-16" in (content_type or "").lower()
    return "binary data" if b"\x00\x00" in body[:1_024] and not wide else None


def _is_garbled(body: bytes, source: str) -> bool:
    """Whether it is binary data that begins like a page: far more controls than a page has by mistake."""
    # The bytes are quick to look at, but in UTF-16 these are parts of letters.
    likely = (len(body) - len(body.translate(None, _CONTROLS))) * _GARBLED > len(body)
    return likely and len(_CONTROL.findall(source)) * _GARBLED > len(source)
