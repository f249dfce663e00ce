"""Judges whether a piece is about a topic: every facet must be a theme of the piece, and the facets must meet.

Pure and deterministic; the verdict carries all that explains it. A piece that lacks a facet scores 0. Else it has the
topic's base points, points for each of its measures (`measures.Measures`, weighted by the topic) and for each cue, and

    score = 1 / (1 + e^-points)

so that a sum explains the score: 0 points are a score of 0.5.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from technews.entities import LANGUAGES, Entities
from technews.matching import Match, Matcher, doubted, language_of, standing
from technews.measures import Piece, Reading, Said, Sign, measures
from technews.nearest import Turn, Wording, nearest
from technews.passages import unwrapped
from technews.records import Evidence, Mention, Reason, Verdict
from technews.topics import Topic

SHOWN: Final = 3  # matches that a verdict keeps for each facet and field
_AROUND: Final = 40
_MOST_POINTS: Final = 500.0  # beyond them a score is 0 to all digits, and the exponential too large for a float


class Part(NamedTuple):
    """One part of a score's sum: a measure or cue, its value (0 to 1), and what the topic gives for the whole of it."""

    name: str
    value: float
    weight: float

    @property
    def points(self) -> float:
        """What it adds to the sum."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision with all that made it: the sum, every sign (not only the best), and what was nearest to turn it."""

    verdict: Verdict
    parts: tuple[Part, ...]
    signs: tuple[Sign, ...]
    titled: int  # so many of the signs, from the first on, stand in the title
    cues: Mapping[str, Said]
    turn: Turn | None


class Judge:
    """Topics and entities compiled for one pass over each piece."""

    def __init__(self, topics: Iterable[Topic], entities: Entities) -> None:
        """The topics to judge by, in order (whether they are enabled is the caller's business)."""
        self.topics = tuple(topics)
        self._entities = entities
        self._company = {term.entity: entities.company(term.entity) for term in entities.terms() if term.bare}
        self._matcher = Matcher([*entities.terms(), *(term for topic in self.topics for term in topic.terms())])

    def read(self, title: str, text: str, language: str | None = None) -> Reading:
        """Finds all terms. `language` is a language tag; guessed where there is none that rules are written in."""
        text = unwrapped(text)
        language = (language or "").strip().lower().partition("-")[0].partition("_")[0]
        if language not in LANGUAGES[1:]:
            language = language_of(f"{title}\n{text}")
        in_title, in_text = self._matcher.find(title, language), self._matcher.find(text, language)
        return Reading(
            title, text, language, in_title, in_text, self._of_others(in_title, in_text, alone=not text.strip())
        )

    def _of_others(self, in_title: Sequence[Match], in_text: Sequence[Match], *, alone: bool) -> frozenset[str]:
        """The entities whose names are those of others here: doubted ones, and bare names without their company.

        A piece on another Cook names neither Tim Cook nor Apple. A title that stands alone may leave both out.
        """
        found = [match for match in (*in_title, *in_text) if match.term.doubt or match.term.bare]
        if not found:
            return frozenset()
        names = [*standing(in_title), *standing(in_text)]
        sure = {match.term.entity for match in names if not match.term.bare}
        bare = {match.term.entity for match in found if match.term.bare and not alone}
        return doubted(found, names) | {entity for entity in bare if sure.isdisjoint(self._company[entity])}

    def judge(self, title: str, text: str, language: str | None = None) -> tuple[Verdict, ...]:
        """The verdict of every topic, in order."""
        reading = self.read(title, text, language)
        return tuple(verdict(Piece(topic, reading)) for topic in self.topics)

    def explain(self, title: str, text: str, language: str | None = None) -> tuple[Explained, ...]:
        """The decision of every topic, with what made it."""
        reading = self.read(title, text, language)
        return tuple(self._explained(topic, reading) for topic in self.topics)

    def _explained(self, topic: Topic, reading: Reading) -> Explained:
        def read(wording: Wording) -> tuple[Piece, float]:
            piece = Piece(topic, self.read(*wording, reading.language))
            return piece, points_of(piece)

        def keeps(points: float) -> bool:
            return score_of(points) >= topic.threshold

        piece = Piece(topic, reading)
        told = all(piece.matches.values())
        return Explained(
            verdict=verdict(piece),
            parts=tuple(parts(piece)) if told else (),
            signs=(*piece.title_signs, *piece.text_signs),
            titled=len(piece.title_signs),
            cues=piece.cues,
            turn=nearest(Wording(reading.title, reading.text), read, keeps) if told else None,
        )

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


def verdict(piece: Piece) -> Verdict:
    """What a topic decides on a piece."""
    topic, matches = piece.topic, piece.matches
    score = score_of(points_of(piece))
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
        evidence=tuple(evidence(piece)),
    )


def parts(piece: Piece) -> list[Part]:
    """The sum that makes a score: the base, each measure that is not 0, each cue."""
    topic, measured = piece.topic, measures(piece)
    values = [(name, float(getattr(measured, name))) for name in topic.weights]
    return [
        Part("base", 1.0, topic.base),
        *(Part(name, value, topic.weights[name]) for name, value in values if value),
        *(Part(name, said.worth, topic.cues[name].weight) for name, said in piece.cues.items()),
    ]


def points_of(piece: Piece) -> float:
    """The sum; minus infinity where a facet is missing."""
    return sum(part.points for part in parts(piece)) if all(piece.matches.values()) else -math.inf


def score_of(points: float) -> float:
    """The score of so many points, to four digits."""
    return round(1 / (1 + math.exp(-max(points, -_MOST_POINTS))), 4)


def evidence(piece: Piece) -> Iterator[Evidence]:
    """The best signs of each facet in each field: strong before weak, then in the order of the text."""
    found: dict[tuple[str, str], tuple[list[Sign], list[Sign]]] = defaultdict(lambda: ([], []))
    for sign in piece.title_signs:
        found[sign.facet, "title"][not sign.strong].append(sign)
    for sign in piece.text_signs:
        field = "lead" if sign.place < piece.lead else "body"
        found[sign.facet, field][not sign.strong].append(sign)
    for facet in piece.topic.facets:
        for field in ("title", "lead", "body"):
            if at := found.get((facet.name, field)):
                strong, weak = at
                for sign in (strong[:SHOWN] + weak[:SHOWN])[:SHOWN]:
                    yield _shown(sign, field, piece.reading)


def _shown(sign: Sign, field: str, reading: Reading) -> Evidence:
    start, end, term = sign.match
    source = reading.title if field == "title" else reading.text
    return Evidence(  # without names, which would double the time of making one
        sign.facet,
        term.entity,
        source[start:end],
        field,
        reading.language if term.language == "any" else term.language,
        start,
        source[max(0, start - _AROUND) : end + _AROUND],
    )
