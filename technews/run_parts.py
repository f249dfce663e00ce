"""What every run works with that makes articles of pages: the rules, the cleaners, the judge, the validation suite.

Heavy parts are made when the first page needs them, so that a quiet run stays cheap.
"""

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from technews.ledger import KnownFeed, Ledger
from technews.relevance import Judge
from technews.rules import Rules
from technews.validation import ArticleSuite
from technews.warehouse import Row
from technews.workers import Cleaners

_log: Final = logging.getLogger("technews")


class RunParts:
    """The parts of a run that the steps between the raw page and the load share; `deadline` in monotonic seconds."""

    ledger: Ledger

    def __init__(self, rules: Rules, cleaners: Cleaners, deadline: float) -> None:
        """The cleaners are opened and closed by whoever makes the run."""
        self.rules, self.cleaners, self.deadline = rules, cleaners, deadline
        self.feeds: dict[str, KnownFeed] = {}
        self.done = 0

    @cached_property
    def suite(self) -> ArticleSuite:
        """The validation suite; making it imports Great Expectations, which takes seconds."""
        return ArticleSuite()

    @cached_property
    def judge(self) -> Judge:
        """The judge of all enabled topics."""
        return self.rules.judge()

    @property
    def total(self) -> int | None:
        """How many entries this run will have done at its end, as far as it knows."""
        return None

    def say(self, line: str) -> None:
        """One line of the run's story, with how far it is."""
        _log.info(line, extra={"done": self.done, "total": self.total})

    def trouble(self) -> list[str]:
        """Why this run is not as it should be, in words; empty for a good one."""
        return []

    def stored_sources(self, article_ids: Sequence[str]) -> dict[str, Row]:
        """From which archived pages the current revisions of these articles were made."""
        return self.ledger.current_sources(article_ids)
