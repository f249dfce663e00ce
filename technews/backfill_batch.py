"""The documents of a backfill on their way: a stretch of its sources, then the batch that the workers read. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from technews.extraction import CLEANER_VERSION
from technews.placement import Asked, Recleaned, Record, Target, is_read_for
from technews.records import Article, Judged, Page, Rejection
from technews.workers import Answers


class Position(NamedTuple):
    """How far a source is read: the offset at which it goes on, and the documents before it."""

    offset: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Documents that stand together in the sources, and how far these are read once they are settled, by source."""

    documents: Sequence[Asked]
    reached: Mapping[str, Position]


@dataclass(slots=True)
class Batch:
    """A stretch at work: its documents by key, as pages; then the stored pages that they are compared with."""

    stretch: Stretch
    asked: dict[str, Asked] = field(default_factory=dict)
    documents: list[Page | Rejection] = field(default_factory=list)
    stored: dict[Record, Page | None] = field(default_factory=dict)
    recleaned: Recleaned = field(default_factory=dict)
    cleaning: Answers = field(default_factory=lambda: iter(()))

    @property
    def pages(self) -> list[Page | Rejection]:
        """All that is to be cleaned."""
        return [*self.documents, *filter(None, self.stored.values())]

    def set_aside_stored(self, cleaned: Sequence[Article | Rejection]) -> list[Article | Rejection]:
        """The documents among what was cleaned; the stored pages behind them are kept for comparing."""
        records = [record for record, page in self.stored.items() if page]
        cut = len(self.documents)
        pairs = zip(records, cleaned[cut:], strict=True)
        self.recleaned = {record: article for record, article in pairs if isinstance(article, Article)}
        return list(cleaned[:cut])

    def is_read_for(self, asked: Asked, item: Judged | Rejection, target: Target | None) -> bool:
        """Whether the page, and those that it is compared with, were read for what the ledger knows by now."""
        compared = target.neighbours(asked.document.fetched_at) if target else []
        return is_read_for(item, asked.reader, target) and all(
            version.says.cleaner_version == CLEANER_VERSION or (target and target.record(version) in self.stored)
            for version in compared
        )
