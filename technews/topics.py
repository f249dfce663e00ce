"""Topics as configuration: a topic is a file that says which facets a piece must show and what shows them.

Nothing about any subject is in code. A file that cannot mean what it says is refused with file, line and key. The rule
version changes whenever the file, the entities that it uses or the code that judges changes, so nobody has to raise it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

from technews.configuration import Table, read_file, read_table, sub_table
from technews.entities import LANGUAGES, Entities, holder_of, searches
from technews.matching import Term, fold

_ID: Final = "[a-z0-9][a-z0-9-]*"
_NAME: Final = "[a-z][a-z0-9_]*"
_KEYS: Final = ("id", "title", "enabled", "threshold", "weights", "facet", "cue", "not", "tail")
_FACET_KEYS: Final = ("entities", "strong", "weak", "aside")
_JUDGING_CODE: Final = ("matching.py", "topics.py", "relevance.py", "measures.py", "passages.py")
# What each measure of a piece is worth where a topic does not say (see `measures.Measures`): learnt from the pieces of
# the topic that the project ships without its cues (benchmarks/relevance_fit.py), and about no subject.
WEIGHTS: Final = {
    "base": -5.9,
    "title": 1.7,
    "titled": 1.9,
    "opening": 2.5,
    "lead": -0.1,
    "meeting": 0.6,
    "sentence": 2.4,
    "together": 6.4,
    "several": -1.1,
}
MEASURES: Final = tuple(WEIGHTS)[1:]
MOST_POINTS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Facet:
    """One theme that a piece must show: the entities that show it (True: strongly) and words of its own.

    `asides` are words beside which, in one clause, the facet is named in passing: "except in", "not available in".
    """

    name: str
    entities: Mapping[str, bool]
    terms: tuple[Term, ...]
    asides: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that say what kind of piece it is, and how many points they add in title or lead (or take, below 0)."""

    name: str
    weight: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as its file declares it. A piece whose score reaches `threshold` (0 to 1) is kept.

    `base` and `weights` (of measures, by name) make the points of a piece. `shadows` are phrases in which terms mean
    something else; `tails` the lines after which other pieces are listed. `asides`: the facet of each kind of aside
    (see `Facet`). `shown`: the facets that each entity shows, with whether strongly.
    """

    id: str
    title: str
    enabled: bool
    threshold: float
    base: float
    weights: Mapping[str, float]
    facets: tuple[Facet, ...]
    cues: Mapping[str, Cue]
    shadows: tuple[Term, ...] = field(default=(), repr=False)
    tails: frozenset[str] = field(default=frozenset(), repr=False)
    asides: Mapping[str, str] = field(default_factory=dict, repr=False)
    rule_version: str = ""
    shown: Mapping[str, tuple[tuple[str, bool], ...]] = field(default_factory=dict, repr=False)

    def terms(self) -> Iterator[Term]:
        """The words of the topic itself, beside the entities."""
        for facet in self.facets:
            yield from facet.terms
            yield from facet.asides
        for cue in self.cues.values():
            yield from cue.terms
        yield from self.shadows


def read_topic(path: Path, entities: Entities, content: bytes | None = None) -> Topic:
    """The topic of one file. Raises UsageError (file, line, key, what would be right).

    `content` is what was read of the file before, if it was.
    """
    content = read_file(path) if content is None else content
    table = read_table(path, content)
    table.only(_KEYS)
    topic_id = table.text("id", pattern=_ID, meaning="an id of lower-case letters, digits and hyphens")
    if topic_id != path.stem:
        table.refuse("id", f"{topic_id!r} is not the file's name; write {path.stem!r} or rename the file")
    facets = tuple(_facets(table, topic_id, entities))
    if not facets:
        table.refuse("facet", "empty; give a table [facet.NAME] for each theme that a piece must show")
    shadows = _terms(table, ("not",), Term("", scope=topic_id))
    base, weights = _weights(table)
    cues = {cue.name: cue for cue in _cues(table, topic_id)}
    _refuse_contradictions(table, facets, cues.values())
    _refuse_hidden(table, shadows, facets, cues.values(), entities)
    return Topic(
        id=topic_id,
        title=table.text("title", meaning="what people call the topic"),
        enabled=table.flag("enabled", default=True),
        threshold=table.number("threshold", low=0.01, high=1),
        base=base,
        weights=weights,
        facets=facets,
        cues=cues,
        shadows=shadows,
        tails=frozenset(fold(term.text).text for term in _terms(table, ("tail",), Term(""))),
        asides={term.facet: facet.name for facet in facets for term in facet.asides},
        rule_version=rule_version(topic_id, content, _used(facets, entities)),
        shown={entity.id: shown for entity in entities if (shown := _shown(facets, entity.id))},
    )


def rule_version(topic_id: str, content: bytes, entities: Iterable[object]) -> str:
    """Topic id and 8 hex digits of SHA-256 over the topic's file, the entities that it uses and the judging code."""
    digest = hashlib.sha256(content)
    for entity in entities:
        digest.update(repr(entity).encode("utf-8", "backslashreplace"))
    digest.update(_code())
    return f"{topic_id}-{digest.hexdigest()[:8]}"


@cache
def _code() -> bytes:
    return b"".join((Path(__file__).parent / name).read_bytes() for name in _JUDGING_CODE)


def _used(facets: Iterable[Facet], entities: Entities) -> Iterator[object]:
    """What of the entities bears on a topic: those that show a facet, and the longer names that may hide theirs."""
    shown = {entity_id for facet in facets for entity_id in facet.entities}
    for entity in entities:
        if entity.id in shown:
            yield entity
        else:
            yield entity.names
            yield entity.shadows


def _shown(facets: Iterable[Facet], entity_id: str) -> tuple[tuple[str, bool], ...]:
    return tuple((facet.name, facet.entities[entity_id]) for facet in facets if entity_id in facet.entities)


def _weights(table: Table) -> tuple[float, dict[str, float]]:
    points = dict(WEIGHTS)
    if "weights" in table.values:
        weights = sub_table(table, "weights")
        weights.only(WEIGHTS)
        points = {
            name: weights.number(name, low=-MOST_POINTS, high=MOST_POINTS, default=worth)
            for name, worth in WEIGHTS.items()
        }
    return points.pop("base"), points


def _cues(table: Table, topic_id: str) -> Iterator[Cue]:
    for name in sub_table(table, "cue").values if "cue" in table.values else ():
        cue = _nested(table, ("cue", name)) or table
        cue.only((*LANGUAGES, "weight"))
        if not re.fullmatch(_NAME, name):
            cue.refuse(name, "not a name; give lower-case letters, digits and underscores")
        if name in table.values["facet"]:
            cue.refuse(name, "a facet has this name; give the cue another")
        if name in WEIGHTS:
            cue.refuse(name, "a measure has this name; give the cue another")
        terms = _listed(cue, Term("", facet=name, scope=topic_id))
        if not terms:
            cue.refuse(name, "no words; give lists under en, fr, zh or any")
        yield Cue(name, cue.number("weight", low=-MOST_POINTS, high=MOST_POINTS), terms)


def _facets(table: Table, topic_id: str, entities: Entities) -> Iterator[Facet]:
    for name in sub_table(table, "facet").values:
        facet = _nested(table, ("facet", name)) or table
        facet.only(_FACET_KEYS)
        if not re.fullmatch(_NAME, name):
            facet.refuse(name, "not a name; give lower-case letters, digits and underscores")
        shown = entities.showing(name)
        for entity_id in facet.texts("entities"):
            if entity_id not in entities.by_id:
                facet.refuse(
                    "entities", f"{entity_id!r} is no entity of {entities.path}; correct it or add the entity there"
                )
            shown[entity_id] = True
        strong = _terms(table, ("facet", name, "strong"), Term("", facet=name, scope=topic_id))
        weak = _terms(table, ("facet", name, "weak"), Term("", facet=name, scope=topic_id, strong=False))
        if not strong and True not in shown.values():
            facet.refuse(name, f"nothing shows this facet strongly; give [facet.{name}.strong] or entities")
        asides = _terms(table, ("facet", name, "aside"), Term("", facet=f"aside:{name}", scope=topic_id))
        yield Facet(name, shown, strong + weak, asides)


def _refuse_contradictions(table: Table, facets: Iterable[Facet], cues: Iterable[Cue]) -> None:
    """Refuses a word that is hint and proof of one facet, or that two cues count."""
    for facet in facets:
        held: dict[tuple[str, str], str] = {}
        for term in facet.terms:
            strength = "strong" if term.strong else "weak"
            if holder_of(term, strength, held) != strength:
                table.refuse("facet", f"{term.text!r} is under strong and weak of {facet.name}; choose one")
    counted: dict[tuple[str, str], str] = {}
    for cue in cues:
        for term in cue.terms:
            if (holder := holder_of(term, cue.name, counted)) != cue.name:
                table.refuse("cue", f"{term.text!r} is a word of {holder} and of {cue.name}; choose one")


def _refuse_hidden(
    table: Table, shadows: Iterable[Term], facets: Iterable[Facet], cues: Iterable[Cue], entities: Entities
) -> None:
    """Refuses a word that would always hide what the topic looks for; of an entity's names it may hide all but one."""
    hidden = {search for term in shadows for search in searches(term)}
    sought: list[tuple[str, Iterable[Term]]] = [(f"the cue {cue.name}", cue.terms) for cue in cues]
    for facet in facets:
        sought.append((f"the facet {facet.name}", (*facet.terms, *facet.asides)))
        for entity in map(entities.by_id.__getitem__, facet.entities):
            called = [term for term in entity.names if term.text == entity.name]
            sought.append((f"{entity.id}, which shows {facet.name}", called))
    for holder, terms in sought:
        for term in terms:
            if not hidden.isdisjoint(searches(term)):
                table.refuse("not", f"{term.text!r} is a word of {holder}, which this would always hide")


def _terms(root: Table, keys: tuple[str, ...], like: Term) -> tuple[Term, ...]:
    """The terms of a table with a list for each language; none where the table is missing."""
    place = _nested(root, keys)
    if place is None:
        return ()
    place.only(LANGUAGES)
    return _listed(place, like)


def _listed(place: Table, like: Term) -> tuple[Term, ...]:
    """The terms of a table that has a list for each language."""
    for language in LANGUAGES:
        for text in place.texts(language):
            if not fold(text).text.strip():
                place.refuse(language, f"{text!r} holds nothing that could be found in a text")
    return tuple(
        replace(like, text=text, language=language) for language in LANGUAGES for text in place.texts(language)
    )


def _nested(root: Table, keys: tuple[str, ...]) -> Table | None:
    """The table under `[a.b.c]`, with its own lines and those of the tables in it; None where it is missing."""
    value: object = root.values
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        return None
    header = ".".join(keys)
    table = sub_table(Table(root.path, root.lines.get(keys[0], root.line), {header: value}, {}, root.document), header)
    inner = {key: _nested(root, (*keys, key)) for key, held in table.values.items() if isinstance(held, Mapping)}
    return replace(table, lines={**{key: held.line for key, held in inner.items() if held}, **table.lines})
