"""The title of a page without the name of its site: what the publisher states, checked against each other.

A heading never wins over what the page states: a broken one would swallow half of the page.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from technews.documents import Element, Said, strings
from technews.records import Origin, sound_text

_LONGEST: Final = 500
_HEADING: Final = 300
_METAS: Final = ("og:title", "twitter:title", "parsely-title", "dc.title", "headline")
_SEPARATOR: Final = re.compile(r"\s+[-–—|·•:»«›‹/⁄_~]+\s+|\s*[|｜_]\s*|\s*——?\s*|(?<=[\u3000-\u9fff])\s*[-–—]+\s*")
# Inline markup that slipped into a title; `list<Model>` is none.
_MARKUP: Final = re.compile(r"</?(?:a|b|br|em|font|i|mark|p|small|span|strong|sub|sup|u)\b[^<>]{0,200}>", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[\W_]+")


def title_of(
    tree: Element, metas: Mapping[str, str], article: Mapping[str, Any], site_name: str | None, url: str | None
) -> Said | None:
    """The title as JSON-LD `headline`, `og:title`, other meta elements or `<title>` state it; None if none does.

    Statements differ (search engines and social networks are told other titles): the one that readers see as a
    heading wins.
    """
    headings = [text for h1 in islice(tree.iter("h1"), 5) if len(text := _clean(h1.text_content())) <= _HEADING]
    document = next((_clean(title.text_content()) for title in tree.iter("title")), "")
    stated = [
        *(Said(text, Origin.JSON_LD) for text in strings(article.get("headline"))),
        *(Said(metas[name], Origin.META) for name in _METAS if name in metas),
        Said(document, Origin.PAGE),
    ]
    names = site_names(site_name, url)
    candidates = [Said(title, at) for text, at in stated if (title := _clean(text)) and _plain(title) not in names]
    if not candidates:
        return Said(headings[0], Origin.PAGE) if len(headings) == 1 and headings[0] else None
    known = [*headings, *(text for text, _ in candidates)]
    shortened = [Said(without_site(text, names, known), at) for text, at in candidates]
    if [text for text, _ in shortened] == [document]:
        shortened = [Said(_without_unknown_site(document), Origin.PAGE)]
    seen = {_plain(text) for text in headings}
    text, origin = next((title for title in shortened if _plain(title.text) in seen), _whole(shortened))
    return Said(text[:_LONGEST], origin)


def site_names(site_name: str | None, url: str | None) -> frozenset[str]:
    """How a site may be called in a title: by its name, its host or its domain's first label, in plain letters."""
    host = (urlsplit(url).hostname or "" if url else "").removeprefix("www.")
    labels = host.split(".")
    found = [site_name or "", host, ".".join(labels[-2:]), *(labels[-2:-1] if len(labels) > 1 else []), labels[0]]
    return frozenset(plain for name in found if len(plain := _plain(name)) > 1)


def without_site(title: str, names: Iterable[str], known: Sequence[str]) -> str:
    """The title without the site's name before or behind it.

    A part is cut where it is one of the names (in plain letters), or where what remains is a title known from
    elsewhere on the page (then the part may be a section, too).
    """
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(title)]
    plain_known = {_plain(text) for text in known if text and text != title}
    for start, end in cuts:
        if _plain(title[:start]) in plain_known:
            return title[:start].strip()
        if _plain(title[end:]) in plain_known:
            return title[end:].strip()
    named = set(names)
    for start, end in reversed(cuts):
        if _is_name(title[end:], named):
            return without_site(title[:start].strip(), named, known)
    if cuts and _is_name(title[: cuts[0][0]], named):
        return title[cuts[0][1] :].strip()
    return title


def _without_unknown_site(title: str) -> str:
    """A `<title>` that nothing on the page confirms, without a last part that looks like a name: short, capitals."""
    cuts = [match for match in _SEPARATOR.finditer(title) if match.start() > 0]
    if not cuts:
        return title
    head, tail = title[: cuts[-1].start()].strip(), title[cuts[-1].end() :].strip()
    words = tail.split()
    is_name = 0 < len(words) <= 4 and len(tail) <= 40 and all(not word[0].islower() for word in words)
    # Chinese portals put the channel before the site: each part is cut for itself.
    return (
        _without_unknown_site(head)
        if is_name and len(head) >= max(2 * len(tail), 12 if head.isascii() else 6)
        else title
    )


def _is_name(part: str, names: set[str]) -> bool:
    """Whether a part of a title is a site's name, also with an ending such as `.com` or a word added."""
    plain = _plain(part)
    return plain in names or any(len(name) > 3 and name in plain and len(plain) <= len(name) + 12 for name in names)


def _whole(titles: Sequence[Said]) -> Said:
    """The first title; where it was cut short (`…`), the first longer one that starts the same."""
    first = titles[0]
    stem = first.text.rstrip(". …")
    if stem != first.text and first.text.endswith(("...", "…")):
        longer = (other for other in titles[1:] if len(other.text) > len(first.text) and other.text.startswith(stem))
        return next(longer, first)
    return first


def _clean(text: str) -> str:
    # Cut first: what follows compares every part of a title with every other.
    text = text[: 2 * _LONGEST]
    return " ".join(sound_text(_MARKUP.sub("", html.unescape(text))).replace("\u200b", "").split())


def _plain(text: str) -> str:
    return _PLAIN.sub("", text).lower()
