"""Thirty pages made to hang, kill or bloat a worker among 300 good ones, with the limits of a real run.

Usage: python -m benchmarks.poison [SECONDS]      (default: the real limit of 20 seconds a page)

Prints what became of each poison page, how many good ones were cleaned, and how long it took with and without poison.
"""

import sys
import time
from collections.abc import Sequence

from technews.extraction import Extraction, NotAnArticle
from technews.workers import TIME_LIMIT, Cleaners
from tests.poison import POISON

GOOD = 300
Source = tuple[bytes, str | None, str | None]


def good(number: int) -> Source:
    """An ordinary article."""
    text = "".join(f"<p>Paragraph {i} of story {number}: the foundry opens its hall.</p>" for i in range(40))
    body = f"<html><head><title>Story {number}</title></head><body><article>{text}</article></body></html>"
    return body.encode(), "text/html", f"https://ledger.example/{number}"


def cleaned(sources: Sequence[Source], limit: float) -> tuple[list[Extraction | NotAnArticle], float]:
    """What becomes of the pages in a new pool, and in how many seconds."""
    with Cleaners(limit=limit) as cleaners:
        begun = time.monotonic()
        answers = cleaners.clean_all(sources)
        return answers, time.monotonic() - begun


def main(limit: float) -> None:
    """Prints the figures."""
    bad = [(name, (make(), "text/html", f"https://poison.example/{name}")) for name, make in POISON.items()]
    articles = [good(number) for number in range(GOOD)]
    mixed = [*articles]
    for place, (_, source) in enumerate(bad):
        mixed.insert(place * 11 + 5, source)
    _, alone = cleaned(articles, limit)
    answers, together = cleaned(mixed, limit)
    of = {source[2]: answer for source, answer in zip(mixed, answers, strict=True)}
    for name, (_, _, url) in bad:
        answer = of[url]
        failed = isinstance(answer, NotAnArticle)
        words = f"{answer.reason}: {answer.detail}" if failed else f"{len(answer.text):,} characters"
        print(f"  {name:44s} {words[:70]}")
    whole = sum(isinstance(of[url], Extraction) for _, _, url in articles)
    print(f"{whole} of {GOOD} good pages cleaned; each of {len(bad)} poison pages has an answer; {limit:g} s a page")
    print(f"{alone:.1f} s for the good ones alone, {together:.1f} s with the poison among them")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else TIME_LIMIT)
