"""HTML documents as trees: parsing that nothing in a page can derail, the text a reader sees, and the page's JSON-LD.

Keeps the text of pages nested deeper than the parser allows (it drops all that follows, without an error), and answers
no tree rather than raising for what is no document at all.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

import lxml.html
from lxml import etree

from technews.records import Origin, sound_text

_MAX_DEPTH: Final = 200  # libxml2 gives up at 256, and recursive readers of the tree soon after
_MAX_JSON_CHARS: Final = 2_000_000
_MAX_JSON_NODES: Final = 2_000
_MAX_MEMBERS: Final = 50
_MAX_VALUE_DEPTH: Final = 4  # objects within objects; lists in each would multiply without it

_REFERENCE: Final = frozenset({"@id", "@type"})

_ELEMENTS: Final = 30_000
_LONGEST_TAG: Final = 50_000  # characters
_LONG_TAG: Final = re.compile(rf"<([a-zA-Z][a-zA-Z0-9:-]*)\s[^<>]{{{_LONGEST_TAG},}}>")
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])[^<>]*>")
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_UNSEEN: Final = ("script", "style", "noscript", "template", "svg", "head", "iframe", "object", "select", "textarea")
_BLOCK_NAMES: Final = (
    "address article aside blockquote body br caption dd details div dl dt figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr html li main nav ol option p pre section summary table tbody td tfoot th thead title tr ul"
)
BLOCK: Final = frozenset(_BLOCK_NAMES.split())

Element: TypeAlias = lxml.html.HtmlElement


class Said(NamedTuple):
    """A statement of a page about itself, and where it stands."""

    text: str
    origin: Origin


def parse(text: str) -> Element | None:
    """The document's tree, without comments; None where the text holds no element."""
    source = _with_short_tags(sound_text(text))
    tree, complete = _parse_once(source, huge=False)
    if not complete:
        tree, _ = _parse_once(_flattened(source), huge=True)
    return tree


def _parse_once(text: str, *, huge: bool) -> tuple[Element | None, bool]:
    parser = lxml.html.HTMLParser(
        encoding="utf-8",
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge,
    )
    # The library's own lookup asks Python for the class of every element; this one does not leave C.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        tree = None
    # The one trace that the parser leaves when it drops the rest of a page: nesting or size went over its limits.
    limited = any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
    return tree, not limited


def _flattened(text: str) -> str:
    """The markup without the tags that nest deeper than `_MAX_DEPTH`; their text stays where it was."""
    depth = 0

    def keep(tag: re.Match[str]) -> str:
        nonlocal depth
        closing, name = tag[1], tag[2].lower()
        if name in _VOID:
            return tag[0]
        depth = max(depth - 1, 0) if closing else depth + 1
        # An opening tag counts at its own depth, a closing one at that of the element it ends.
        level = depth + 1 if closing else depth
        # Deep paragraphs stay apart: a break takes the place of their tags.
        return tag[0] if level <= _MAX_DEPTH else ("<br>" if name in BLOCK else "")

    return _TAG.sub(keep, text)


def _with_short_tags(text: str) -> str:
    """The text without the attributes of tags that are longer than any page needs.

    The parser compares each attribute of a tag with all before it: 200,000 of them took over 20 seconds.
    """
    half = _LONGEST_TAG // 2
    # A tag of that length leaves one of these stretches without the beginning of another.
    if all(text.find("<", start, start + half) >= 0 for start in range(0, len(text) - half + 1, half)):
        return text
    return _LONG_TAG.sub(r"<\1>", text)


def is_huge(tree: Element) -> bool:
    """Whether the page has ten times the elements of the largest real ones: readers' time grows with their square."""
    return next(islice(tree.iter(), _ELEMENTS, None), None) is not None


def is_longer(element: Element, length: int) -> bool:
    """Whether an element holds more text than so many characters (or pieces); looks no further than it must."""
    read = 0
    for count, piece in enumerate(element.itertext()):
        read += len(piece.strip())
        if read > length or count > length:
            return True
    return False


def visible_text(element: Element) -> str:
    """What a reader sees of an element: one block a line, white space collapsed, scripts and styles left out."""
    pieces: list[str] = []
    skipped: Any = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if skipped is not None:
            if event == "end" and node is skipped:
                skipped = None
                pieces.append(node.tail or "" if node is not element else "")
            continue
        if event == "start" and node.tag in _UNSEEN and node is not element:
            skipped = node
            continue
        edge = "\n" if node.tag in BLOCK else ""
        if event == "start":
            pieces.append(edge + (" ".join(node.text.split("\n")) if node.text else ""))
        else:
            pieces.append(edge + (" ".join(node.tail.split("\n")) if node.tail and node is not element else ""))
    return lines_of("".join(pieces))


def lines_of(text: str) -> str:
    """The text with one paragraph a line: white space collapsed, empty lines gone, sound for storage."""
    lines = (" ".join(line.split()) for line in sound_text(text).splitlines())
    return "\n".join(line for line in lines if line)


def fragment_text(markup: str) -> str:
    """The visible text of an HTML fragment, such as a feed's summary; plain text stays as it is.

    Markup that was escaped as a whole (`&lt;p&gt;`) is read as the markup that it was.
    """
    if "<" not in markup and "&" not in markup:
        return lines_of(markup)
    if "<" not in markup and "&lt;" in markup:
        markup = html.unescape(markup)
    tree = parse(f"<html><body><div>{markup}</div></body></html>")
    return "" if tree is None else visible_text(tree)


def json_ld(tree: Element) -> list[dict[str, Any]]:
    """All objects that the page states about itself in JSON-LD (https://www.w3.org/TR/json-ld11/), outermost first.

    Lists, `@graph` and `mainEntity` are entered, lists of other pages (`itemListElement`) are not. A mere reference
    (`{"@id": …}`) becomes what the page says of the object elsewhere. Scripts that are no JSON, too long or nested
    beyond reason are passed over.
    """
    found: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        kind = (script.get("type") or "").split(";")[0].strip().lower()
        if kind == "application/ld+json" and script.text and len(script.text) <= _MAX_JSON_CHARS:
            found.extend(_objects(_loaded(script.text)))
    return _resolved(found[:_MAX_JSON_NODES])


def _resolved(objects: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects with the references among their values resolved; not those within these, so that no circle arises."""
    nodes: dict[str, dict[str, Any]] = {}
    for item in objects:
        for node in (item, *(each for value in item.values() for each in members(value))):
            if isinstance(node, dict) and isinstance(name := node.get("@id"), str):
                known = nodes.setdefault(name, {})
                for key, value in node.items():
                    known.setdefault(key, value)

    def resolved(value: Any) -> Any:  # noqa: ANN401 - JSON is of any type
        if isinstance(value, list):
            return [resolved(each) if isinstance(each, dict) else each for each in value]
        is_reference = isinstance(value, dict) and value.keys() <= _REFERENCE and isinstance(value.get("@id"), str)
        return nodes.get(value["@id"], value) if is_reference else value

    return [{key: resolved(value) for key, value in item.items()} for item in objects]


def _loaded(text: str) -> Any:  # noqa: ANN401 - JSON is of any type
    stripped = text.strip().removeprefix("<!--").removesuffix("-->").removeprefix("//<![CDATA[").removesuffix("//]]>")
    try:
        return json.loads(stripped.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON is of any type
    queue = [value]
    for _ in range(_MAX_JSON_NODES):
        if not queue:
            return
        item = queue.pop(0)
        if isinstance(item, list):
            queue[:0] = item[:_MAX_JSON_NODES]
        elif isinstance(item, dict):
            yield item
            queue.extend(item[key] for key in ("@graph", "mainEntity") if key in item)


def members(value: Any) -> list[Any]:  # noqa: ANN401 - JSON is of any type
    """A JSON-LD value as the list that it may always be (https://www.w3.org/TR/json-ld11/#sets), cut at 50."""
    return value[:_MAX_MEMBERS] if isinstance(value, list) else [value]


def strings(value: Any, depth: int = _MAX_VALUE_DEPTH) -> list[str]:  # noqa: ANN401 - JSON is of any type
    """The texts in a JSON-LD value: itself, its members, or their `name` (or `@value`), as deep as any page needs."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, dict) and depth:
        return strings(value.get("name") or value.get("@value"), depth - 1)
    if isinstance(value, list):
        return [text for item in members(value) if not isinstance(item, list) for text in strings(item, depth)]
    return []
