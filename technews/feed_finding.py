"""The feed of a site, and the configuration of a new feed: what it says of itself, and careful guesses for the rest.

A guess is only a proposal: the operator sees it before it is written.
"""

import re
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import pytz
from lxml import etree

from technews.addresses import spell
from technews.feed_file import refusal_of, shown
from technews.feed_probe import Probe, probe
from technews.languages import detect
from technews.records import Feed
from technews.settings import Settings, UsageError

_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_USUAL_PATHS: Final = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_MOST_LINKS: Final = 10
_LANGUAGES: Final = ("en", "fr", "zh", "de", "es", "ja", "ko", "it", "pt", "nl", "ru")
_HOME_OF: Final = {"en": "US", "fr": "FR", "zh": "CN", "de": "DE", "es": "ES", "ja": "JP", "ko": "KR", "it": "IT"}
_COUNTRY_OF_DOMAIN: Final = {"uk": "GB"}
_NOT_IN_AN_ID: Final = re.compile(r"[^a-z0-9]+")


def find(settings: Settings, url: str, taken: Collection[str]) -> Probe:
    """The feed at this address, or of this site, with a proposed configuration whose id is none of `taken`.

    Only in the address that the operator gave, `${NAME}` stands for an environment variable. Raises UsageError where
    the address cannot be asked, or no feed is found.
    """
    url = _typed(url)
    (first,) = probe(settings, [_draft(url, 0)])
    if first.document:
        return proposed(first, url, taken)
    if not first.error or not first.error.startswith("not a feed"):
        raise UsageError(f"{url}: cannot be read: {first.error}")
    where = first.final_url or url
    usual = [spell(urljoin(where, path)) or "" for path in _USUAL_PATHS]
    for links in (linked_feeds(first.body, where), usual):
        tried = probe(settings, [_draft(link, number) for number, link in enumerate(links)])
        for found in tried:
            if found.document:
                return proposed(found, found.feed.url, taken)
    raise UsageError(f"{url}: {first.error}, and no feed of this site was found; give the feed's own address")


def _typed(url: str) -> str:
    """An operator's address as the feeds file may hold it."""
    if "${" in url:
        if why := refusal_of(_draft(url, 0)):
            raise UsageError(f"this address cannot be used: {why}")
        return url
    if (spelt := spell(url)) is None:
        raise UsageError(f"{shown(url)}: not an absolute address, such as https://news.example/")
    return spelt


def linked_feeds(body: bytes, url: str) -> list[str]:
    """The feeds that a page names in its head, in order, those of comments last; at most ten.

    Spelt, so that no `${NAME}` that a stranger wrote is ever read as a variable of ours.
    """
    try:
        root = etree.fromstring(body, etree.HTMLParser(no_network=True, remove_comments=True))
    except (etree.LxmlError, ValueError):
        return []
    if root is None:
        return []
    links: list[tuple[bool, str]] = []
    for link in root.iter("link"):
        kind = (link.get("type") or "").strip().lower()
        if "alternate" in (link.get("rel") or "").lower().split() and kind in _FEED_TYPES and link.get("href"):
            try:
                target = spell(urljoin(url, str(link.get("href")).strip()))
            except ValueError:
                continue
            if target is None or names_variable(target):
                continue
            about = f"{link.get('title') or ''} {target}".lower()
            links.append(("comment" in about, target))
    return list(dict.fromkeys(target for _, target in sorted(links, key=lambda pair: pair[0])))[:_MOST_LINKS]


def proposed(found: Probe, url: str, taken: Collection[str]) -> Probe:
    """The probe with a feed as it may be configured: id, title, language, country, zone and `full_text` as guessed."""
    document = found.document
    host = (urlsplit(url).hostname or "feed").removeprefix("www.")
    titles = " ".join(entry.title for entry in document.entries[:50]) if document else ""
    language = detect(titles, _LANGUAGES) or "en"
    country = country_of(host, language)
    feed = Feed(
        id=free_id(host, taken),
        url=url,
        title=(document.title if document else "") or host,
        language=language,
        country=country,
        timezone=str(pytz.country_timezones[country][0]),
        every=timedelta(minutes=30),
        full_text=found.full_text,
    )
    return Probe(feed, document, found.error, found.newest, found.zone, found.full_text, (), found.final_url)


def country_of(host: str, language: str) -> str:
    """The country of a national domain, else that where most of the language's news are made."""
    last = host.rpartition(".")[2].lower()
    code = _COUNTRY_OF_DOMAIN.get(last, last.upper())
    generic = {"IO", "AI", "TV", "ME", "CO", "CC", "FM", "TO", "GG", "SH", "LY"}  # sold to everybody
    return code if code in pytz.country_timezones and code not in generic else _HOME_OF.get(language, "US")


def free_id(host: str, taken: Collection[str]) -> str:
    """An id that no other feed has, from the site's name."""
    labels = [label for label in host.lower().split(".") if label not in {"feeds", "feed", "rss", "news"}]
    name = _NOT_IN_AN_ID.sub("-", "-".join(labels[:-1] or labels)).strip("-")[:50] or "feed"
    names: Iterable[str] = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def same_place(one: str, other: str) -> bool:
    """Whether two addresses are one feed: the same but for the scheme and a last slash."""
    ends = [spell(url) for url in (one, other)]
    return None not in ends and len({str(end).partition("://")[2].rstrip("/") for end in ends}) == 1


def names_variable(url: str) -> bool:
    """Whether an address that a stranger wrote has the form of one with a credential of ours, spelt or not."""
    return "${" in unquote(url)


def _draft(url: str, number: int) -> Feed:
    return Feed(f"try-{number}", url, url, "en", "US", "UTC", timedelta(minutes=30))
