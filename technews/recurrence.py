"""Which entry of the ledger an entry of a feed document is: the same piece again, or another page under an old GUID.

A GUID is the publisher's word, and is believed while it leads to the same page. With a link to another page it is
recycled: the piece gets an entry of its own, keyed by GUID and link, and the old one stays what it was. A link that
merely changed its spelling or its slug is the same page. In doubt it is another one: if its page turns out to be known,
it ends as a duplicate, while a wrong revision would stand in an article for good.
"""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from technews.addresses import identity
from technews.feed_drafts import fingerprint
from technews.records import POLL_TIME, DateReading, FeedEntry, Outcome

# Longer keys are no identifiers that anyone would want to read: their hash stands for them.
KEY_LIMIT: Final = 1_000
_ALIKE: Final = 0.9
_MOST_COMPARED: Final = 20  # newest entries of a GUID, as in load/known_entries.sql: some feeds give all items one GUID
_LONGEST_COMPARED: Final = 300
_SHORTEST_SLUG: Final = 12  # below that it may be the name of any page: index, article, news
_WITHOUT_ARTICLE: Final = set(Outcome) - {Outcome.LOADED, Outcome.OFF_TOPIC, Outcome.QUARANTINED}
_NUMBER: Final = re.compile(r"[0-9]+")
# Fewer digits may be a year, a day or a section; eight that begin like a year are a date.
_ARTICLE_NUMBER: Final = re.compile(r"(?<![0-9])(?!(?:19|20)[0-9]{6}(?![0-9]))[0-9]{5,}")
_EXTENSION: Final = re.compile(r"\.[a-z]{2,5}$")


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry that the ledger has: what identifies it, its fingerprint and its outcome.

    For a duplicate also the entry that speaks for it. `read_at` is when the page was last asked for, `reads` how often
    within a day.
    """

    entry_id: str
    key: str
    guid: str | None
    url: str | None
    title: str
    published: DateReading
    fingerprint: str
    outcome: Outcome
    duplicate_of: str | None = None
    outcome_of_original: Outcome | None = None
    read_at: datetime | None = None
    reads: int = 0


@dataclass(slots=True)
class KnownEntries:
    """Known entries of one feed, by key and by GUID; `put` takes the newest of a GUID first, and each once."""

    by_key: dict[str, KnownEntry] = field(default_factory=dict)
    by_guid: dict[str, list[KnownEntry]] = field(default_factory=dict)

    def put(self, entry: KnownEntry) -> None:
        """Adds an entry."""
        there = self.by_key.get(entry.key)
        self.by_key[entry.key] = entry
        if entry.guid and there is None:
            self.by_guid.setdefault(entry.guid, []).append(entry)


def recognize(entries: Sequence[FeedEntry], known: KnownEntries) -> list[tuple[FeedEntry, KnownEntry | None]]:
    """Each entry of a document with what the ledger has of it; None: it is new, under a key that nobody has yet.

    Exact links come first, so that of two items with one GUID each finds its own.
    """
    found: dict[int, KnownEntry] = {}
    search = _Search(known)
    for find in (search.exact, search.alike):
        for place, entry in enumerate(entries):
            if place not in found and (there := find(entry)):
                found[place] = there
                search.taken.add(there.entry_id)
    held = {*known.by_key, *(entry.key for place, entry in enumerate(entries) if place in found)}
    named: list[tuple[FeedEntry, KnownEntry | None]] = []
    for place, entry in enumerate(entries):
        key = entry.key
        while place not in found and key in held:  # once, but for GUIDs that were written to look like keys
            key = link_key(key, entry.url)
        named.append((replace(entry, key=key), found.get(place)))
        held.add(key)
    return named


def with_what_is_known(old: KnownEntry, new: FeedEntry) -> FeedEntry:
    """The entry as it is now; what says no news is as it was known.

    That is a missing link, one that is only spelt otherwise (some feeds send another tracking parameter with each
    document), and the moment of serving where a date was.
    """
    url = old.url if new.url is None or same_link(old.url, new.url) else new.url
    stamped = new.published.flag == POLL_TIME
    published = old.published if stamped and old.published.stated else new.published
    if url == new.url and not stamped:
        return new
    known = fingerprint(new.title, url, published.stated, new.content, new.summary)
    return replace(new, url=url, published=published, fingerprint=known)


def only_got_its_date(old: KnownEntry, new: FeedEntry) -> bool:
    """Whether a changed entry differs only in that it has a date now."""
    return old.fingerprint == fingerprint(new.title, new.url, None, new.content, new.summary)


def is_same_page(old: KnownEntry, new: FeedEntry) -> bool:
    """Whether a GUID's new link still means the same page: by its slug, its article number, or title and date.

    The title alone is enough where the old link gave no article of its own: it is being mended.
    """
    one, other = _split(old.url), _split(new.url)
    if one is None or other is None:
        return False
    here, there = _slug(one), _slug(other)
    numbers_agree = _numbers(f"{one.path}?{one.query}") == _numbers(f"{other.path}?{other.query}")
    if min(len(here), len(there)) >= _SHORTEST_SLUG and numbers_agree and _alike(here, there):
        return True
    number = set(_ARTICLE_NUMBER.findall(f"{here}?{one.query}"))
    if number and number == set(_ARTICLE_NUMBER.findall(f"{there}?{other.query}")):
        return True
    same_date = old.published.raw is not None and old.published.raw == new.published.raw
    return (
        (same_date or old.outcome in _WITHOUT_ARTICLE)
        and _numbers(here) == _numbers(there)
        and _same_words(old.title, new.title)
    )


def link_key(key: str, url: str | None) -> str:
    """The key of an entry whose own key (its GUID) stands for another page already."""
    return bounded_key(f"{key} {url or ''}")


def bounded_key(key: str) -> str:
    """The key, or its hash where it is too long to be read."""
    return key if len(key) <= KEY_LIMIT else f"long:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def same_link(one: str | None, other: str | None) -> bool:
    """Whether two links are spellings of one address."""
    return one == other or (one is not None and other is not None and _page(one) == _page(other))


class _Search:
    """The known entries that are still to be had (not in `taken`), in time linear in their number for each GUID."""

    def __init__(self, known: KnownEntries) -> None:
        self.taken: set[str] = set()
        self._known = known
        self._linked: dict[str, dict[str | None, deque[KnownEntry]]] = {}
        self._newest: dict[str, list[KnownEntry]] = {}

    def exact(self, entry: FeedEntry) -> KnownEntry | None:
        """By the very link; without GUID the key says all. An entry that never had a link takes any."""
        if not entry.guid:
            return self._first(self._known.by_key.get(entry.key))
        if not entry.url:
            return None
        linked = self._linked_of(entry.guid)
        heads = [self._head(linked[page]) for page in (_page(entry.url), None) if page in linked]
        return self._first(*self._keyed(entry), *heads, fits=lambda known: _is_exact(known, entry))

    def alike(self, entry: FeedEntry) -> KnownEntry | None:
        """By what the link looks like; without link by the title, else the page that the GUID meant first."""
        if not entry.guid:
            return None
        newest = self._newest_of(entry.guid)
        if entry.url:
            return self._first(*self._keyed(entry), *newest, fits=lambda known: is_same_page(known, entry))
        own = self._known.by_key.get(entry.key)
        named = self._first(own, *newest, fits=lambda known: _same_words(known.title, entry.title))
        return named or self._first(own)

    def _first(
        self, *candidates: KnownEntry | None, fits: Callable[[KnownEntry], bool] = lambda _: True
    ) -> KnownEntry | None:
        return next((c for c in candidates if c and c.entry_id not in self.taken and fits(c)), None)

    def _keyed(self, entry: FeedEntry) -> tuple[KnownEntry | None, KnownEntry | None]:
        by_key = self._known.by_key
        return by_key.get(entry.key), by_key.get(link_key(entry.key, entry.url))

    def _linked_of(self, guid: str) -> dict[str | None, deque[KnownEntry]]:
        """A GUID's entries by the page that their link means, those without one under None."""
        if guid not in self._linked:
            found: dict[str | None, deque[KnownEntry]] = defaultdict(deque)
            for known in self._known.by_guid.get(guid, ()):
                if known.url or _never_linked(known):
                    found[_page(known.url) if known.url else None].append(known)
            self._linked[guid] = found
        return self._linked[guid]

    def _head(self, line: deque[KnownEntry]) -> KnownEntry | None:
        while line and line[0].entry_id in self.taken:
            line.popleft()
        return line[0] if line else None

    def _newest_of(self, guid: str) -> list[KnownEntry]:
        if guid not in self._newest:
            there = [known for known in self._known.by_guid.get(guid, ()) if known.entry_id not in self.taken]
            self._newest[guid] = there[:_MOST_COMPARED]
        return self._newest[guid]


def _page(url: str) -> str:
    return identity(url) or url


def _is_exact(old: KnownEntry, new: FeedEntry) -> bool:
    return _never_linked(old) or same_link(old.url, new.url)


def _never_linked(old: KnownEntry) -> bool:
    # Who was read once had a link, though the ledger may have lost it; a duplicate's reading is that of its original.
    return old.url is None and (old.read_at is None or old.duplicate_of is not None)


def _split(url: str | None) -> SplitResult | None:
    try:
        return urlsplit(unquote(url or "")[:_LONGEST_COMPARED].lower())
    except ValueError:
        return None


def _slug(parts: SplitResult) -> str:
    return _EXTENSION.sub("", parts.path.rstrip("/").rpartition("/")[2])


def _numbers(text: str) -> list[int]:
    return [int(number[:30]) for number in _NUMBER.findall(text)]


def _same_words(one: str, other: str) -> bool:
    one, other = (" ".join(re.findall(r"\w+", text[:_LONGEST_COMPARED].lower())) for text in (one, other))
    return bool(one) and _numbers(one) == _numbers(other) and _alike(one, other)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    # A difference in length or letters alone can exceed what is allowed, and is far cheaper to see.
    if 2 * min(len(one), len(other)) < _ALIKE * (len(one) + len(other)):
        return False
    both = SequenceMatcher(None, one, other, autojunk=False)
    return both.quick_ratio() >= _ALIKE and both.ratio() >= _ALIKE
