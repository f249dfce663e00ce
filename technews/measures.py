"""What a piece shows of a topic: which facets stand where, how strongly, and whether they meet; as numbers from 0 to 1.

Every measure asks of the *weakest* facet, since a piece must be about all of them; none knows what the facets are
about. What the numbers are worth is the topic's business (its `[weights]`).
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, partial
from itertools import zip_longest
from typing import Final, NamedTuple

from technews.matching import Match, Term, standing
from technews.passages import passages
from technews.topics import Topic

_WEAK: Final = 0.3  # one hint; several different ones make more, but never what one strong term makes
_WEAK_AT_MOST: Final = 0.5
_TOGETHER: Final = 0.5  # where facets meet in this share of the piece, it is about them, whatever its title says
_IN_PASSING: Final = 0.5  # a word of the text tells less of what kind of piece it is than one of the title
_SEVERAL: Final = 2  # marks between the headlines of a digest's title
_SHORTEST_LIST: Final = 3
_LONGEST_LINK: Final = 40
_MARK: Final = (
    r"\s*(?:[,、，]\s*(?:(?:and|or|et|ou)\s|[和与及])?|(?:and|or|et|ou|&|vs\.?)\s|[和与及])\s*(?:l['’]|d['’])?"
)
# A number of a model ("17 Pro"), or a name that nobody has listed; possessive, so that no name is tried as two.
_NAME: Final = r"[a-z]*+[A-Z0-9][\w.+-]*+"
_LINK: Final = re.compile(rf"(?:\s?{_NAME}){{0,3}}{_MARK}(?:{_NAME}(?:\s{_NAME})?{_MARK}){{0,2}}", re.ASCII)
_SEGMENT: Final = re.compile(r"[;；|｜]|(?<!\d)/(?!\d)")
_HEAD: Final = re.compile("[:：]")
_ITEM: Final = re.compile("[,，、;；]")
_CLAUSE: Final = re.compile("[.!?…;，。！？；\n]")


# How strongly each facet of a topic, in their order, shows in one place: from 0 to 1.
Strengths = tuple[float, ...]


class Reading(NamedTuple):
    """A piece with every term found in it, read once for all topics."""

    title: str
    text: str
    language: str
    in_title: Sequence[Match]
    in_text: Sequence[Match]
    doubted: frozenset[str]


class Sign(NamedTuple):
    """A match that shows a facet, in a segment of the title or a passage of the text (`place`)."""

    facet: str
    strong: bool
    match: Match
    place: int


_sign: Final = partial(tuple.__new__, Sign)  # as calling the class does, in half the time: for every match


class Said(NamedTuple):
    """The first words that give a cue, in the title or else in the text."""

    match: Match
    titled: bool

    @property
    def worth(self) -> float:
        """How much of the cue's points they are worth: all of them in the title, half in the text."""
        return 1.0 if self.titled else _IN_PASSING


class Piece:
    """A piece as a topic sees it: its passages, what in title and text shows which facet where, and its cues."""

    def __init__(self, topic: Topic, reading: Reading) -> None:
        """Reads nothing anew: the matches are those of the reading."""
        self.topic = topic
        self._names = [facet.name for facet in topic.facets]
        self.nothing: Strengths = (0.0,) * len(self._names)
        self.reading = reading
        self.cuts = passages(reading.text, topic.tails)
        self.lead = sum(cut.in_lead for cut in self.cuts)  # passages before this index are the lead
        self._cued: list[tuple[int, Match]] = []  # every cue of the text, with its passage
        self._asides: list[tuple[int, Match]] = []
        self.cues: dict[str, Said] = {}  # in title or lead, or where all facets meet
        self.title_signs = self._signs_of_title()
        self.cues = {match.term.facet: Said(match, titled=True) for _, match in reversed(self._cued)}
        self._cued, self._asides = [], []
        self.text_signs = self._signs_of_text()
        if self._asides:
            self._weaken_asides()
        for place, match in self._cued:
            if place < self.lead or self.meets(place):
                self.cues.setdefault(match.term.facet, Said(match, titled=False))

    def meets(self, place: int) -> float:
        """How strongly all facets show in one passage: the value of the weakest; 0 in a line of no size."""
        return min(self.in_text.get(place, self.nothing)) if self.cuts[place].size else 0.0

    @cached_property
    def in_title(self) -> dict[int, Strengths]:
        """How strongly each facet shows in each segment of the title where any shows."""
        return _by_place(self._names, self.title_signs)

    @cached_property
    def in_text(self) -> dict[int, Strengths]:
        """How strongly each facet shows in each passage of the text where any shows."""
        return _by_place(self._names, self.text_signs)

    @cached_property
    def matches(self) -> dict[str, int]:
        """How many matches show each facet."""
        found = Counter([sign.facet for sign in (*self.title_signs, *self.text_signs)])
        return {facet.name: found[facet.name] for facet in self.topic.facets}

    def _signs_of_title(self) -> list[Sign]:
        title = self.reading.title
        matches = self._certain(self.reading.in_title)
        self.separators = [match.end() for match in _SEGMENT.finditer(title)]
        if head := _HEAD.search(title):
            # "Five things this morning: A, B, C": a head that shows nothing, then headlines
            items = [match.end() for match in _ITEM.finditer(title, head.end())]
            headed = any(self._shows(match) for match in matches if match.start < head.start())
            if len(items) >= _SEVERAL and not headed:
                self.separators = sorted({*self.separators, *items})
        return self._unlisted(self._signs(matches, self.separators), matches, title)

    def _shows(self, match: Match) -> bool:
        term = match.term
        return bool(self.topic.shown.get(term.entity)) if not term.facet else term.facet in self._names

    def _weaken_asides(self) -> None:
        """Makes signs weak that stand in one clause with words of an aside, of facets that the title does not show.

        "The update is out, except in China" names China, but is not about it.
        """
        text = self.reading.text
        places = sorted({place for place, _ in self._asides})  # no clause goes on into the next passage
        ends = [match.start() for place in places for match in _CLAUSE.finditer(text, *self.cuts[place][:2])]
        titled = {sign.facet for sign in self.title_signs}
        aside = {
            (self.topic.asides[match.term.facet], place, bisect_right(ends, match.start))
            for place, match in self._asides
        }
        self.text_signs = [
            sign._replace(strong=False)
            if sign.facet not in titled and (sign.facet, sign.place, bisect_right(ends, sign.match.start)) in aside
            else sign
            for sign in self.text_signs
        ]

    def _signs_of_text(self) -> list[Sign]:
        """The signs in the passages."""
        if not self.cuts:
            return []
        end = self.cuts[-1].end
        matches = [match for match in self._certain(self.reading.in_text) if match.start < end]
        return self._unlisted(self._signs(matches, [cut.start for cut in self.cuts[1:]]), matches, self.reading.text)

    def _unlisted(self, signs: list[Sign], matches: Sequence[Match], text: str) -> list[Sign]:
        """The signs; one that is a mere member of a list is weak, unless its list shows the facet."""
        lists = _lists(matches, text)
        if not lists:
            return signs
        listed = [lists.get(sign.match.start, -1) for sign in signs]
        members = Counter((place, sign.facet) for place, sign in zip(listed, signs, strict=True) if place >= 0)
        return [
            sign._replace(strong=False) if place >= 0 and members[place, sign.facet] == 1 else sign
            for place, sign in zip(listed, signs, strict=True)
        ]

    def _certain(self, found: Sequence[Match]) -> list[Match]:
        matches, doubts = standing(found, self.topic.id), self.reading.doubted
        return [match for match in matches if match.term.entity not in doubts] if doubts else matches

    def _signs(self, matches: Iterable[Match], cuts: Sequence[int]) -> list[Sign]:
        """The signs among the matches; cues are noted on the way."""
        signs = []
        shown, cues, asides = self.topic.shown, self.topic.cues, self.topic.asides
        for match in matches:
            start, _, term = match
            if not term.facet:
                for facet, strong in shown.get(term.entity, ()):
                    signs.append(_sign((facet, strong, match, bisect_right(cuts, start))))
            elif term.facet in asides:
                self._asides.append((bisect_right(cuts, start), match))
            elif term.facet not in cues:
                signs.append(_sign((term.facet, term.strong, match, bisect_right(cuts, start))))
            else:
                self._cued.append((bisect_right(cuts, start), match))
        return signs


class Measures(NamedTuple):
    """What a piece shows of all facets: the value of the weakest one, each from 0 to 1.

    In one segment of the title (`title`; `titled` is the mean over the facets); at least in the title or the first
    sentence (`opening`); at least in title or lead (`lead`). `meeting`: all in one segment of the title with two
    sentences of the lead that follow each other; `sentence`: all in one sentence of the lead. `together`: how much of
    the piece (by size) passages of the body are in which all stand, of what is enough where the title does not say it.
    `several`: the title's headlines, of those of a digest.
    """

    title: float
    titled: float
    opening: float
    lead: float
    meeting: float
    sentence: float
    together: float
    several: float


def measures(piece: Piece) -> Measures:
    """The measures of a piece (see `Measures`)."""
    in_title, in_text, cuts, nothing = piece.in_title, piece.in_text, piece.cuts, piece.nothing
    title = max(map(min, in_title.values()), default=0.0)
    best_title = _best(nothing, in_title.values())
    best_lead = _best(nothing, (at for place, at in in_text.items() if place < piece.lead))
    told = [place for place, cut in enumerate(cuts[: piece.lead]) if not cut.headline]  # sentences of the lead
    first = in_text.get(told[0] if told else 0, nothing)
    met = sum([cuts[place].size * min(at) for place, at in in_text.items() if place >= piece.lead])
    return Measures(
        title=title,
        titled=sum(best_title) / len(best_title),
        opening=min(map(max, best_title, first)),
        lead=min(map(max, best_title, best_lead)),
        meeting=_meeting(piece, told),
        sentence=max(map(piece.meets, told), default=0.0),
        together=min(1.0, met / sum([cut.size for cut in cuts]) / _TOGETHER) * (1 - title) if met else 0.0,
        several=min(1.0, len(piece.separators) / _SEVERAL),
    )


def _best(nothing: Strengths, places: Iterable[Strengths]) -> Strengths:
    """The most that each facet shows in any of these places."""
    return tuple(map(max, nothing, nothing, *places))  # twice, since `max` compares two at least


def _meeting(piece: Piece, told: Sequence[int]) -> float:
    """Whether the facets meet in one segment of the title with two sentences of the lead that follow each other.

    Many segments and sentences show the same, so each is tried once: a title of thousands costs what its length does.
    """
    in_text, nothing = piece.in_text, piece.nothing
    titles = set(piece.in_title.values()) or {nothing}
    leads = {
        tuple(map(max, in_text.get(one, nothing), in_text.get(following, nothing)))
        for one, following in zip_longest(told or (0,), told[1:], fillvalue=-1)
    }
    return max([min(map(max, title, lead)) for title in titles for lead in leads])


def _by_place(facets: Sequence[str], signs: Iterable[Sign]) -> dict[int, Strengths]:
    """How strongly each facet shows in each segment of the title, or passage of the text, where any shows."""
    found: dict[int, dict[str, list[Term] | None]] = {}  # the hints at each facet; None where it shows strongly
    for facet, strong, match, place in signs:
        at = found.get(place)
        if at is None:
            at = found[place] = {}
        if strong:
            at[facet] = None
        elif (hints := at.setdefault(facet, [])) is not None:
            hints.append(match.term)
    return {place: tuple([_strength(at.get(facet, ())) for facet in facets]) for place, at in found.items()}


def _strength(hints: Collection[Term] | None) -> float:
    """How surely a facet shows: 1 strongly (`None`), or where a name and a word both hint at it.

    "Model" may be a phone's, but hardly beside a maker of language models. Other hints add up, to `_WEAK_AT_MOST`.
    """
    if not hints:
        return 1.0 if hints is None else 0.0
    names = {term.entity for term in hints if term.entity}
    words = {term.text for term in hints if not term.entity}
    if names and words:
        return 1.0
    return min(_WEAK_AT_MOST, 1 - (1 - _WEAK) ** (len(names) + len(words)))


def _lists(matches: Sequence[Match], text: str) -> dict[int, int]:
    """Which list each name (by its start) stands in; a list has three or more: "Meta, Apple, Google and Huawei"."""
    lists: dict[int, int] = {}
    run: list[int] = []  # names that follow one another with nothing but commas, conjunctions, unknown names between
    end = 0
    for start, stop, _ in matches:
        if run and start < end:  # within the name before
            continue
        if not (run and start - end <= _LONGEST_LINK and _LINK.fullmatch(text, end, start)):
            run = []
        run.append(start)
        if len(run) >= _SHORTEST_LIST:
            lists |= dict.fromkeys(run if len(run) == _SHORTEST_LIST else run[-1:], run[0])
        end = stop
    return lists
