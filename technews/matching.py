"""Finds names and terms in a text of any script, in one pass, and says at which code points of the original they stand.

Sees through case, accents, width, zero-width characters and traditional characters; knows where a word ends; tells by
capitals and by the language of the text what a short term means. Cost grows with the length of the text, hardly with
the number of terms. What the terms are is configuration.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any, Final

from ahocorasick_rs import AhoCorasick, MatchKind

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_MARKS: Final = re.compile("[\u0300-\u036f]")  # Latin accents only: the marks of kana and Indic scripts change letters
_ALIKE: Final = {
    **dict.fromkeys("\u2018\u2019\u02bc\u02b9\u2032`´", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2022\u2027\u30fb\uff65", "·"),
}
_ASCII_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_DIGITS: Final = frozenset("0123456789")
# A plural or a version number may follow a name ("iPhones", "Qwen3"), but not one of two letters ("AI2", "ais").
_SHORTEST_WITH_ENDING: Final = 3
_SPEAKS: Final = {
    "fr": frozenset(["le", "la", "les", "des", "du", "une", "est", "dans", "pour", "que", "qui", "sur", "avec", "et"]),
    "en": frozenset(["the", "of", "and", "to", "in", "is", "for", "that", "with", "its", "at", "by", "from", "was"]),
}
_WORD: Final = re.compile(r"[^\W\d_]+")
_ENOUGH_TO_TELL: Final = 5_000


class _Folds(dict[str, str]):
    """What each character becomes for matching; filled as characters are met, so bounded by Unicode's size."""

    odd: set[str]  # characters that become more or fewer than one

    def __init__(self) -> None:
        super().__init__()
        self.odd = set()
        self._simplified: Any = None

    def __missing__(self, char: str) -> str:
        folded = self[char] = self._fold(char)
        if len(folded) != 1:
            self.odd.add(char)
        return folded

    def _fold(self, char: str) -> str:
        if char in "\n\t " or char.isspace():
            return "\n" if char in "\n\r\u2028\u2029\x0b\x0c" else " "
        if unicodedata.category(char) in ("Cf", "Cc"):
            return ""  # zero-width characters, soft hyphens, direction marks
        if "\ud800" <= char <= "\udfff":
            return "\ufffd"
        folded = unicodedata.normalize("NFKD", _ALIKE.get(char, char))
        folded = _MARKS.sub("", unicodedata.normalize("NFKC", _MARKS.sub("", folded)).casefold())
        return self._simplify(folded) if _HAN.search(folded) else folded

    def _simplify(self, text: str) -> str:
        if self._simplified is None:
            from opencc import OpenCC  # noqa: PLC0415 - loads dictionaries: only where there is Chinese text

            self._simplified = OpenCC("t2s")
        return str(self._simplified.convert(text))


_FOLDS: Final = _Folds()


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is matched: `text` in folded form, `starts` its offsets (None where they equal the original's)."""

    text: str
    starts: Sequence[int] | None

    def original(self, index: int) -> int:
        """The 0-based code point of the original that became the character at `index`."""
        return index if self.starts is None else bisect_right(self.starts, index) - 1


def fold(text: str) -> Folded:
    """The text as it is matched: compatibility forms (NFKC), case, Latin accents and traditional characters folded.

    Zero-width and control characters go, white space becomes a space (a line break stays one, so that no term is found
    across paragraphs).
    """
    if text.isascii():
        return Folded(text.lower().replace("\t", " "), None)
    pieces = [_FOLDS[char] for char in text]
    if _FOLDS.odd.isdisjoint(text):
        return Folded("".join(pieces), None)
    return Folded("".join(pieces), list(accumulate(map(len, pieces), initial=0))[:-1])


@dataclass(frozen=True, slots=True)
class Term:
    """A name or word to be found in texts of `language` (`any`: of all; Chinese characters: of all anyway).

    `entity` is what it names, or `facet` what it shows; with neither it is a shadow: a longer phrase in which other
    terms mean something else. A `doubt` is a word of another subject, which speaks against the names of its entity. A
    term with a `scope` (a topic) matters to that topic alone.
    """

    text: str
    language: str = "any"
    entity: str = ""
    facet: str = ""
    strong: bool = True
    scope: str = ""
    doubt: bool = False

    @property
    def is_shadow(self) -> bool:
        """Whether the term only hides shorter ones."""
        return not self.entity and not self.facet


@dataclass(frozen=True, slots=True)
class Match:
    """A term that stands in the text from code point `start` up to, not including, `end`."""

    term: Term
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Spelling:
    term: Term
    capitals: tuple[int, ...]  # where the term has capitals, the text must have them too
    everywhere: bool


class Matcher:
    """All terms compiled for one pass over a text."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Terms that fold to nothing can be found nowhere and are left out."""
        spellings: dict[str, list[_Spelling]] = {}
        for term in dict.fromkeys(terms):
            everywhere = term.language == "any" or _HAN.search(term.text) is not None
            for spelling in _spellings(term.text):
                folded = fold(spelling)
                capitals = tuple(i for i in range(len(folded.text)) if spelling[folded.original(i)].isupper())
                if folded.text.strip():
                    spellings.setdefault(folded.text, []).append(_Spelling(term, capitals, everywhere))
        self._patterns = [(tuple(found), _Edges.of(pattern)) for pattern, found in spellings.items()]
        self._automaton = AhoCorasick(list(spellings), matchkind=MatchKind.Standard)

    def find(self, text: str, language: str) -> list[Match]:
        """Every term of the language (ISO 639-1) in the text, also within one another, by start, the longest first."""
        folded = fold(text)
        found = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            spellings, edges = self._patterns[pattern]
            stop = _word_end(folded.text, start, end, edges)
            if not stop:
                continue
            first, last = folded.original(start), folded.original(stop - 1) + 1
            found += [
                Match(spelling.term, first, last)
                for spelling in spellings
                if (spelling.everywhere or spelling.term.language == language)
                and all(text[folded.original(start + i)].isupper() for i in spelling.capitals)
            ]
        return sorted(found, key=lambda match: (match.start, -match.end))


def doubted(matches: Iterable[Match]) -> frozenset[str]:
    """The entities against whose names the subject speaks: their doubts are at least as many as their names."""
    matches = list(matches)
    doubts = Counter(match.term.entity for match in matches if match.term.doubt)
    if not doubts:
        return frozenset()
    names = Counter(match.term.entity for match in standing(matches))
    return frozenset(entity for entity, count in doubts.items() if count >= names[entity])


def standing(matches: Iterable[Match], scope: str = "") -> list[Match]:
    """The matches that count in a scope: those that lie within no longer name and no shadow.

    Takes matches as `Matcher.find` orders them. "Apple Daily" hides "Apple"; a facet's word hides only words of its
    facet ("AI chips" are chips and AI). Of terms with the same place and meaning (a name that is listed for two
    languages) one stays.
    """
    kept: list[Match] = []
    reach: dict[str, int] = {"": 0}  # how far names and shadows (""), and the words of each facet, have come
    inside = (match for match in matches if match.term.scope in ("", scope) and not match.term.doubt)
    for (_, end), group in groupby(inside, key=lambda match: (match.start, match.end)):
        if end <= reach[""]:
            continue
        meanings = {(match.term.entity, match.term.facet, match.term.strong): match for match in group}
        if any(not match.term.facet for match in meanings.values()):
            reach[""] = end
        if any(match.term.is_shadow for match in meanings.values()):
            continue
        for match in meanings.values():
            if end > reach.get(match.term.facet, 0) or not match.term.facet:
                kept.append(match)
                reach[match.term.facet] = end
    return kept


def language_of(text: str) -> str:
    """A guess for texts that come without a language: `zh` by script, else `fr` or `en` by their function words."""
    sample = text[:_ENOUGH_TO_TELL]
    letters = sum(char.isalpha() for char in sample)
    if len(_HAN.findall(sample)) * 10 > letters:  # names in Latin letters may be most of a short Chinese title
        return "zh"
    words = _WORD.findall(sample.lower())
    return max(("en", "fr"), key=lambda language: sum(word in _SPEAKS[language] for word in words))


def _spellings(term: str) -> list[str]:
    """A term with a space or a hyphen between its words, and with and without space beside Chinese characters."""
    joined = re.sub(rf"(?<={_HAN.pattern}) (?=[A-Za-z0-9])|(?<=[A-Za-z0-9]) (?={_HAN.pattern})", "", term)
    spaced = re.sub(rf"(?<={_HAN.pattern})(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?={_HAN.pattern})", " ", term)
    return list(dict.fromkeys([joined, spaced, term.replace(" ", "-"), term.replace("-", " ")]))


@dataclass(frozen=True, slots=True)
class _Edges:
    """What must stand beside a pattern: a word boundary before it, one after it; and whether an ending may follow."""

    opens: bool
    closes: bool
    takes_ending: bool

    @classmethod
    def of(cls, pattern: str) -> "_Edges":
        opens, closes = pattern[0] in _ASCII_WORD, pattern[-1] in _ASCII_WORD
        return cls(opens, closes, closes and pattern[-1].isalpha() and len(pattern) >= _SHORTEST_WITH_ENDING)


def _word_end(text: str, start: int, end: int, edges: _Edges) -> int:
    """Where the matched word ends, its plural included; 0 if it is only part of a longer word.

    Boundaries are those between ASCII letters or digits and anything else: the regular expression for a word boundary
    sees none in `苹果AI合作`, since Chinese characters are letters to it.
    """
    if edges.opens and start and text[start - 1] in _ASCII_WORD:
        return 0
    if not edges.closes or end == len(text) or text[end] not in _ASCII_WORD:
        return end
    if not edges.takes_ending:
        return 0
    if text[end] in _DIGITS:
        return end
    plural = text[end] == "s" and (end + 1 == len(text) or text[end + 1] not in _ASCII_WORD)
    return end + 1 if plural else 0
