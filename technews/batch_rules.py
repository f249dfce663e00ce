"""Rules on a batch as a whole: what share failed, was empty or carried no date, against each feed's own past.

One bad page is the page's; many at once are a changed site, a block or a fault of ours. Pure: counts in, words out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

MIN_BATCH: Final = 10  # below it a share says nothing
MIN_PAST: Final = 20  # below it a feed has no past of its own
LEAST_RISE: Final = 0.25


@dataclass(frozen=True, slots=True)
class BatchRule:
    """A fault, the column that counts it, the one that counts what could have it, and how it is said.

    `without_past`: the share from which it is unusual for a feed that has no past yet; 1 = never.
    """

    fault: str
    of: str
    words: str
    without_past: float = 0.9


RULES: Final = (
    BatchRule("failed", "entries", "of {of} pages, {share} could not be read"),
    BatchRule("empty", "entries", "of {of} pages, {share} held no article"),
    BatchRule(
        "dateless", "articles", "of {of} articles, {share} had no date", without_past=1
    ),  # some feeds never state one
)


def unusual(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is out of the ordinary in a run's rows of `reports/batch_shares`, in words."""
    found = []
    for row in rows:
        for rule in RULES:
            bad, of = row[rule.fault], row[rule.of]
            past_bad, past_of = row[f"past_{rule.fault}"], row[f"past_{rule.of}"]
            if is_unusual(bad, of, past_bad, past_of, rule.without_past):
                who = f"feed {row['feed_id']}" if row["feed_id"] else "all feeds together"
                before = f", before {past_bad / past_of:.0%}" if past_of >= MIN_PAST else ""
                found.append(f"{who}: {rule.words.format(of=of, share=f'{bad / of:.0%}')}{before}")
    return found


def is_unusual(bad: int, of: int, past_bad: int, past_of: int, without_past: float) -> bool:
    """Whether `bad` of `of` is more than the past lets expect.

    That is a quarter of the batch more than the past share, and three standard deviations of a batch of this size.
    """
    if of < MIN_BATCH:
        return False
    if past_of < MIN_PAST:
        return bad / of > without_past
    usual = (past_bad + 1) / (past_of + 2)  # never quite 0 or 1, however clean the past
    return bad / of > usual + max(LEAST_RISE, 3 * sqrt(usual * (1 - usual) / of))
