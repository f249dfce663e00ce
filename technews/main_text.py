"""The text of the article on a page: readings by trafilatura, weighed against each other and the page's JSON-LD.

Keeps one paragraph a line, table rows whole (lists in their cells too), and leaves out teaser cards, offers to
subscribe and the title. Where the page shows little, the text that it states as JSON-LD `articleBody` is taken.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from configparser import ConfigParser
from copy import deepcopy
from functools import cache
from itertools import islice
from typing import Any, Final

import trafilatura
from lxml import etree
from trafilatura.settings import DEFAULT_CONFIG, Document

from technews.documents import Element, fragment_text, is_huge, is_longer, lines_of, strings, visible_text

_CARD_CHARS: Final = 400
_MAIN_CHARS: Final = 600
_OFFER_CHARS: Final = 1_500
_STATED_CHARS: Final = 80
_FLAT_CHARS: Final = 500
_SAME: Final = 0.9
_ENOUGH: Final = 250
_ENOUGH_DENSE: Final = 60  # in Chinese and Japanese
_DENSE_CHARS: Final = 100
_DENSE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
_AGREEMENT: Final = 0.98
_PARAGRAPH: Final = 25  # characters; shorter ones are captions, bylines and buttons as often as text
_COVERED: Final = (0.7, 1.15)
# Neither shown as text nor looked at by any reading; every later pass over the tree is cheaper without them.
_UNREAD: Final = (
    "style", "svg", "iframe", "object", "embed", "canvas", "video", "audio", "map", "source", "track", "param", "input",
    "button", "select", "option", "textarea", "picture", "datalist", "dialog",
)  # fmt: skip
# Trafilatura's main reading leaves them out as well; its other readings take their text for the article's at times.
_FRAMES: Final = ("nav", "aside", "footer")
_OF_ARTICLES: Final = ("article", "main", "h1")
_UNLINKED: Final[Any] = etree.XPath(".//text()[not(ancestor::a)]", smart_strings=False)
_MENU_CHARS: Final = 10
_FORUM: Final = "DiscussionForumPosting"

_OFFER_BOX: Final = re.compile(
    r"paywall|pay-wall|regwall|piano|subscri|abonn|premium|offer|plans?\b|pricing", re.IGNORECASE
)
_OFFER_WORDS: Final = re.compile(
    r"\bsubscri(?:be|ption)|\bsign (?:up|in)\b|\blog ?in\b|\bcancel (?:at )?any ?time|\bfree trial|\bunlimited access"
    r"|abonn[eé]|\bessai gratuit|sans engagement|se connecter|\d\s?(?:€|eur\b|euros?\b|\$)|[€$£¥]\s?\d"
    r"|订阅|訂閱|会员|會員|付费|付費|登录|登入",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(
    r"(?:already a (?:subscriber|member)|(?:sign|log) in to (?:read|continue)|subscribe (?:now|today|to)\b).{0,80}"
    r"|(?:déjà abonné|abonnez-vous|il vous reste \d).{0,80}|(?:登录|登入|订阅|訂閱)后?.{0,20}(?:阅读|继续|查看).{0,20}"
    r"|advertisement|publicité|广告|廣告|sponsored content",
    re.IGNORECASE,
)
_BREAK_NAMES: Final = (
    "p head item quote row list table code pre lb div fw body main section article h1 h2 h3 h4 h5 h6 li ul ol dl dt dd "
    "blockquote tr br"
)
_BREAKS: Final = frozenset(_BREAK_NAMES.split())
_CELLS: Final = frozenset({"cell", "td", "th"})
_CELL_EDGE: Final = "\x1f"  # stands for a cell's edge until the row's line is built; no text holds control characters
_WORD: Final = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]|\w+")


def main_text(tree: Element, url: str | None, stated: Sequence[dict[str, Any]], title: str) -> tuple[str, str]:
    """The article's text and what gave it: `trafilatura`, `json_ld`, or `plain`, all that is visible.

    The last is for pages in which nothing else finds a text, and for those too large to be weighed.
    """
    if is_huge(tree):
        return without_title(_largest(tree), title), "plain"
    prepared = _readable(tree)
    _unlist_cells(prepared)
    if not any("LiveBlogPosting" in strings(item.get("@type")) for item in stated):
        _drop_cards(prepared)
    _drop_offers(prepared)
    shown = _without_asides(without_title(_agreed(prepared, url), title))
    said = without_title(stated_text(stated), title)
    if len(said) >= _STATED_CHARS and _is_better(said, shown):
        return said, "json_ld"
    if shown and ("\n" in shown or len(shown) < _FLAT_CHARS):
        return shown, "trafilatura"
    plain = without_title(_unframed(prepared), title)
    # A long text in one line was flattened by trafilatura's last resorts; the same text may stand there in paragraphs.
    return (plain, "plain") if not shown or _likeness(plain, shown) >= _SAME else (shown, "trafilatura")


def _is_better(said: str, shown: str) -> bool:
    """Whether the text that the page states is to be taken for the one it shows: a teaser only, or a flattened page."""
    return len(said) > 2 * len(shown) or ("\n" not in shown and 2 * len(said) > len(shown) >= _FLAT_CHARS)


def _largest(tree: Element) -> str:
    """All that is visible in the page's longest article, main part or body."""
    parts = [visible_text(part) for name in ("article", "main", "body") for part in islice(tree.iter(name), 50)]
    # An article that holds half of the page is the page's own.
    return next((part for part in parts if 2 * len(part) >= max(map(len, parts))), "")


def stated_text(stated: Iterable[dict[str, Any]]) -> str:
    """The longest `articleBody` (https://schema.org/articleBody) of the page's JSON-LD, as text."""
    bodies = (item.get("articleBody") for item in stated)
    return max((fragment_text(body) for body in bodies if isinstance(body, str)), key=len, default="")


def without_title(text: str, title: str) -> str:
    """The text without leading lines that only repeat the title: it is kept in a field of its own."""
    lines = text.split("\n")
    wanted = _plain(title)
    for number, line in enumerate(lines[:3]):
        if wanted and _plain(line) == wanted:
            return "\n".join(lines[number + 1 :] if number == 0 else lines[:number] + lines[number + 1 :])
    return text


def _without_asides(text: str) -> str:
    """The text without lines that do nothing but advertise or ask to subscribe."""
    return "\n".join(line for line in text.split("\n") if not _ASIDE.fullmatch(line))


def _readable(tree: Element) -> Element:
    """A copy to be read, without what nobody reads.

    Scripts go too, since trafilatura would take the `articleBody` in them at its own discretion, all in one paragraph;
    but for those by which it tells a forum, where the comments are the text.
    """
    copy = deepcopy(tree)
    etree.strip_elements(copy, *_UNREAD, with_tail=False)
    for script in list(copy.iter("script")):
        if _FORUM not in (script.text or ""):
            _drop(script)
    _drop_frames(copy)
    return copy


def _drop_frames(tree: Element) -> None:
    """Leaves out what frames an article, where that is less than half of what stands in no link.

    A `<nav>` that is never closed holds the article itself.
    """
    frames = [frame for frame in _outermost(tree, *_FRAMES) if next(frame.iter(*_OF_ARTICLES), None) is None]
    if frames and 2 * sum(map(_unlinked, frames)) < _unlinked(tree):
        for frame in frames:
            _drop(frame)


def _unlinked(element: Element) -> int:
    """The letters of its text that stand in no link."""
    return len("".join("".join(_UNLINKED(element)).split()))


def _outermost(tree: Element, *tags: str) -> list[Element]:
    """The elements with these names that lie in none such."""
    return [element for element in tree.iter(*tags) if next(element.iterancestors(*tags), None) is None]


def _agreed(tree: Element, url: str | None) -> str:
    """One reading where the page's paragraphs bear it out (six pages of ten), or a second one (most of the others).

    Else the one of three that is nearest to the others.
    """
    dense = sum(map(len, _DENSE.findall(tree.text_content()))) >= _DENSE_CHARS
    config = _config(_ENOUGH_DENSE if dense else _ENOUGH)
    first = _reading(tree, url, config, recall=True)
    if first and _is_borne_out(first, tree):
        return first
    readings = [_reading(tree, url, config, fast=True), first]
    if _likeness(*readings) >= _AGREEMENT:
        return readings[0]
    readings.append(_reading(tree, url, config))
    return max(readings, key=lambda one: sum(_likeness(one, other) for other in readings))


def _is_borne_out(reading: str, tree: Element) -> bool:
    """Whether a reading is about as long as all paragraphs of the page together: no less, and nothing beside them."""
    lengths = (len(" ".join(paragraph.text_content().split())) for paragraph in tree.iter("p"))
    paragraphs = sum(length for length in lengths if length > _PARAGRAPH)
    low, high = _COVERED
    return low * paragraphs <= len(reading) <= high * paragraphs


@cache
def _config(enough: int) -> ConfigParser:
    """Trafilatura's settings, but for the length from which a text is taken as found, which suits Latin scripts."""
    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(enough)
    return config


def _reading(tree: Element, url: str | None, config: ConfigParser, *, fast: bool = False, recall: bool = False) -> str:
    # `deduplicate` stays off: its answer depends on the pages that the process read before.
    document = trafilatura.bare_extraction(
        tree, url=url, fast=fast, favor_recall=recall, include_comments=False, deduplicate=False, config=config
    )
    if not isinstance(document, Document):
        return ""
    text = _serialized(document.body)
    # Its last resort are all strings of the page, joined, navigation included: no reading at all.
    joined = len(document.body) == 1 and (
        _likeness(text, visible_text(tree)) >= _AGREEMENT or _holds_navigation(text, tree)
    )
    return "" if joined else text


def _holds_navigation(text: str, tree: Element) -> bool:
    words = " ".join(text.split())
    menus = (" ".join(visible_text(menu).split()) for menu in islice(tree.iter("nav"), 50))
    return any(len(menu) >= _MENU_CHARS and menu in words for menu in menus)


def _unframed(tree: Element) -> str:
    """All that is visible but for the elements that frame a page."""
    copy = deepcopy(tree)
    for element in list(copy.iter("nav", "header", "footer", "aside", "form", "button")):
        _drop(element)
    return visible_text(copy)


def _likeness(one: str, other: str) -> float:
    """F1 of the words (of the characters for Chinese and Japanese) of two texts."""
    first, second = Counter(_WORD.findall(one)), Counter(_WORD.findall(other))
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 1.0


def _serialized(body: Any) -> str:  # noqa: ANN401 - trafilatura's tree is untyped
    """The extracted tree as text: one paragraph, list item or table row a line, cells apart by ` | `."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(body, events=("start", "end")):
        inside_code = node.tag in ("code", "pre")
        edge = _CELL_EDGE if node.tag in _CELLS else "\n" if node.tag in _BREAKS else ""
        if node.tag in _BREAKS and node.tag != "row" and next(node.iterancestors("cell", "td", "th"), None) is not None:
            edge = " "
        text = (node.text if event == "start" else node.tail if node is not body else None) or ""
        pieces.append(edge + (text if inside_code and event == "start" else text.replace("\n", " ")))
    return lines_of("\n".join(_row(line) for line in "".join(pieces).split("\n")))


def _row(line: str) -> str:
    return " | ".join(cell.strip() for cell in line.split(_CELL_EDGE) if cell.strip()) if _CELL_EDGE in line else line


def _unlist_cells(tree: Element) -> None:
    """Lists in table cells become plain text: trafilatura reads the cells' paragraphs only."""
    for element in list(tree.iter("li", "ul", "ol")):
        if next(element.iterancestors("td", "th"), None) is not None:
            if element.tag == "li" and element.getnext() is not None:
                element.tail = f"; {(element.tail or '').strip()}"
            element.drop_tag()


def _drop_cards(tree: Element) -> None:
    """Teasers of other articles: short `<article>` elements beside one that is the page's own."""
    articles = list(tree.iter("article"))
    if len(articles) < 2:
        return
    # Only outermost and innermost ones are measured: none of them lies in another, so each text is looked at once.
    longest = max(len(visible_text(one)) for one in _outermost(tree, "article"))
    if longest < _MAIN_CHARS:
        return
    for article in articles:
        if next(article.iterdescendants("article"), None) is not None:
            continue
        if len(visible_text(article)) <= min(_CARD_CHARS, longest / 5):
            _drop(article)


def _drop_offers(tree: Element) -> None:
    """Boxes that sell a subscription. A box named `paywall` may as well hold the paid text: its words decide."""
    for box in list(tree.iter("div", "section", "aside", "form")):
        name = f"{box.get('class') or ''} {box.get('id') or ''}"
        named = name != " " and _OFFER_BOX.search(name) and box.getparent() is not None
        if named and not is_longer(box, _OFFER_CHARS) and _sells(visible_text(box)):
            _drop(box)


def _sells(text: str) -> bool:
    hits = len(_OFFER_WORDS.findall(text))
    return len(text) < _OFFER_CHARS and hits >= 2 and hits * 200 >= len(text)


def _drop(element: Element) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _plain(text: str) -> str:
    return "".join(_WORD.findall(text.lower()))
