"""Which pages are no article though their server said 200: not-found, login, consent and listing pages.

Conservative: an article *about* cookie consent, log-ins or a missing page stays one. Whole titles are compared, never
words within them, and what the page says about itself and the length of its text count against a refusal.
"""

import itertools
import re
from collections.abc import Iterable
from typing import Final

from technews.addresses import is_gate, is_home
from technews.documents import Element, is_longer, visible_text
from technews.metadata import Metadata, meta_values
from technews.page_phrases import (
    CONSENT_PHRASES,
    CONSENT_TITLE,
    LOGIN_TEXT,
    LOGIN_TITLE,
    NOT_FOUND_TEXT,
    NOT_FOUND_TITLE,
    PAYWALL_LINE,
)
from technews.records import Reason

_SHORT: Final = 400
_BRIEF: Final = 1_500
_LONG: Final = 6_000
_TITLE: Final = 300
_HEADLINES: Final = 12
_TEASER: Final = 600
_LINKS: Final = 300
_TITLE_PARTS: Final = re.compile(
    r"\s+[-–—|·•:»«›_/]+\s+|\s*[|｜_:：]\s*|\s*[-–—]\s*(?=[\u3000-\u9fff])|[.!?。！？…]+\s*"
)


def refusal_of(url: str | None, text: str, metadata: Metadata, tree: Element) -> Reason | None:
    """Why the page is no article, or None where it may be one. `text` is what was extracted as its article."""
    titles = _titles(tree)
    # A page that calls itself an article is believed unless hardly anything stands on it.
    patience = _SHORT if metadata.is_article else _BRIEF
    if _is_not_found(titles, text, patience):
        return Reason.NOT_FOUND_PAGE
    if _is_consent(titles, text, metadata):
        return Reason.CONSENT_PAGE
    if _is_login(titles, text, tree, patience):
        return Reason.LOGIN_PAGE
    if url and is_gate(url) and len(text) < patience:
        return Reason.CONSENT_PAGE if _phrases(text) else Reason.LOGIN_PAGE
    if not metadata.is_article and ((url is not None and is_home(url)) or _is_listing(tree, text, metadata)):
        return Reason.LISTING_PAGE
    return None


def is_paywalled(text: str, metadata: Metadata, tree: Element) -> bool | None:
    """Whether only a part can be read without paying: the page's own word, else a line that says so below a stub.

    None where neither is there: most pages that are free do not say so.
    """
    if metadata.is_free is not None:
        return not metadata.is_free
    lines = visible_text(tree).split("\n") if len(text) < _BRIEF else []
    return True if any(len(line) <= _TITLE and PAYWALL_LINE.match(line) for line in lines) else None


def _titles(tree: Element) -> set[str]:
    """The page's titles and headings, whole and in the parts that separators make of them."""
    texts = [title.text_content() for title in tree.iter("title")][:1]
    texts += [heading.text_content() for heading in tree.iter("h1")][:2]
    texts.append(meta_values(tree).get("og:title", ""))
    lines = [line for text in texts if 0 < len(line := " ".join(text.split())) <= _TITLE]
    return {part.strip() for line in lines for part in (line, *_TITLE_PARTS.split(line)) if part and part.strip()}


def _any_whole(pattern: re.Pattern[str], parts: Iterable[str]) -> bool:
    return any(pattern.fullmatch(part) for part in parts)


def _is_not_found(titles: set[str], text: str, patience: int) -> bool:
    titled = _any_whole(NOT_FOUND_TITLE, titles) and len(text) < patience
    return titled or (len(text) < _SHORT and NOT_FOUND_TEXT.search(text) is not None)


def _is_login(titles: set[str], text: str, tree: Element, patience: int) -> bool:
    if _any_whole(LOGIN_TITLE, titles) and len(text) < patience:
        return True
    asks = any((field.get("type") or "").lower() == "password" for field in tree.iter("input"))
    return asks and len(text) < _SHORT // 2 and LOGIN_TEXT.search(text) is not None


def _is_consent(titles: set[str], text: str, metadata: Metadata) -> bool:
    """By title, or by phrases that stand as densely as only a consent page has them; articles quote a few of them."""
    if metadata.is_article:
        return len(text) < _BRIEF and _phrases(text) >= 4 and _mentions(text) * 80 >= len(text)
    if len(text) >= _LONG:
        return False
    if _any_whole(CONSENT_TITLE, titles) and _phrases(text) >= 2:
        return True
    return _phrases(text) >= 3 and _mentions(text) * 140 >= len(text)


def _phrases(text: str) -> int:
    return sum(pattern.search(text) is not None for pattern in CONSENT_PHRASES)


def _mentions(text: str) -> int:
    return sum(len(pattern.findall(text)) for pattern in CONSENT_PHRASES)


def _is_listing(tree: Element, text: str, metadata: Metadata) -> bool:
    """Many headlines that are links of their own, and a text that is hardly more than them and what stands beside."""
    links = [(line, link) for link in itertools.islice(tree.iter("a"), _LINKS) if (line := _headline(link))]
    needed = _HEADLINES // 2 if metadata.is_listing else _HEADLINES
    if len(links) < needed:  # most pages: what stands around their links need not be read
        return False
    headlines, beside = _teasers(links)
    if len(headlines) < needed:
        return False
    lines = text.split("\n")
    covered = sum(len(line) for line in lines if line in headlines or line in beside)
    return covered * 10 >= len(text) * 7 or (len(headlines) >= 2 * needed and len(text) < _SHORT)


def _teasers(links: Iterable[tuple[str, Element]]) -> tuple[set[str], set[str]]:
    """Which of these are headlines that link elsewhere, and the lines of the small boxes that each stands in."""
    headlines: set[str] = set()
    boxes: dict[Element, list[str] | None] = {}  # a box's lines, read once for all links in it; None: not a small one
    for headline, link in links:
        box = link.getparent()
        for _ in range(4):
            if box is None:
                break
            if box not in boxes:
                boxes[box] = _lines(box)
            if boxes[box] is None:
                break
            headlines.add(headline)
            box = box.getparent()
    return headlines, {line for lines in boxes.values() for line in lines or ()}


def _lines(box: Element) -> list[str] | None:
    """The lines of a small box; None for a larger one, and for a paragraph, in which a link is no headline."""
    return None if box.tag in ("p", "body", "main") or is_longer(box, _TEASER) else visible_text(box).split("\n")


def _headline(link: Element) -> str | None:
    """The words of a link that reads like a headline: it may be shorter in scripts without spaces."""
    line = " ".join(link.text_content().split())
    return line if len(line) >= (25 if line.isascii() or " " in line else 10) else None
