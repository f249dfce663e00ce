"""Which article a page is: ids are minted once, then looked up by address or text, never computed anew.

Pure: what the ledger knows comes in as arguments.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from technews import addresses
from technews.records import Article, Outcome, Reason


@dataclass(frozen=True, slots=True)
class Revision:
    """The current revision of a known article, as far as a new page is compared with it."""

    title: str
    text: str
    author: str | None
    published_at: datetime | None
    canonical_url: str | None
    content_hash: str
    cleaner_version: str


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """An article that the ledger knows: whose entry speaks for it, where it was seen, what it says now.

    `withdrawn_from` is the link of that entry, where its page is gone.
    """

    article_id: str
    entry_id: str
    outcome: Outcome
    site: str
    content_hash: str
    urls: frozenset[str]
    current: Revision | None = None
    withdrawn_from: str | None = None


class KnownArticles:
    """An index over known articles by id, address and text; grows while a batch is planned."""

    def __init__(self, articles: Iterable[KnownArticle]) -> None:
        """Indexes the articles given."""
        self._by_id: dict[str, KnownArticle] = {}
        self._by_url: dict[str, str] = {}
        self._by_text: dict[tuple[str, str], str] = {}
        for article in articles:
            self.put(article)

    def put(self, article: KnownArticle) -> None:
        """Adds an article, or replaces what was known of it."""
        self._by_id[article.article_id] = article
        for url in article.urls:
            self._by_url.setdefault(url, article.article_id)
        self._by_text.setdefault((article.site, article.content_hash), article.article_id)

    def by_id(self, article_id: str | None) -> KnownArticle | None:
        """The article with this id."""
        return self._by_id.get(article_id) if article_id else None

    def at(self, url: str) -> KnownArticle | None:
        """The article that holds this address."""
        return self.by_id(self._by_url.get(url))

    def saying(self, site: str, content_hash: str) -> KnownArticle | None:
        """The article on this site whose page says exactly this now."""
        return self.by_id(self._by_text.get((site, content_hash)))


def site(article: Article) -> str:
    """The site that the page stands on."""
    return addresses.site_of(article.url)


def own_link(article: Article) -> str | None:
    """The entry's link as a key of `article_urls`."""
    return addresses.identity(article.entry.url) if article.entry.url else None


def page_addresses(article: Article) -> Iterator[tuple[str, str]]:
    """The page's canonical and final address as (kind, key), as far as they may tell which page it is.

    A home page, a consent or login page, and a canonical address on another site tell nothing; nor does the feed's own
    address, which stands in for those of entries without a link.
    """
    canonical = article.canonical_url
    if canonical and addresses.site_of(canonical) == site(article):
        yield from _usable("canonical", canonical)
    if article.url != article.entry.feed.url:
        yield from _usable("final", article.url)


def identify(article: Article, known: KnownArticles) -> tuple[KnownArticle, Reason] | None:
    """The known article that this page is, and how that shows; None: a page that was never seen.

    The entry's own article and its link decide first; the link of an entry whose feed carries the text, and one that
    leads to a home or login page, only where the text is the same; so does one that leads elsewhere than that at which
    the article was withdrawn. A canonical or final address that another text
    holds already decides nothing: many pages share it. Last, the same text on the same site is the same page.
    """
    if mine := known.by_id(article.entry.article_id):
        return mine, Reason.SAME_URL
    link = own_link(article)
    holder = known.at(link) if link else None
    if holder and (holder.content_hash == article.content_hash or _link_is_the_page(article, holder)):
        return holder, Reason.SAME_URL
    for _, url in page_addresses(article):
        holder = known.at(url)
        if holder and holder.content_hash == article.content_hash:
            return holder, Reason.SAME_URL
    twin = known.saying(site(article), article.content_hash)
    return (twin, Reason.SAME_TEXT) if twin else None


def new_addresses(article: Article, known: KnownArticles) -> list[tuple[str, str]]:
    """The addresses (kind, key) under which this page is to be known from now on: those that no article holds yet."""
    link = own_link(article)
    named = ([("link", link)] if link else []) + list(page_addresses(article))
    free: dict[str, str] = {}
    for kind, url in named:
        if known.at(url) is None:
            free.setdefault(url, kind)
    return [(kind, url) for url, kind in free.items()]


def mint_article_id(article: Article, known: KnownArticles) -> str:
    """A new id, made from what identifies the page best; it is stored with it and never computed again."""
    named = [*(url for _, url in page_addresses(article)), *filter(None, [own_link(article)])]
    free = [url for url in named if known.at(url) is None]
    return mint("a", *(free[:1] or [article.entry.entry_id]))


def mint(prefix: str, *parts: str) -> str:
    """An id of 16 hexadecimal digits behind a letter that says of what."""
    return prefix + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _link_is_the_page(article: Article, holder: KnownArticle) -> bool:
    """Whether the entry's link stands for the holder's page; feeds give several texts of their own under one link."""
    link = article.entry.url or ""
    if holder.withdrawn_from and addresses.identity(holder.withdrawn_from) != addresses.identity(link):
        return False
    return article.extractor != "feed" and not addresses.is_home(link) and not addresses.is_gate(link)


def _usable(kind: str, url: str) -> Iterator[tuple[str, str]]:
    key = addresses.identity(url)
    if key and not addresses.is_home(url) and not addresses.is_gate(url):
        yield kind, key
