"""The newsroom's web pages: articles in the layout of their outlet, front pages, and the page for what is missing.

Pure: all addresses come in as arguments. Everything written is escaped where it is put into the markup.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template
from typing import Final

from demo.sources import ARTICLES, Outlet, Piece

_MONTHS: Final = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_RELATED: Final = 4  # headlines beside an article
_PLAYER: Final = '<div class="player"><iframe src="/" title="video" width="640" height="360"></iframe></div>'


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is: the base address of each outlet, and the full address of each article by its key."""

    bases: Mapping[str, str]
    articles: Mapping[str, str]


def article_page(piece: Piece, outlet: Outlet, siblings: Sequence[Piece], feed: str, addresses: Addresses) -> bytes:
    """An article's page; `siblings` are the outlet's articles (newest first) whose headlines stand beside it."""
    url = addresses.articles[piece.key]
    original = addresses.articles[piece.syndicates] if piece.canonical else url
    others = [other for other in siblings if other.key != piece.key][:_RELATED]
    headlines = [(other.title, addresses.articles[other.key]) for other in others]
    headlines += [(teaser, "/") for teaser in outlet.teasers]
    html = Template((ARTICLES / "templates" / f"{outlet.layout}.html").read_text(encoding="utf-8")).substitute(
        language=outlet.language,
        charset=outlet.charset,
        site=escape(outlet.name),
        title=escape(piece.title),
        author=escape(piece.author),
        summary=escape(piece.text[0] if piece.text else piece.title),
        keywords=escape(",".join(piece.tags)),
        published=piece.published.isoformat(),
        published_text=date_text(piece.published, outlet.language),
        modified=piece.changed.isoformat(),
        year=piece.published.year,
        url=url,
        canonical=original,
        feed=feed,
        nav=_list([(name, "/") for name in outlet.nav]),
        tags=_list([(tag, "/") for tag in piece.tags]),
        related_label=escape(outlet.related),
        related=_list(headlines),
        body=body_html(piece) or _PLAYER,
        note=escape(outlet.note),
        json_ld=_json_ld(piece, outlet, url),
    )
    return outlet.encode(html)


def front_page(
    outlet: Outlet, pieces: Sequence[Piece], feeds: Sequence[tuple[str, str, str]], addresses: Addresses
) -> bytes:
    """An outlet's front page: its articles for whoever looks by browser, and links to its feeds (type, title, path)."""
    links = "".join(
        f'<link rel="alternate" type="{kind}" title="{escape(title)}" href="{escape(path)}">'
        for kind, title, path in feeds
    )
    items = _list([(piece.title, addresses.articles[piece.key]) for piece in pieces])
    return _plain_page(outlet, outlet.name, f"<ul>{items}</ul>", links)


def missing_page(outlet: Outlet) -> bytes:
    """What an outlet says, with status 404, about an address that it does not have."""
    return _plain_page(outlet, "404", "<p>404</p>")


def body_html(piece: Piece) -> str:
    """The article's text as markup; empty where the piece has none."""
    return "\n".join(
        f"<h2>{escape(part[3:])}</h2>" if part.startswith("## ") else f"<p>{escape(part)}</p>" for part in piece.text
    )


def date_text(at: datetime, language: str) -> str:
    """A date as a reader of the language expects it on a page."""
    if language.startswith("zh"):
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    if language.startswith("fr"):
        return f"publié le {at.day} {_MONTHS.split()[at.month - 1]} {at.year} à {at:%Hh%M}"
    return f"{at:%B} {at.day}, {at.year}, {at:%H:%M}"


def _plain_page(outlet: Outlet, title: str, content: str, links: str = "") -> bytes:
    html = (
        f'<!DOCTYPE html><html lang="{outlet.language}"><head><meta charset="{outlet.charset}">'
        f"<title>{escape(title)} - {escape(outlet.name)}</title>{links}</head><body><h1>{escape(title)}</h1>{content}"
        f"<footer><p>{escape(outlet.note)}</p></footer></body></html>"
    )
    return outlet.encode(html)


def _list(links: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<li><a href="{escape(url)}">{escape(text)}</a></li>' for text, url in links)


def _json_ld(piece: Piece, outlet: Outlet, url: str) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "url": url,
        "inLanguage": outlet.language,
        "datePublished": piece.published.isoformat(),
        "dateModified": piece.changed.isoformat(),
        "author": {"@type": "Organization", "name": piece.author},
        "publisher": {"@type": "Organization", "name": outlet.name},
        "keywords": list(piece.tags),
    }
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")  # no value may end the script element
