"""What the readers of all feed formats share: the draft of an entry, its plain title, its visible text, its address.

All functions are pure and take time linear in their input, whatever the markup.

Exceptions:

    NotAFeed            the document holds no feed; the message is a short reason
"""

import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urljoin

from technews.records import sound_text

TITLE_LIMIT: Final = 1_000
MARKUP_LIMIT: Final = 500_000
_MOST_VALUES: Final = 100

# Markup that titles carry. Other things in angle brackets ("list<Model>") are text: RSS does not say which it means.
_TITLE_TAG: Final = re.compile(
    r"</?(?:a|abbr|acronym|b|big|bdi|bdo|br|cite|code|del|dfn|div|em|font|h[1-6]|i|img|ins|kbd|li|mark|nobr|ol|p|q|"
    r"ruby|rt|s|samp|small|span|strike|strong|sub|sup|svg|time|tt|u|ul|var|wbr)(?:\s[^<>]*)?/?>|<!--[^<>]*-->",
    re.IGNORECASE,
)
# What a browser does not show. Whatever is left open runs to the end, so that no character is looked at twice.
_UNSEEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[a-z/!?][^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL
)
_SPACE: Final = re.compile(r"\s+")
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_LINE_BREAKS: Final = str.maketrans("", "", "\t\r\n")


class NotAFeed(Exception):  # noqa: N818  says what the document is, and reads so where it is caught
    """The document holds no feed; the message is a short reason."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as its format states it, before it gets its key.

    `guid` is empty where there is none. Addresses are absolute. `title` is plain text, `summary` and `content` are
    HTML, `date` is the raw string. `origin` names where an aggregator has the entry from, `origin_url` is its address.
    """

    guid: str
    url: str | None
    title: str
    author: str
    summary: str
    content: str
    date: str | None
    categories: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()
    origin: str = ""
    origin_url: str | None = None


@dataclass(frozen=True, slots=True)
class DraftFeed:
    """A feed as its format states it: kind, title, entries, and how long readers are asked to wait."""

    kind: str
    title: str
    drafts: list[Draft]
    wait: timedelta | None = None


def plain_title(title: str, *, markup: bool) -> str:
    """The title as plain text on one line; `markup` says whether tags and entities in it are markup or text."""
    title = title[: 20 * TITLE_LIMIT]
    return one_line(html.unescape(_TITLE_TAG.sub("", title)) if markup else title)


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return _SPACE.sub(" ", text).strip()


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The values that say anything, sound and each once: at most a hundred of them, of a thousand characters."""
    known = dict.fromkeys(sound_text(value)[:TITLE_LIMIT].strip() for value in values)
    return tuple(value for value in known if value)[:_MOST_VALUES]


def visible_text(markup: str) -> str:
    """The characters that a browser shows of this HTML, without white space: made for comparing, not for reading."""
    return _SPACE.sub("", html.unescape(_UNSEEN.sub("", markup)))


def fingerprint(title: str, url: str | None, date: str | None, content: str, summary: str) -> str:
    """What changes when the publisher changed title, link, raw date or visible text of an entry."""
    return hash_of(title, url or "", date or "", visible_text(content) or visible_text(summary))


def hash_of(*parts: str) -> str:
    """SHA-256 of texts. NUL cannot occur in sound text, so that no two lists of parts look alike."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def absolute_url(reference: str, base: str, document_url: str) -> str | None:
    """The address that a reference means at `base` (RFC 3986 section 5), None for an empty or meaningless one.

    White space around it and line breaks in it do not count (WHATWG URL). Any scheme is kept as written: who may be
    asked is decided where pages are downloaded.
    """
    reference = reference.strip().translate(_LINE_BREAKS)
    if not reference or _SCHEME.match(reference):
        return reference or None
    for place in (base, document_url):
        try:
            url = urljoin(place, reference)
        except ValueError:  # such as an unclosed bracket in the host
            continue
        if _SCHEME.match(url):
            return url
    return None


def permalink(guid: str) -> str | None:
    """The GUID where it can stand in for a missing link: only what a browser opens can."""
    return guid if guid.lower().startswith(("http://", "https://")) else None
