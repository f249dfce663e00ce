"""What topics need of a page: the facets of each, and all names and words that can show one of them.

Light enough to be sent to worker processes: neither the topics' weights nor the entities' other facts go along.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from technews.entities import Entities
from technews.matching import Term
from technews.topics import Topic


@dataclass(frozen=True, slots=True)
class TopicNeed:
    """A topic that keeps nothing in which one of its facets does not show."""

    topic_id: str
    threshold: float
    rule_version: str
    facets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """The needs of several topics: each term with the topics' facets that it can show, strongly or weakly."""

    topics: tuple[TopicNeed, ...]
    terms: tuple[tuple[Term, frozenset[tuple[str, str]]], ...]

    @classmethod
    def of(cls, topics: Iterable[Topic], entities: Entities) -> Self:
        """The needs of these topics. Words that only hide or doubt others show nothing, and are left out."""
        topics = tuple(topics)
        terms = [*entities.terms(), *(term for topic in topics for term in topic.terms())]
        shown = ((term, _shown_by(term, topics)) for term in dict.fromkeys(terms) if not (term.is_shadow or term.doubt))
        return cls(
            tuple(TopicNeed(t.id, t.threshold, t.rule_version, tuple(f.name for f in t.facets)) for t in topics),
            tuple((term, facets) for term, facets in shown if facets),
        )


def _shown_by(term: Term, topics: Iterable[Topic]) -> frozenset[tuple[str, str]]:
    own = {(term.scope, term.facet)} if term.facet else set()
    return frozenset(own | {(topic.id, facet) for topic in topics for facet, _ in topic.shown.get(term.entity, ())})
