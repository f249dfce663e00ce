"""The newsroom's source files: invented outlets, their feeds, and the articles with their editions.

An article is a text file with a TOML header between two lines `+++`; paragraphs are separated by blank lines, `## `
opens a heading. Bad files are refused by name: they are ours, so this is for whoever adds an article.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, cycle
from pathlib import Path
from typing import Final

ARTICLES: Final = Path(__file__).parent / "articles"
EDITIONS: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented outlet: a host of its own. `language` is a BCP 47 tag; `teasers` are headlines that lead nowhere."""

    id: str
    name: str
    language: str
    country: str
    timezone: str
    layout: str
    path: str
    nav: Sequence[str]
    related: str
    teasers: Sequence[str]
    note: str
    charset: str = "utf-8"
    disallow: Sequence[str] = ()

    def encode(self, markup: str) -> bytes:
        """Markup in the outlet's character set, with references for what the set lacks.

        As on most sites and in the WHATWG Encoding standard, what calls itself gb2312 is really GBK.
        """
        return markup.encode("gbk" if self.charset == "gb2312" else self.charset, "xmlcharrefreplace")


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed that an outlet offers. `query` is added to every link in it; `zoneless` dates carry no offset."""

    id: str
    outlet: str
    title: str
    kind: str
    path: str
    query: str = ""
    full_text: bool = False
    zoneless: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """An article in one edition of its text.

    `edition` is the first in which it is served so. `moved` is the date that the feeds give from the second edition
    on, though the page stays. `path` stands for the outlet's usual one. `syndicates` (`outlet/slug`) names the article
    whose text it repeats, `canonical` whether its page names that one as the original. A `slow` page answers late, a
    `missing` one with 404. `grow_to` is the least number of characters to which the text is repeated (0: not at all).
    """

    outlet: str
    slug: str
    title: str
    author: str
    published: datetime
    feeds: Sequence[str]
    text: Sequence[str] = ()
    tags: Sequence[str] = ()
    edition: int = 1
    updated: datetime | None = None
    moved: datetime | None = None
    path: str = ""
    syndicates: str = ""
    canonical: bool = False
    slow: bool = False
    missing: bool = False
    grow_to: int = 0

    @property
    def key(self) -> str:
        """`outlet/slug`: the same in every edition."""
        return f"{self.outlet}/{self.slug}"

    @property
    def changed(self) -> datetime:
        """When the page was last changed."""
        return self.updated or self.published


@dataclass(frozen=True, slots=True)
class Library:
    """Everything the newsroom can serve, over all editions."""

    outlets: Mapping[str, Outlet]
    channels: Sequence[Channel]
    pieces: Sequence[Piece]

    def in_edition(self, edition: int) -> list[Piece]:
        """The articles of an edition, each in its newest text so far, newest article first."""
        newest: dict[str, Piece] = {}
        for piece in sorted(self.pieces, key=lambda piece: piece.edition):
            if piece.edition <= edition:
                newest[piece.key] = piece
        return sorted(newest.values(), key=lambda piece: piece.published, reverse=True)


def read_library(folder: Path = ARTICLES) -> Library:
    """All outlets, feeds and articles under a folder. Raises ValueError that names the file that cannot be used."""
    plan = tomllib.loads((folder / "newsroom.toml").read_text(encoding="utf-8"))
    outlets = {table["id"]: Outlet(**table) for table in plan["outlet"]}
    channels = [Channel(**table) for table in plan["feed"]]
    owners = {channel.id: channel.outlet for channel in channels}
    pieces = [_read_piece(path, owners) for outlet in outlets for path in sorted((folder / outlet).glob("*.md"))]
    originals = {piece.key: piece for piece in pieces if piece.edition == 1}
    return Library(outlets, channels, [_finished(piece, originals) for piece in pieces])


def _read_piece(path: Path, owners: Mapping[str, str]) -> Piece:
    try:
        _, header, text = path.read_text(encoding="utf-8").split("+++\n", 2)
        fields = tomllib.loads(header)
        paragraphs = [" ".join(part.split("\n")) for part in text.strip().split("\n\n") if part]
        piece = Piece(outlet=path.parent.name, slug=path.name.split(".")[0], text=paragraphs, **fields)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: not an article with a header of known keys: {error}") from error
    strangers = [feed for feed in piece.feeds if owners.get(feed) != piece.outlet]
    if strangers or piece.edition not in EDITIONS:
        raise ValueError(f"{path}: edition {piece.edition} or a feed ({', '.join(strangers)}) is not the outlet's")
    return piece


def _finished(piece: Piece, originals: Mapping[str, Piece]) -> Piece:
    """The piece with the text that it repeats: another one's, or its own over and over."""
    if piece.syndicates:
        return replace(piece, text=originals[piece.syndicates].text)
    if piece.grow_to:
        return replace(piece, text=_grown(piece.text, piece.grow_to))
    return piece


def _grown(text: Sequence[str], size: int) -> list[str]:
    """A live page: the first paragraph, then the others in turn as numbered updates, until `size` characters."""
    opening, *updates = text
    grown, length = [opening], len(opening)
    for number, update in zip(count(1), cycle(updates), strict=False):  # both are endless
        if length > size:
            break
        grown.append(f"Update {number}: {update}")
        length += len(grown[-1])
    return grown
