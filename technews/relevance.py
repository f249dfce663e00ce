"""Judges whether a piece is about a topic: every facet must be a theme of the piece, and the facets must meet.

Pure and deterministic; the verdict carries all that explains it. The score is

    score = nearness x the least of the facets' scores
    facet = title + lead + body, at most 1

where `title` and `lead` are the topic's weights times the strength of what is found there, and `body` the topic's
weight times the share of the body that shows the facet, as a part of `_THEME` (so passing mentions in a long text do
not add up). Nearness is 1 where the facets stand together in title and lead or in enough passages of the body, and
`_APART` where they never do (three themes in three items of a digest).
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from technews.entities import Entities
from technews.matching import Match, Matcher, doubted, language_of, standing
from technews.passages import passages
from technews.records import Evidence, Mention, Reason, Verdict
from technews.topics import Topic

_WEAK: Final = 0.3  # one hint; several different ones make more, but never what one strong term makes
_WEAK_AT_MOST: Final = 0.5
_THEME: Final = 0.4  # a theme of which a piece is full shows in this share of its body
_TOGETHER: Final = 0.2  # where facets meet in this share of the body, the piece is about their meeting
_APART: Final = 0.4
_UNBACKED: Final = 0.4  # so much less a lead says when a long body could bear it out, and must
_LONG: Final = 2000  # bytes of body
_SHOWN: Final = 3
_AROUND: Final = 40
_SHORTEST_LIST: Final = 3
_LONGEST_LINK: Final = 8
_LINK: Final = re.compile(
    r"\s*(?:[,、，]\s*(?:(?:and|or|et|ou)\s|[和与及])?|(?:and|or|et|ou|&)\s|[和与及])\s*(?:l['’]|d['’])?"
)
_SEGMENT: Final = re.compile(r"[;；|｜]|(?<!\d)/(?!\d)")


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece with every term found in it, read once for all topics."""

    title: str
    text: str
    language: str
    in_title: Sequence[Match]
    in_text: Sequence[Match]
    doubted: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Sign:
    """A match that shows a facet, in a segment of the title or a passage of the text."""

    facet: str
    strong: bool
    match: Match
    place: int


class Judge:
    """Topics and entities compiled for one pass over each piece."""

    def __init__(self, topics: Iterable[Topic], entities: Entities) -> None:
        """The topics to judge by, in order (whether they are enabled is the caller's business)."""
        self.topics = tuple(topics)
        self._entities = entities
        self._matcher = Matcher([*entities.terms(), *(term for topic in self.topics for term in topic.terms())])

    def read(self, title: str, text: str, language: str | None = None) -> Reading:
        """Finds all terms. `language` is an ISO 639-1 code or language tag; guessed where there is none."""
        language = (language or "").lower().partition("-")[0].partition("_")[0] or language_of(f"{title}\n{text}")
        in_title, in_text = self._matcher.find(title, language), self._matcher.find(text, language)
        return Reading(title, text, language, in_title, in_text, doubted([*in_title, *in_text]))

    def judge(self, title: str, text: str, language: str | None = None) -> tuple[Verdict, ...]:
        """The verdict of every topic, in order."""
        reading = self.read(title, text, language)
        return tuple(verdict(topic, reading) for topic in self.topics)

    def mentions(self, title: str, text: str, language: str | None = None) -> tuple[Mention, ...]:
        """Every entity that is named, in the order of first appearance.

        `first_start` is a 0-based code point of the text, -1 for entities that only the title names.
        """
        reading = self.read(title, text, language)
        in_title, in_text = (
            [match for match in standing(found) if match.term.entity not in reading.doubted]
            for found in (reading.in_title, reading.in_text)
        )
        titled = {match.term.entity for match in in_title}
        counts = Counter(match.term.entity for match in [*in_text, *in_title])
        starts = {match.term.entity: match.start for match in reversed(in_text)}
        named = [self._entities.by_id[entity_id] for entity_id in counts]
        return tuple(Mention(e.id, e.name, e.kind, counts[e.id], e.id in titled, starts.get(e.id, -1)) for e in named)


def verdict(topic: Topic, reading: Reading) -> Verdict:
    """What a topic decides on a piece."""
    piece = _Piece(topic, reading)
    score = piece.score()
    matches = {facet.name: piece.count(facet.name) for facet in topic.facets}
    if not all(matches.values()):
        reason = Reason.FACET_MISSING
    else:
        reason = Reason.ON_TOPIC if score >= topic.threshold else Reason.BELOW_THRESHOLD
    return Verdict(
        topic_id=topic.id,
        relevant=reason is Reason.ON_TOPIC,
        score=score,
        threshold=topic.threshold,
        rule_version=topic.rule_version,
        reason=reason,
        matches=matches,
        evidence=tuple(piece.evidence()),
    )


class _Piece:
    """A piece as a topic sees it: its passages, and what in title and text shows which facet where."""

    def __init__(self, topic: Topic, reading: Reading) -> None:
        self._topic = topic
        self._reading = reading
        self._cuts = passages(reading.text, topic.tails)
        self._lead = sum(cut.in_lead for cut in self._cuts)  # passages before this index are the lead
        self._body = sum(cut.size for cut in self._cuts[self._lead :])
        self._title_signs = self._signs_of_title()
        self._text_signs = self._signs_of_text()
        names = [facet.name for facet in topic.facets]
        self._in_title = [_by_place(name, self._title_signs) for name in names]
        self._in_text = [_by_place(name, self._text_signs) for name in names]

    def count(self, facet: str) -> int:
        """How many matches show a facet."""
        return sum(sign.facet == facet for signs in (self._title_signs, self._text_signs) for sign in signs)

    def score(self) -> float:
        """Between 0 and 1, to four digits (see the module)."""
        facets = min(self._facet_score(facet.name, self._in_text[i]) for i, facet in enumerate(self._topic.facets))
        return round(facets * self._nearness(), 4)

    def _signs_of_title(self) -> list[_Sign]:
        title, found = self._reading.title, self._reading.in_title
        cuts = [match.end() for match in _SEGMENT.finditer(title)]
        return [sign for match in self._certain(found) for sign in self._signs(match, cuts)]

    def _signs_of_text(self) -> list[_Sign]:
        """The signs in the passages; one that is a mere member of a list is weak, unless its list shows the facet."""
        end = self._cuts[-1].end if self._cuts else 0
        matches = [match for match in self._certain(self._reading.in_text) if match.start < end]
        cuts = [cut.start for cut in self._cuts[1:]]
        lists = _lists(matches, self._reading.text)
        signs = [sign for match in matches for sign in self._signs(match, cuts)]
        if not lists:
            return signs
        members = Counter((lists[sign.match.start], sign.facet) for sign in signs if sign.match.start in lists)
        return [
            replace(sign, strong=False) if members[lists.get(sign.match.start, -1), sign.facet] == 1 else sign
            for sign in signs
        ]

    def _certain(self, found: Iterable[Match]) -> list[Match]:
        doubts = self._reading.doubted
        return [match for match in standing(found, self._topic.id) if match.term.entity not in doubts]

    def _signs(self, match: Match, cuts: Sequence[int]) -> Iterator[_Sign]:
        for facet in self._topic.facets:
            strong = facet.shown_by(match.term)
            if strong is not None:
                yield _Sign(facet.name, strong, match, bisect_right(cuts, match.start))

    def _facet_score(self, facet: str, in_text: Mapping[int, float]) -> float:
        weights = self._topic.weights
        in_title = _strength(sign for sign in self._title_signs if sign.facet == facet)
        in_lead = _strength(s for s in self._text_signs if s.facet == facet and s.place < self._lead)
        backing = 1 - _UNBACKED * min(1.0, self._body / _LONG)
        share = self._share(in_text) / _THEME
        score = weights.title * in_title + weights.lead * in_lead * backing + weights.body * min(1.0, share)
        return min(1.0, score)

    def _share(self, strengths: Mapping[int, float]) -> float:
        """The share of the body (by size) that shows something, weighted by how strongly."""
        shown = sum(self._cuts[place].size * strength for place, strength in strengths.items() if place >= self._lead)
        return shown / self._body if self._body else 0.0

    def _nearness(self) -> float:
        head = self._nearness_of_head()
        if not self._body:
            return _APART + (1 - _APART) * head
        together = {place: min(at.get(place, 0.0) for at in self._in_text) for place in self._in_text[0]}
        borne_out = min(1.0, self._share(together) / _TOGETHER)
        return _APART + (1 - _APART) * max(head * (1 + borne_out) / 2, borne_out)

    def _nearness_of_head(self) -> float:
        """Whether the facets meet in one segment of the title with two sentences of the lead that follow each other."""
        best = 0.0
        for segment in {place for at in self._in_title for place in at} or {0}:
            for first in range(max(1, self._lead)):
                places = [first, first + 1] if first + 1 < self._lead else [first]
                met = min(
                    max(title.get(segment, 0.0), *(text.get(place, 0.0) for place in places))
                    for title, text in zip(self._in_title, self._in_text, strict=True)
                )
                best = max(best, met)
        return best

    def evidence(self) -> Iterator[Evidence]:
        """The best signs of each facet in each field: strong before weak, then in the order of the text."""
        fields = (
            ("title", self._reading.title, self._title_signs),
            ("lead", self._reading.text, [sign for sign in self._text_signs if sign.place < self._lead]),
            ("body", self._reading.text, [sign for sign in self._text_signs if sign.place >= self._lead]),
        )
        for facet in self._topic.facets:
            for name, source, signs in fields:
                best = sorted((s for s in signs if s.facet == facet.name), key=lambda s: (not s.strong, s.match.start))
                yield from (self._shown(sign, name, source) for sign in best[:_SHOWN])

    def _shown(self, sign: _Sign, name: str, source: str) -> Evidence:
        match, term = sign.match, sign.match.term
        return Evidence(
            facet=sign.facet,
            entity=term.entity,
            term=source[match.start : match.end],
            field=name,
            language=self._reading.language if term.language == "any" else term.language,
            start=match.start,
            snippet=source[max(0, match.start - _AROUND) : match.end + _AROUND],
        )


def _strength(signs: Iterable[_Sign]) -> float:
    """How surely these signs show one facet: 1 with a strong one; hints add up, but to no more than `_WEAK_AT_MOST`."""
    hints = set()
    for sign in signs:
        if sign.strong:
            return 1.0
        hints.add(sign.match.term.entity or sign.match.term.text)
    return min(_WEAK_AT_MOST, 1 - (1 - _WEAK) ** len(hints))


def _by_place(facet: str, signs: Iterable[_Sign]) -> dict[int, float]:
    """How strongly a facet shows in each segment of the title, or passage of the text, where it shows."""
    found: dict[int, list[_Sign]] = {}
    for sign in signs:
        if sign.facet == facet:
            found.setdefault(sign.place, []).append(sign)
    return {place: _strength(at) for place, at in found.items()}


def _lists(matches: Sequence[Match], text: str) -> dict[int, int]:
    """Which list each name (by its start) stands in; a list has three or more: "Meta, Apple, Google and Huawei"."""
    runs: list[list[int]] = [[]]
    end = 0
    for match in matches:
        run = runs[-1]
        if run and match.start == run[-1]:
            continue
        if run and match.start - end <= _LONGEST_LINK and _LINK.fullmatch(text, end, match.start):
            run.append(match.start)
        else:
            runs.append([match.start])
        end = match.end
    return {start: run[0] for run in runs if len(run) >= _SHORTEST_LIST for start in run}
