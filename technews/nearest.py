"""The smallest change of its wording that would have turned the decision on a piece: tried, not computed.

Words are struck out of the piece, or written behind its title, and it is judged again. So whatever follows from a
change (a facet that leaves the title leaves the opening, too) is part of it, and what is named is true. Where a few
changes together turn nothing, all that shows one facet goes from a kept piece. Of a very long text none is named.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple

from technews.matching import Match
from technews.measures import Piece

MOST_CHANGES: Final = 4  # after more of them it would be another piece
LONGEST: Final = 100_000  # characters: a longer text is not judged anew a few dozen times
_STRUCK: Final = "–"  # stands where words were: it ends no sentence, and joins no list


class Wording(NamedTuple):
    """Title and text of a piece."""

    title: str
    text: str


class Change(NamedTuple):
    """Words of a facet or cue (`name`) to strike, or to write behind the title, and the wording `after` that.

    Struck words go from every place where they mean `name`: in the title alone, or in the whole piece (`everywhere`).
    """

    name: str
    struck: bool
    everywhere: bool
    words: tuple[str, ...]
    after: Wording


class Turn(NamedTuple):
    """Changes that turn a decision, in this order, and the points of the piece after them."""

    changes: tuple[Change, ...]
    points: float


def nearest(
    wording: Wording, read: Callable[[Wording], tuple[Piece, float]], keeps: Callable[[float], bool]
) -> Turn | None:
    """The one change that turns a decision most narrowly, or else the strongest few that turn it one after another.

    A piece that is kept in spite of them hangs on its facets alone: then the one that the fewest words show goes.

    `read` gives a wording as the topic sees it, with its points; `keeps` says whether so many points keep a piece.
    """
    if len(wording.text) > LONGEST:
        return None
    whole, points = read(wording)
    piece, kept = whole, keeps(points)
    made: tuple[Change, ...] = ()
    while len(made) < MOST_CHANGES:
        tried = [(change, *read(change.after)) for change in _changes(piece, kept=kept)]
        if not tried:
            break
        if turning := [each for each in tried if keeps(each[2]) is not kept]:
            change, _, after = min(turning, key=lambda each: abs(each[2] - points))
            return Turn((*made, change), after)
        change, piece, _ = (min if kept else max)(tried, key=lambda each: each[2])
        made = (*made, change)
    if not kept:
        return None
    facets = (Turn((change,), read(change.after)[1]) for change in _facets(whole))
    turns = [turn for turn in facets if not keeps(turn.points)]
    return min(turns, key=lambda turn: len(turn.changes[0].words), default=None)


def _facets(piece: Piece) -> Iterator[Change]:
    """For each facet, all that shows it, in title and text."""
    for facet in piece.topic.facets:
        in_title, in_text = (
            [sign.match for sign in signs if sign.facet == facet.name]
            for signs in (piece.title_signs, piece.text_signs)
        )
        yield _struck(piece, facet.name, in_title, in_text, everywhere=True)


def _changes(piece: Piece, *, kept: bool) -> Iterator[Change]:
    """What a decision rests on: of a kept piece what speaks for it, of another what speaks against it or is missing."""
    reading = piece.reading
    for name, cue in piece.topic.cues.items():
        if name in piece.cues and (cue.weight > 0) is kept:
            in_title, in_text = (
                [m for m in found if m.term.facet == name and m.term.scope == piece.topic.id]
                for found in (reading.in_title, reading.in_text)
            )
            yield _struck(piece, name, in_title, in_text, everywhere=True)
        elif not kept and cue.weight > 0 and not (name in piece.cues and piece.cues[name].titled):
            words = (term.text for term in cue.terms if term.language in (reading.language, "any"))
            yield from (_written(piece, name, word) for word in islice(words, 1))
    for facet in piece.topic.facets:
        titled = [sign for sign in piece.title_signs if sign.facet == facet.name]
        if kept and titled:
            yield _struck(piece, facet.name, [sign.match for sign in titled], (), everywhere=False)
        elif not kept and not any(sign.strong for sign in titled):
            proofs = (sign.match for sign in piece.text_signs if sign.facet == facet.name and sign.strong)
            yield from (_written(piece, facet.name, reading.text[m.start : m.end]) for m in islice(proofs, 1))


def _written(piece: Piece, name: str, words: str) -> Change:
    title, text = piece.reading.title, piece.reading.text
    after = Wording(f"{title} – {words}" if title else words, text)
    return Change(name, struck=False, everywhere=False, words=(words,), after=after)


def _struck(
    piece: Piece, name: str, in_title: Iterable[Match], in_text: Iterable[Match], *, everywhere: bool
) -> Change:
    title, title_words = _without(piece.reading.title, in_title)
    text, text_words = _without(piece.reading.text, in_text)
    words = tuple(dict.fromkeys([*title_words, *text_words]))
    return Change(name, struck=True, everywhere=everywhere, words=words, after=Wording(title, text))


def _without(text: str, matches: Iterable[Match]) -> tuple[str, list[str]]:
    """The text with a dash for every stretch that matches cover, and these stretches."""
    stretches: list[tuple[int, int]] = []
    for match in sorted(matches, key=itemgetter(0)):
        joins = stretches and match.start < stretches[-1][1]
        start, stop = stretches.pop() if joins else (match.start, match.end)
        stretches.append((start, max(stop, match.end)))
    ends = [0, *(stop for _, stop in stretches)]
    kept = [text[end:start] for end, (start, _) in zip(ends, [*stretches, (len(text), 0)], strict=True)]
    return _STRUCK.join(kept), [text[start:stop] for start, stop in stretches]
