"""Cuts a text into passages: what a reader takes in at a time, so that themes can be near one another or far apart.

A passage is a sentence of the lead, in the body a paragraph (a line) or part of a long one. A list of other pieces at
the end ("related articles") is no part of the piece. Linear in the length of the text.
"""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final, NamedTuple

from technews.matching import fold

# Sizes are in UTF-8 bytes: a Chinese character has three, and says about as much as three Latin letters.
_LONGEST: Final = 900
_CUT: Final = 500
_LEAD: Final = 400
_HEADLINE: Final = 160
_LONGEST_HEADING: Final = 60
_DECORATION: Final = " \t\r\u3000:：#*-·•►▶>｜|"
_SENTENCE_END: Final = re.compile(r"[.!?…。！？；](?:(?<=[。！？；])|(?=[\s\"'”’»\]]))")
_WRAP: Final = re.compile(r"\n(?<![.!?…:;\s]\n)(?=[a-zà-öø-ÿ][a-zà-öø-ÿ'’ -])")  # "iPhone" begins a line of its own
_CLOSES: Final = frozenset(".!?…。！？；:：,，")
_QUOTES: Final = "\"'”’»」』)）"


class Passage(NamedTuple):
    """A part of the text from code point `start` up to, not including, `end`; `size` in UTF-8 bytes."""

    start: int
    end: int
    size: int
    in_lead: bool
    headline: bool = False


_passage: Final = partial(tuple.__new__, Passage)  # as calling the class does, in half the time: for every line


def passages(text: str, tails: frozenset[str] = frozenset()) -> list[Passage]:
    """The passages of a text, in order, without the list of other pieces at its end.

    `tails` are lines, as `matching.fold` gives them, after which such lists stand. Lines within the body that look like
    headlines (of sections, or of other pieces) say little of what the piece is about: their size counts as 0, unless
    most of the body is written that way. Such lines before the first sentence (who wrote it, when, the title once more)
    stand in the lead without being a sentence of it.
    """
    lines = _without_links(list(_lines(text, tails)))
    found: list[Passage] = []
    read = bare = 0
    told = not all(line.headline for line in lines)
    for line in lines:
        start, end, whole, _, headline = line
        if told and not read and headline:  # a byline, a date, the title once more
            found.append(Passage(start, end, 0, in_lead=True, headline=True))
            continue
        if read >= _LEAD and whole <= _LONGEST:
            bare += headline * whole
            found.append(line)
            read += whole
            continue
        for first, last in _sentences(text, start, end):
            size = _size(text[first:last])
            in_lead = read < _LEAD
            read += size
            before = found[-1] if found else None
            if not in_lead and before and not before.in_lead and before.start >= start and before.size < _CUT:
                found[-1] = Passage(before.start, last, before.size + size, in_lead=False)
            else:
                found.append(Passage(first, last, size, in_lead))
    if 0 < bare < sum(passage.size for passage in found if not passage.in_lead) / 2:
        found = [passage._replace(size=0) if passage.headline else passage for passage in found]
    return found


def unwrapped(text: str) -> str:
    """The text with a space for each line break within a sentence, so at the same offsets.

    Hard-wrapped text goes on in lower case; before a name or a number its breaks cannot be told from those of headings.
    """
    return _WRAP.sub(" ", text)


def _lines(text: str, tails: frozenset[str]) -> Iterator[Passage]:
    """The lines on which anything stands, up to the first (but for the very first) that announces other pieces."""
    start = 0
    begun = False
    for line in text.split("\n"):
        end = start + len(line)
        if line and not line.isspace():
            if begun and end - start <= _LONGEST_HEADING and _announces(line, tails):
                return
            begun = True
            yield _passage((start, end, _size(line), False, _is_headline(line)))
        start = end + 1


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A paragraph of the text as spans that end where its sentences end."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, start, end)]
    if not ends or text[ends[-1] : end].strip():
        ends.append(end)
    return list(pairwise([start, *ends]))


def _without_links(lines: list[Passage]) -> list[Passage]:
    """The lines before headlines that end the text.

    A text of such lines alone (a post in a forum, say) is judged as what it is.
    """
    end = len(lines)
    while end > 1 and lines[end - 1].headline:
        end -= 1
    # One line without a full stop is a signature or a caption as often as a link.
    if len(lines) - end < 2 or (end == 1 and lines[0].headline):
        return lines
    return lines[:end]


def _announces(line: str, tails: frozenset[str]) -> bool:
    """Whether a line is one of the tails; few lines end as one of them does, and only those are folded whole."""
    heading = line.strip(_DECORATION)
    return _folded(heading[-1:]) in _last_of(tails) and _folded(heading) in tails


@lru_cache(maxsize=100)  # a topic's tails are the same for every piece
def _last_of(tails: frozenset[str]) -> frozenset[str]:
    return frozenset(tail[-1] for tail in tails)


@lru_cache(maxsize=1000)  # most lines end alike
def _folded(text: str) -> str:
    return fold(text).text


def _is_headline(line: str) -> bool:
    if len(line) >= _HEADLINE:
        return False
    return line[-1].isalnum() or (line[-1] not in _CLOSES and line.rstrip().rstrip(_QUOTES)[-1:] not in _CLOSES)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
