"""Looks at a whole page before its article is extracted: where a facet that a topic needs is nowhere, none can keep it.

Keeps to one side: whatever could become part of title or text counts, in every language and however a reading might
join its pieces, so that no article is lost that extraction would have shown to be on topic. (One thing is not undone:
names written without capitals count in titles, not in an article of 200 characters that has none.) Pure; for workers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

from lxml import etree

from technews.documents import BLOCK, Element, fragment_text, strings, visible_text
from technews.extraction import OffTopic, Told, content_hash
from technews.main_text import stated_text
from technews.matching import Match, Matcher, Term
from technews.metadata import Metadata
from technews.needs import Needs
from technews.page_kinds import refusal_of
from technews.passages import unwrapped
from technews.records import Evidence, Reason, Verdict, sound_text

_SHORT: Final = 3_000  # bytes of visible text: a page with less is read quickly, and may be a shell or a wall
_SHOWN: Final = 3
_AROUND: Final = 40
_WITHIN_WORDS: Final = frozenset("-'\u2019\u00ad\u200b")
_REACH: Final = 40  # characters on each side of an element that a reading may leave out
_PIECES: Final = etree.XPath("//text()[not(parent::script or parent::style)]")


@dataclass(frozen=True, slots=True)
class _Field:
    """A text that is looked through, by the name that evidence gives it."""

    name: str
    text: str


class _Found(NamedTuple):
    """A match in a field, with the topics' facets that show there first."""

    field: _Field
    match: Match
    facets: frozenset[tuple[str, str]]


class Lookout:
    """What all topics need, compiled for one pass over a page."""

    def __init__(self, needs: Needs) -> None:
        """Names and words count in every language here: which one the text is in is known only once it is extracted."""
        self._needs = needs
        self._facets: dict[Term, frozenset[tuple[str, str]]] = {}
        for term, facets in needs.terms:
            anywhere = replace(term, language="any")
            self._facets[anywhere] = self._facets.get(anywhere, frozenset()) | facets
        self._matcher = Matcher(self._facets)
        self._wanted = [{(topic.topic_id, facet) for facet in topic.facets} for topic in needs.topics]

    def look(
        self, told: Told, tree: Element, url: str | None, stated: Sequence[dict[str, Any]], outline: Metadata
    ) -> OffTopic | None:
        """The page as one that no topic can keep; None where it has to be read."""
        titles = (_Field("title", outline.title), _Field("feed title", told.title))
        if self._is_enough(each for field in titles for each in self._found(field, frozenset())):
            return None  # its titles say so: nothing else need be looked through
        pieces = _pieces(tree)
        apart = sound_text(_one_line(" ".join(pieces)))
        if len(apart.encode()) < _SHORT:
            return None

        def fields() -> Iterator[_Field]:
            yield _Field("page", apart)
            yield from titles
            yield from (_Field("feed text", fragment_text(part)) for part in (told.content, told.summary))
            yield _Field("data", _data(stated))
            yield _Field("joined", _joined(tree, pieces))

        # What the page tells is told again by title, feed and data, and counted once: where a facet shows first.
        found: list[_Found] = []
        shown: frozenset[tuple[str, str]] = frozenset()
        for field in fields():
            new = self._found(field, shown)
            found += new
            shown = shown.union(*(each.facets for each in new))
            if self._is_enough(found):
                return None
        if _is_refused(tree, url, outline, apart):
            return None
        return OffTopic(
            title=outline.title or told.title,
            canonical_url=outline.canonical_url,
            site_name=outline.site_name,
            language=outline.language,
            content_hash=content_hash(outline.title or told.title, apart),
            verdicts=tuple(self._verdicts(found, outline.language or told.language)),
        )

    def _is_enough(self, found: Iterable[_Found]) -> bool:
        """Whether these matches show all facets that a topic needs."""
        shown = {facet for each in found for facet in each.facets}
        return any(wanted <= shown for wanted in self._wanted)

    def _found(self, field: _Field, shown: frozenset[tuple[str, str]]) -> list[_Found]:
        """The matches in a field that show facets which do not show yet, in the text as it is judged: unwrapped."""
        found = self._matcher.find(unwrapped(field.text), "any")
        matches = ((match, self._facets[match.term] - shown) for match in found)
        return [_Found(field, match, facets) for match, facets in matches if facets]

    def _verdicts(self, found: Sequence[_Found], language: str) -> Iterator[Verdict]:
        for topic in self._needs.topics:
            signs = {
                facet: [each for each in found if (topic.topic_id, facet) in each.facets] for facet in topic.facets
            }
            yield Verdict(
                topic_id=topic.topic_id,
                relevant=False,
                score=0.0,
                threshold=topic.threshold,
                rule_version=topic.rule_version,
                reason=Reason.FACET_MISSING,
                matches={facet: len(of_facet) for facet, of_facet in signs.items()},
                evidence=tuple(
                    _evidence(facet, each.field, each.match, language)
                    for facet, of_facet in signs.items()
                    for each in of_facet[:_SHOWN]
                ),
            )


def _evidence(facet: str, field: _Field, match: Match, language: str) -> Evidence:
    return Evidence(
        facet=facet,
        entity=match.term.entity,
        term=field.text[match.start : match.end],
        field=field.name,
        language=language,
        start=match.start,
        snippet=field.text[max(0, match.start - _AROUND) : match.end + _AROUND],
    )


def _is_refused(tree: Element, url: str | None, outline: Metadata, apart: str) -> bool:
    """Whether the page may be no article at all, which is to be said of it rather than that it is off topic."""
    text = apart if outline.is_article else visible_text(tree)
    return refusal_of(url, text, outline, tree) is not None


def _pieces(tree: Element) -> list[Any]:
    """The texts of all nodes, also of those that only a reading could show; no scripts. Each knows its element."""
    found: Any = _PIECES(tree)
    return list(found)


def _joined(tree: Element, pieces: Sequence[Any]) -> str:
    """What meets where pieces are read without a space between them, or an element between them is left out.

    A drop cap and its word, for instance, or a word and what follows the number of its footnote.
    """
    return sound_text("\n".join([*_runs(pieces), *_bridges(tree)]))


def _runs(pieces: Sequence[Any]) -> Iterator[str]:
    """Each few pieces that stand letter to letter within a block, as one."""
    sticking = [_sticks(left, right) for left, right in pairwise(pieces)]
    for start in (index for index, sticks in enumerate(sticking) if sticks):
        window, at = pieces[start][-_REACH:], start
        while at < len(sticking) and sticking[at] and len(window) <= 2 * _REACH:
            at += 1
            yield _one_line(window + pieces[at][:_REACH])
            window += pieces[at]


def _sticks(left: Any, right: Any) -> bool:  # noqa: ANN401 - texts that know their element, which lxml leaves untyped
    """Whether two pieces may be read as one word: letter meets letter, and no block begins or ends between them."""
    last, first = left[-1], right[0]
    return (
        (last.isalnum() or last in _WITHIN_WORDS)
        and (first.isalnum() or first in _WITHIN_WORDS)
        and not _opens_block(right)
    )


def _opens_block(piece: Any) -> bool:  # noqa: ANN401 - see above
    """Whether the last tag before a piece, or one that only other tags part from it, is that of a block."""
    node = piece.getparent()
    if piece.is_tail:
        return node.tag in BLOCK
    while node.tag not in BLOCK:
        before, parent = node.getprevious(), node.getparent()
        if before is not None:
            return not before.tail and before.tag in BLOCK
        if parent is None or parent.text:
            return False
        node = parent
    return True


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _bridges(tree: Element) -> Iterator[str]:
    for element in tree.iter():
        tail = element.tail
        if not tail or tail.isspace():
            continue
        before, parent = element.getprevious(), element.getparent()
        while before is not None and not before.tail:
            before = before.getprevious()
        lead = (parent.text if parent is not None else "") if before is None else before.tail
        if lead and not lead.isspace():
            yield _one_line(lead[-_REACH:] + tail[:_REACH])


def _data(stated: Sequence[dict[str, Any]]) -> str:
    """What the page states about itself as JSON-LD; what a title is made of is looked at as the title."""
    said = [text for item in stated for key in ("headline", "description") for text in strings(item.get(key))]
    return "\n".join([*said, stated_text(stated)])
