"""Where a version of a page belongs in its article's history. Pure.

A history is the revisions of an article in the order of their time. What was served earlier than a revision and reads
like it moves its beginning; what reads like the one before is no version of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from technews.identity import Revision
from technews.records import Article, Origin


@dataclass(frozen=True, slots=True)
class Version:
    """A stored revision of an article: its number, since when it was served, what it says, where its page lies."""

    number: int
    seen_from: datetime
    says: Revision
    extractor: str = ""
    archive_file: str | None = None
    archive_offset: int | None = None
    url: str = ""
    fetched_at: datetime | None = None
    entry_key: str = ""


class Kind(Enum):
    """What a version is to the history of its article."""

    SAME = "same"
    NEWEST = "newest"
    BETWEEN = "between"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it belongs: `number` is its own (`BETWEEN`), or that of the revision that it repeats.

    `change` is what it changed against the revision before, `following` what the next one changed against it.
    """

    kind: Kind
    number: int = 0
    change: str = ""
    following: str = ""


def place_in(article: Article, versions: Sequence[Version]) -> Place:
    """The place of a page in a history of at least one revision, by the time at which it was fetched."""
    before = [version for version in versions if version.seen_from <= article.fetched_at]
    after = versions[len(before) :]
    change = change_of(article, before[-1].says) if before else "new"
    if not change:
        return Place(Kind.SAME, before[-1].number)
    if not after:
        return Place(Kind.NEWEST, change=change)
    following = change_of(article, after[0].says)
    if not following:
        return Place(Kind.EARLIER, after[0].number)
    return Place(Kind.BETWEEN, after[0].number, change, following)


def change_of(article: Article, other: Revision) -> str:
    """In what a page differs from a revision: `text`, `title`, `metadata`; empty if in nothing that makes a revision.

    A date that only the feed states is not the page's: moved there alone, it makes no revision.
    """
    if article.text != other.text:
        return "text"
    if article.title != other.title:
        return "title"
    of_page = article.details.published_from not in (None, Origin.FEED)
    published_at = article.published.at if of_page else other.published_at
    same = (article.author, published_at, article.canonical_url) == (
        other.author,
        other.published_at,
        other.canonical_url,
    )
    return "" if same else "metadata"


def as_revision(article: Article) -> Revision:
    """What an article says, as it is compared with later looks."""
    return Revision(
        article.title,
        article.text,
        article.author,
        article.published.at,
        article.canonical_url,
        article.content_hash,
        article.cleaner_version,
    )
