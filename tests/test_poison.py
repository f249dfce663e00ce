"""Poison among good pages: every good one is cleaned, every other ends with an answer, and nothing hangs."""

import time

from poison import POISON

from technews.extraction import MAX_TEXT, Extraction, NotAnArticle
from technews.workers import Cleaners

_LIMIT = 5.0


def _good(number: int) -> tuple[bytes, str | None, str | None]:
    text = "".join(
        f"<p>Paragraph {i} of story {number}: the foundry at the harbour opens its hall.</p>" for i in range(9)
    )
    body = f"<html><head><title>Story {number}</title></head><body><article>{text}</article></body></html>"
    return body.encode(), "text/html", f"https://ledger.example/{number}"


def test_poison_among_good_pages_costs_only_itself() -> None:
    """30 pages made to hang, kill or bloat a worker among 300 good ones: 300 cleaned, the rest with a reason or a text."""
    poison = [(make(), "text/html", f"https://poison.example/{number}") for number, make in enumerate(POISON.values())]
    good = [_good(number) for number in range(300)]
    mixed = [
        source
        for number, source in enumerate(good)
        for source in ([source, poison[number // 10]] if number % 10 == 5 else [source])
    ]
    begun = time.monotonic()
    with Cleaners(limit=_LIMIT, workers=2) as cleaners:
        answers = cleaners.clean_all(mixed)
    assert time.monotonic() - begun < _LIMIT * len(poison) + 60
    of_good = [answer for source, answer in zip(mixed, answers, strict=True) if "ledger" in (source[2] or "")]
    of_poison = [answer for source, answer in zip(mixed, answers, strict=True) if "poison" in (source[2] or "")]
    assert len(of_poison) == len(POISON) == 30
    assert [answer.title for answer in of_good if isinstance(answer, Extraction)] == [f"Story {n}" for n in range(300)]
    assert all(isinstance(answer, NotAnArticle) or len(answer.text) <= MAX_TEXT for answer in of_poison)
