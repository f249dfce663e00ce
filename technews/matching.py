"""Finds names and terms in a text of any script, in one pass, and says at which code points of the original they stand.

Sees through case, accents, width, zero-width characters and traditional characters; knows where a word ends; tells by
capitals and by the language of the text what a short term means. Cost grows with the length of the text, hardly with
the number of terms. What the terms are is configuration.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_MARKS: Final = re.compile("[\u0300-\u036f]")  # Latin accents only: the marks of kana and Indic scripts change letters
_ACCENTS: Final = re.compile(f"{_MARKS.pattern}+")
_ALIKE: Final = {
    **dict.fromkeys("\u2018\u2019\u02bc\u02b9\u2032´", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
    **dict.fromkeys("\u2022\u2027\u30fb\uff65", "·"),
    "…": ".",  # one character for one keeps offsets equal, which most texts' speed depends on
}
_ASCII_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ASCII: Final = bytes(code for code in range(128) if chr(code).isprintable() or chr(code) in "\t\n\r")
_LOWER: Final = bytes(range(256)).lower().translate(bytes.maketrans(b"\t\r`", b" \n'"))
_FEW: Final = 60  # so many kinds of characters are replaced faster one kind after the other
_DIGITS: Final = frozenset("0123456789")
# A plural or a version number may follow a name ("iPhones", "Qwen3"), but not one of two letters ("AI2", "ais").
_SHORTEST_WITH_ENDING: Final = 3
_SPEAKS: Final = {
    "fr": frozenset(["le", "la", "les", "des", "du", "une", "est", "dans", "pour", "que", "qui", "sur", "avec", "et"]),
    "en": frozenset(["the", "of", "and", "to", "in", "is", "for", "that", "with", "its", "at", "by", "from", "was"]),
}
_LONGEST_TITLE: Final = 200
_LANGUAGES_KEPT: Final = 20  # feeds name few; hostile ones must not fill the memory
_WORD: Final = re.compile(r"[^\W\d_]+")
_ENOUGH_TO_TELL: Final = 5_000
_START: Final = itemgetter(0)


class _Folds(dict[str, str]):
    """What each character becomes for matching; filled as characters are met, so bounded by Unicode's size."""

    odd: set[str]  # characters that become more or fewer than one
    plain: set[str]  # characters that stay as they are

    def __init__(self) -> None:
        super().__init__()
        self.odd, self.plain = set(), set()
        self._simplified: Any = None

    def __missing__(self, char: str) -> str:
        folded = self[char] = self._fold(char)
        if len(folded) != 1:
            self.odd.add(char)
        elif folded == char:
            self.plain.add(char)
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


class Folded(NamedTuple):
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
    encoded = text.encode("utf-8", "surrogatepass")
    odd: set[str] = set()
    if others := encoded.translate(None, _ASCII):
        foreign = set(others.decode("utf-8", "surrogatepass")) - _FOLDS.plain
        changed = {char: folded for char in foreign if (folded := _FOLDS[char]) != char}
        odd = foreign & _FOLDS.odd
        for char in odd:
            del changed[char]
        if len(changed) > _FEW:  # traditional characters: each by itself
            text = "".join([changed.get(char, char) for char in text])
        else:
            for char, folded in changed.items():
                text = text.replace(char, folded)
        encoded = text.encode()
    lowered = encoded.translate(_LOWER).decode()
    return _stretched(lowered, odd) if odd else Folded(lowered, None)


def _stretched(text: str, odd: Collection[str]) -> Folded:
    """The text, of which the odd characters alone are not folded yet, with the offsets that come of folding them."""
    pieces: list[str] = []
    starts: list[int] = []
    at = length = 0
    for found in re.finditer(f"[{re.escape(''.join(odd))}]", text):
        end = found.start()
        folded = _FOLDS[text[end]]
        pieces += text[at:end], folded
        starts += range(length, length + end + 1 - at)
        length, at = length + end - at + len(folded), end + 1
    return Folded("".join([*pieces, text[at:]]), [*starts, *range(length, length + len(text) - at)])


@dataclass(frozen=True, slots=True)
class Term:
    """A name or word to be found in texts of `language` (`any`: of all; Chinese characters: of all anyway).

    `entity` is what it names, or `facet` what it shows; with neither it is a shadow: a longer phrase in which other
    terms mean something else. A `doubt` is a word of another subject, which speaks against the names of its entity. A
    `bare` name is also that of others (a surname): it needs company. A term with a `scope` (a topic) matters to that
    topic alone.
    """

    text: str
    language: str = "any"
    entity: str = ""
    facet: str = ""
    strong: bool = True
    scope: str = ""
    doubt: bool = False
    bare: bool = False

    @property
    def is_shadow(self) -> bool:
        """Whether the term only hides shorter ones."""
        return not self.entity and not self.facet


class Match(NamedTuple):
    """A term that stands in the text from code point `start` up to, not including, `end`."""

    start: int
    end: int
    term: Term


_match: Final = partial(tuple.__new__, Match)  # as calling the class does, in half the time: for every match


class _Pattern(NamedTuple):
    """What must stand beside a folded name, and the terms that it may be: each with the places of its capitals."""

    opens: bool
    closes: bool
    takes_ending: bool
    terms: tuple[tuple[Term, tuple[int, ...]], ...]


class _Searched(NamedTuple):
    """What is looked for in texts of one language: `patterns` in the order in which the automaton numbers them."""

    automaton: AhoCorasick
    patterns: Sequence[_Pattern]


class Matcher:
    """All terms compiled for one pass over a text."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Terms that fold to nothing can be found nowhere and are left out."""
        self._spellings: dict[str, list[tuple[Term, tuple[int, ...]]]] = {}
        for term in dict.fromkeys(terms):
            for spelling in _spellings(term.text):
                folded = fold(spelling)
                capitals = tuple(i for i in range(len(folded.text)) if spelling[folded.original(i)].isupper())
                if folded.text.strip():
                    self._spellings.setdefault(folded.text, []).append((term, capitals))
        self._by_language: dict[str, _Searched] = {}

    def find(self, text: str, language: str) -> list[Match]:
        """Every term of the language (ISO 639-1) in the text, also within one another, by start, the longest first.

        A word ends between an ASCII letter or digit and anything else: the regular expression for a word boundary sees
        none in `苹果AI合作`, since Chinese characters are letters to it. This loop is where the time goes; it calls
        functions only for what it keeps. Capitals tell names from words only in a text that has any: a title made from
        an address has none.
        """
        folded = fold(text)
        sought, starts, length = folded.text, folded.starts, len(folded.text)
        automaton, patterns = self._by_language.get(language) or self._searched_in(language)
        uncased = len(text) <= _LONGEST_TITLE and sought[:1] + text[1:] == sought
        found: list[Match] = []
        for number, start, end in automaton.find_matches_as_indexes(sought, overlapping=True):
            opens, closes, takes_ending, terms = patterns[number]
            if opens and start and sought[start - 1] in _ASCII_WORD:
                continue
            stop = end
            if closes and end < length and sought[end] in _ASCII_WORD:
                stop = _with_ending(sought, end) if takes_ending else 0
                if not stop:
                    continue
            first, last = (start, stop) if starts is None else _originals(text, folded, start, stop)
            for term, capitals in terms:
                for i in () if uncased else capitals:
                    if not text[start + i if starts is None else folded.original(start + i)].isupper():
                        break
                else:
                    found.append(_match((first, last, term)))
        found.reverse()  # they came by their ends: now the longest first, which sorting by start leaves so
        found.sort(key=_START)
        return found

    def _searched_in(self, language: str) -> _Searched:
        """What a text of this language is read with: fewer names than all languages have together."""
        patterns: dict[str, _Pattern] = {}
        for text, found in self._spellings.items():
            if terms := _one_a_meaning(held for held in found if is_sought(held[0], language)):
                opens, closes = text[0] in _ASCII_WORD, text[-1] in _ASCII_WORD
                takes_ending = closes and text[-1].isalpha() and len(text) >= _SHORTEST_WITH_ENDING
                patterns[text] = _Pattern(opens, closes, takes_ending, terms[::-1])  # `find` turns them again
        searched = _Searched(AhoCorasick(list(patterns), matchkind=MatchKind.Standard), list(patterns.values()))
        if len(self._by_language) < _LANGUAGES_KEPT:
            self._by_language[language] = searched
        return searched


def doubted(found: Iterable[Match], names: Iterable[Match]) -> frozenset[str]:
    """The entities against whose names the subject of a piece speaks: their doubts are at least as many.

    `found` are all matches of the piece, `names` those that stand in it.
    """
    doubts = Counter([match.term.entity for match in found if match.term.doubt])
    counts = Counter([match.term.entity for match in names]) if doubts else doubts
    return frozenset(entity for entity, count in doubts.items() if count >= counts[entity])


def standing(matches: Sequence[Match], scope: str = "") -> list[Match]:
    """The matches that count in a scope: those that lie within no longer name and no shadow.

    Takes matches as `Matcher.find` orders them. "Apple Daily" hides "Apple"; a facet's word hides only words of its
    facet ("AI chips" are chips and AI). Of terms with the same place and meaning one stays.
    """
    kept: list[Match] = []
    far = 0  # how far names and shadows have come
    reach: dict[str, int] = {}  # how far the words of each facet have come
    counting = [match for match in matches if not match.term.doubt and match.term.scope in ("", scope)]
    here: list[Match] = []  # the matches of one place; most places have one
    for match, following in zip_longest(counting, counting[1:]):
        start, end, term = match
        if end <= far:
            continue
        if following and following.start == start and following.end == end:
            here.append(match)
        elif here:
            here.append(match)
            kept += _standing_at(end, here, reach)
            if not all(one.term.facet for one in here):
                far = end
            here = []
        elif not term.facet:
            far = end
            if term.entity:
                kept.append(match)
        elif end > reach.get(term.facet, 0):
            reach[term.facet] = end
            kept.append(match)
    return kept


def _standing_at(end: int, here: Iterable[Match], reach: dict[str, int]) -> list[Match]:
    """Those of the matches of one place that count; notes in `reach` how far the words of each facet come."""
    meanings = {(match.term.entity, match.term.facet, match.term.strong): match for match in here}
    kept: list[Match] = []
    if any(match.term.is_shadow for match in meanings.values()):
        return kept
    for match in meanings.values():
        facet = match.term.facet
        if not facet:
            kept.append(match)
        elif end > reach.get(facet, 0):
            kept.append(match)
            reach[facet] = end
    return kept


def language_of(text: str) -> str:
    """A guess for texts that come without a language: `zh` by script, else `fr` or `en` by their function words."""
    sample = text[:_ENOUGH_TO_TELL]
    letters = sum(map(str.isalpha, sample))
    if len(_HAN.findall(sample)) * 10 > letters:  # names in Latin letters may be most of a short Chinese title
        return "zh"
    words = _WORD.findall(sample.lower())
    return max(("en", "fr"), key=lambda language: sum(word in _SPEAKS[language] for word in words))


def _spellings(term: str) -> list[str]:
    """A term with a space or a hyphen between its words, and with and without space beside Chinese characters."""
    joined = re.sub(rf"(?<={_HAN.pattern}) (?=[A-Za-z0-9])|(?<=[A-Za-z0-9]) (?={_HAN.pattern})", "", term)
    spaced = re.sub(rf"(?<={_HAN.pattern})(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?={_HAN.pattern})", " ", term)
    return list(dict.fromkeys([joined, spaced, term.replace(" ", "-"), term.replace("-", " ")]))


def _one_a_meaning(terms: Iterable[tuple[Term, tuple[int, ...]]]) -> tuple[tuple[Term, tuple[int, ...]], ...]:
    """Of terms that mean the same (a name that is listed for two languages) the one that asks for fewer capitals."""
    found: dict[tuple[object, ...], tuple[Term, tuple[int, ...]]] = {}
    for term, capitals in sorted(terms, key=lambda held: len(held[1])):
        found.setdefault((term.entity, term.facet, term.strong, term.scope, term.doubt), (term, capitals))
    return tuple(found.values())


def is_sought(term: Term, language: str) -> bool:
    """Whether a term is looked for in texts of a language; Chinese characters are in all."""
    return term.language in ("any", language) or _HAN.search(term.text) is not None


def _originals(text: str, folded: Folded, start: int, stop: int) -> tuple[int, int]:
    """Where in the text the folded characters from `start` to `stop` stand, with the accents that follow the last."""
    last = folded.original(stop - 1) + 1
    accents = _ACCENTS.match(text, last)
    return folded.original(start), accents.end() if accents else last


def _with_ending(text: str, end: int) -> int:
    """Where a word ends whose name ends at `end`: after a plural, or before a version number; 0 if it goes on."""
    if text[end] in _DIGITS:
        return end
    plural = text[end] == "s" and (end + 1 == len(text) or text[end + 1] not in _ASCII_WORD)
    return end + 1 if plural else 0
