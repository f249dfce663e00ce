"""The alias table: whom and what the news names, in every language, with the facets of topics that they show.

Read from `config/entities.toml`. A misspelt key, a doubled id or name, or an entity that nothing can find is refused
with file, line and key, since each would fail silently later.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from technews.configuration import Table, read_tables
from technews.matching import Matcher, Term, fold, is_sought

if TYPE_CHECKING:
    from technews.publishers import Publisher

KINDS: Final = ("company", "person", "product", "model", "regulator", "media", "research", "place", "organization")
LANGUAGES: Final = ("any", "en", "fr", "zh")
_KEYS: Final = (
    "id",
    "name",
    "kind",
    *LANGUAGES,
    "not",
    "unless",
    "bare",
    "strong",
    "weak",
    "domains",
    "family",
    "country",
    "language",
)
_ID: Final = "[a-z0-9][a-z0-9-]*"
_FACET: Final = "[a-z][a-z0-9_]*"
_DOMAIN: Final = r"[a-z0-9-]+(\.[a-z0-9-]+)+"


@dataclass(frozen=True, slots=True)
class Entity:
    """A named thing. `names` are terms to be found; `shadows` phrases in which a name means something else.

    `doubts` are words of another subject that speak against the names; bare names need company (see
    `Entities.company`). `strong` facets the entity shows by itself,
    `weak` ones it only hints at. Publishers have web `domains`, and may have a `family` (owner), `country`
    (ISO 3166-1 alpha-2) and `language` (ISO 639-1).
    """

    id: str
    name: str
    kind: str
    names: tuple[Term, ...]
    shadows: tuple[Term, ...] = ()
    doubts: tuple[Term, ...] = ()
    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    family: str = ""
    country: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Entities:
    """All entities, by id, in the order of the file."""

    path: Path
    by_id: Mapping[str, Entity] = field(repr=False)

    def __iter__(self) -> Iterator[Entity]:
        """The entities in the order of the file."""
        return iter(self.by_id.values())

    def __len__(self) -> int:
        """How many entities there are."""
        return len(self.by_id)

    def terms(self) -> Iterator[Term]:
        """What is to be sought in a text: names, and what hides them or speaks against them."""
        for entity in self:
            yield from entity.names
            yield from entity.shadows
            yield from entity.doubts

    def company(self, entity_id: str) -> frozenset[str]:
        """The entities beside which a bare name of this one is believed: those that strongly show a facet of its own.

        It is one of them itself, by another name than a bare one.
        """
        strong = set(self.by_id[entity_id].strong)
        return frozenset(entity.id for entity in self if entity.id == entity_id or strong.intersection(entity.strong))

    def showing(self, facet: str) -> dict[str, bool]:
        """The ids of the entities that show a facet: True where strongly, False where weakly."""
        weak = {entity.id: False for entity in self if facet in entity.weak}
        return weak | {entity.id: True for entity in self if facet in entity.strong}


def read_entities(path: Path, content: bytes | None = None) -> Entities:
    """The entities of a TOML file. Raises UsageError (file, line, key, what would be right).

    `content` is what was read of the file before, if it was.
    """
    by_id: dict[str, Entity] = {}
    holders: dict[tuple[str, str], str] = {}
    called: dict[str, str] = {}
    publishers: dict[str, str] = {}
    for table in read_tables(path, "entity", content):
        entity = _entity(table)
        if entity.id in by_id:
            table.refuse("id", f"{entity.id!r} is there already; ids are unique")
        for term in entity.names:
            if (holder := holder_of(term, entity.id, holders)) != entity.id:
                table.refuse(term.language, f"{term.text!r} already names {holder!r}; a name means one entity")
        if called.setdefault(entity.name, entity.id) != entity.id:
            table.refuse(
                "name", f"{entity.name!r} is the name of {called[entity.name]!r} already; rows could not be told apart"
            )
        for domain in entity.domains:
            if publishers.setdefault(domain, entity.id) != entity.id:
                table.refuse(
                    "domains", f"{domain} already belongs to {publishers[domain]!r}; a domain has one publisher"
                )
        by_id[entity.id] = entity
    return Entities(path, by_id)


def searches(term: Term) -> list[tuple[str, str]]:
    """What a term is found as: its folded text in each language in which it is sought. Terms that share one clash."""
    folded = fold(term.text).text
    return [(language, folded) for language in LANGUAGES[1:] if is_sought(term, language)]


def holder_of(term: Term, claimant: str, holders: dict[tuple[str, str], str]) -> str:
    """Who holds what a term is found as: another, or from now on the claimant."""
    held = [holders.setdefault(search, claimant) for search in searches(term)]
    return next((holder for holder in held if holder != claimant), claimant)


def publishers_of(entities: Entities) -> tuple["Publisher", ...]:
    """The entities that publish: those with web domains."""
    from technews.publishers import Publisher  # noqa: PLC0415 - judging needs no publishers, and starts faster without

    return tuple(
        Publisher(e.id, e.name, e.domains, e.family or None, e.country or None, e.language or None)
        for e in entities
        if e.domains
    )


def _entity(table: Table) -> Entity:
    table.only(_KEYS)
    entity_id = table.text("id", pattern=_ID, meaning="an id of lower-case letters, digits and hyphens")
    bare = table.texts("bare")
    names = tuple(
        Term(_findable(table, language, text), language, entity=entity_id, bare=text in bare)
        for language in LANGUAGES
        for text in table.texts(language)
    )
    entity = Entity(
        id=entity_id,
        name=table.text("name", meaning="the common English name"),
        kind=table.text("kind", pattern="|".join(KINDS), meaning=f"one of {', '.join(KINDS)}"),
        names=names,
        shadows=tuple(Term(_findable(table, "not", text)) for text in table.texts("not")),
        doubts=tuple(
            Term(_findable(table, "unless", text), entity=entity_id, doubt=True) for text in table.texts("unless")
        ),
        strong=_words(table, "strong", _FACET, "facet names, as topics have them"),
        weak=_words(table, "weak", _FACET, "facet names, as topics have them"),
        domains=_words(table, "domains", _DOMAIN, "web domains in lower case, such as reuters.com"),
        family=table.text("family", default="-") if "family" in table.values else "",
        country=_code(table, "country", "[A-Z]{2}", "an ISO 3166-1 code such as FR"),
        language=_code(table, "language", "[a-z]{2}", "an ISO 639-1 code such as fr"),
    )
    if not names and not entity.domains:
        table.refuse("id", f"{entity_id!r} has neither names nor domains, so nothing would ever find it")
    hidden = {fold(term.text).text for term in entity.shadows}
    if own := next((term.text for term in names if fold(term.text).text in hidden), None):
        table.refuse("not", f"{own!r} is a name of the entity itself, which this would always hide")
    against = Matcher(entity.doubts)
    if own := next((term.text for term in names if against.find(term.text, "any")), None):
        table.refuse("unless", f"a word of this stands in {own!r}, so that name would always speak against itself")
    if strange := set(bare).difference(term.text for term in names):
        table.refuse("bare", f"{min(strange)!r} is no name of the entity; list it under any, en, fr or zh too")
    if both := set(entity.strong) & set(entity.weak):
        table.refuse("weak", f"{min(both)!r} is under strong too; an entity shows a facet either way")
    return entity


def _findable(table: Table, key: str, text: str) -> str:
    if not fold(text).text.strip():
        table.refuse(key, f"{text!r} holds nothing that could be found in a text")
    return text


def _words(table: Table, key: str, pattern: str, meaning: str) -> tuple[str, ...]:
    for text in table.texts(key):
        if not re.fullmatch(pattern, text):
            table.refuse(key, f"{text!r}: give {meaning}")
    return table.texts(key)


def _code(table: Table, key: str, pattern: str, meaning: str) -> str:
    return table.text(key, pattern=pattern, meaning=meaning) if key in table.values else ""
