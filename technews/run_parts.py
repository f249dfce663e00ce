"""What every run works with that makes articles of pages: the rules, the cleaners, the judge, the validation suite.

Heavy parts are made, and their modules imported, when the first page needs them, so that a quiet run stays cheap.
"""

import logging
import math
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Final

from technews.ledger import KnownFeed, Ledger
from technews.records import Article, Rejection
from technews.rules import Rules
from technews.warehouse import Row

if TYPE_CHECKING:
    from technews.relevance import Judge
    from technews.validation import ArticleSuite
    from technews.workers import Cleaners

_log: Final = logging.getLogger("technews")


class RunParts:
    """The parts of a run that the steps between the raw page and the load share."""

    ledger: Ledger

    def __init__(self, rules: Rules, parts: ExitStack, *, look_ahead: bool, deadline: float = math.inf) -> None:
        """What this run opens on need is closed with `parts`; `deadline` is in monotonic seconds.

        With `look_ahead`, a page that lacks what every topic needs is not extracted.
        """
        self.rules, self.deadline = rules, deadline
        self.feeds: dict[str, KnownFeed] = {}
        self.done = self.validated = 0
        self._parts, self._look_ahead = parts, look_ahead

    @cached_property
    def cleaners(self) -> "Cleaners":
        """The pool that cleans pages."""
        from technews.workers import Cleaners  # noqa: PLC0415 -- for pages alone

        needs = self.rules.needs() if self._look_ahead else None
        return self._parts.enter_context(Cleaners(needs=needs, deadline=self.deadline))

    @cached_property
    def suite(self) -> "ArticleSuite":
        """The validation suite; making it imports Great Expectations, which takes seconds."""
        from technews.validation import ArticleSuite  # noqa: PLC0415 -- for pages alone

        return ArticleSuite()

    def foresee(self, item: Article | Rejection) -> None:
        """Makes the suite ready with the first article whose title shows all facets, while the workers read on.

        It loads as long as they need for a hundred pages. The text is judged later, once, by the filter.
        """
        if "suite" in vars(self) or not isinstance(item, Article) or item.verdicts:
            return
        if any(all(verdict.matches.values()) for verdict in self.judge.judge(item.title, "", item.language)):
            _ = self.suite

    @cached_property
    def judge(self) -> "Judge":
        """The judge of all enabled topics."""
        return self.rules.judge()

    @property
    def total(self) -> int | None:
        """How many entries this run will have done at its end, as far as it knows."""
        return None

    def say(self, line: str, *, warns: bool = False) -> None:
        """One line of the run's story, with how far it is; `warns` where something is not as it should be."""
        level = logging.WARNING if warns else logging.INFO
        _log.log(level, line, extra={"done": self.done, "total": self.total})

    def trouble(self) -> list[str]:
        """Why this run is not as it should be, in words; empty for a good one."""
        return []

    def stored_sources(self, article_ids: Sequence[str]) -> dict[str, Row]:
        """From which archived pages the current revisions of these articles were made."""
        return self.ledger.current_sources(article_ids)
