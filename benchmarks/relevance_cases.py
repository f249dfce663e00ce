"""Pieces with the right answer: the project's own hard cases, short and long, and the labelled set beside the project.

Long pieces are put together from paragraphs. A kind says what a page is made of (`KEPT`, `DROPPED`): a piece about the
topic with background, a review with one aside, a digest of separate stories, a page with other headlines around it.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SHORT = ROOT / "tests" / "data" / "relevance-short.txt"
UNSEEN = ROOT / "tests" / "data" / "relevance-unseen.txt"
PARAGRAPHS = ROOT / "tests" / "data" / "relevance-paragraphs.txt"
LABELLED = ROOT / ".." / "shared" / "data" / "relevance" / "items.jsonl"
LANGUAGES = ("en", "fr", "zh")


class Case(NamedTuple):
    """A piece, and whether a careful reader would keep it. Cases of one `event` (or kind) belong together."""

    kind: str
    language: str
    relevant: bool
    title: str
    text: str
    event: str
    borderline: bool = False
    source: str = ""
    id: str = ""


class Kind(NamedTuple):
    """A kind of page: the theme of its title, of its lead, and of its paragraphs."""

    name: str
    title: str
    lead: str
    body: tuple[tuple[str, int], ...]
    end: tuple[tuple[str, int], ...] = ()  # stands last, in this order


KEPT = (
    Kind("about, with background", "about-title", "about", (("about", 5), ("apple", 1), ("china-ai", 2))),
    Kind("about, all through", "about-title", "about", (("about", 5),)),
    Kind("about, dull title", "dull-title", "about", (("about", 4), ("apple-ai", 2), ("apple-china", 1))),
    Kind("about, much background", "about-title", "about", (("about", 4), ("other", 3), ("china-ai", 2))),
    Kind("about, late lead", "about-title", "apple-ai", (("about", 5), ("apple-china", 2))),
    Kind("sales, for want of AI", "apple-china-title", "about", (("about", 4), ("apple-china", 3))),
    Kind("the partner's shares", "china-ai-title", "about", (("about", 3), ("china-ai", 2))),
    Kind("delayed lede", "dull-title", "scene", (("about", 6),)),
    Kind("delayed lede, background", "dull-title", "scene", (("about", 6), ("apple-china", 1), ("china-ai", 1))),
    Kind("delayed lede, more scenes", "dull-title", "scene", (("about", 6), ("other", 2), ("apple", 1))),
    Kind("delayed lede, named in the title", "apple-china-title", "scene", (("about", 5), ("apple-china", 2))),
    Kind("about, with a list", "about-title", "about", (("about", 4), ("apple", 2)), (("headline", 6),)),
)
DROPPED = (
    Kind("review, one aside", "apple-ai-title", "apple-ai", (("apple-ai", 5), ("apple", 2), ("aside", 1))),
    Kind("review, no body on it", "apple-ai-title", "apple-ai", (("apple-ai", 5), ("apple-china", 1))),
    Kind("Chinese AI, one aside", "china-ai-title", "china-ai", (("china-ai", 5), ("aside-apple", 1))),
    Kind("Chinese AI, two asides", "china-ai-title", "china-ai", (("china-ai", 5), ("aside-apple", 2))),
    Kind("sales, one aside", "apple-china-title", "apple-china", (("apple-china", 5), ("ai", 1))),
    Kind("sales, rivals' AI", "apple-china-title", "apple-china", (("apple-china", 5), ("china-ai", 1))),
    Kind("digest", "dull-title", "other", (("apple-ai", 1), ("china-ai", 2), ("apple-china", 1), ("other", 4))),
    Kind("digest with it", "dull-title", "other", (("about", 1), ("china-ai", 2), ("ai", 2), ("other", 6))),
    Kind("digest, led by it", "dull-title", "apple", (("china-ai", 3), ("ai", 3), ("apple-china", 2))),
    Kind("morning brief", "digest-title", "brief", (("brief", 10),)),
    Kind("morning brief, told", "digest-title", "apple", (("brief", 4), ("china-ai", 2), ("ai", 2))),
    Kind("separate halves", "dull-title", "ai", (("apple-ai", 3), ("china-ai", 3), ("ai", 2))),
    Kind("headlines at the end", "apple-title", "apple", (("apple", 4), ("other", 2)), (("headline", 7),)),
    Kind("a heading first", "apple-title", "apple", (("apple", 4),), (("heading", 1), ("about", 3))),
    Kind("headlines within", "apple-title", "apple", (("apple", 4), ("other", 3), ("headline", 4))),
    Kind("far apart", "dull-title", "other", (("other", 9), ("apple", 1), ("china-ai", 1), ("ai", 1))),
    Kind("markets", "dull-title", "markets", (("markets", 4), ("other", 2))),
    Kind("scene, then one aside", "dull-title", "scene", (("other", 7), ("apple-ai", 2), ("aside", 1))),
    Kind("scene, told last", "dull-title", "scene", (("other", 12), ("apple", 3)), (("about", 1),)),
    Kind("scene, then separate halves", "dull-title", "scene", (("apple-ai", 4), ("china-ai", 4), ("apple-china", 1))),
    Kind("scene, then Chinese AI", "dull-title", "scene", (("china-ai", 6), ("ai", 2), ("aside-apple", 1))),
    Kind("scene, then sales", "apple-china-title", "scene", (("apple-china", 6), ("apple", 2), ("china-ai", 1))),
    Kind("fruit", "fruit-title", "fruit", (("fruit", 4), ("other", 1))),
    Kind("rival phone", "rival-title", "rival", (("rival", 4), ("china-ai", 1))),
    Kind("apps and charts", "chart-title", "chart", (("chart", 4), ("china-ai", 1))),
)


def pools() -> dict[tuple[str, str], list[str]]:
    """The paragraphs by language and theme. A line `== language theme` opens each list; one paragraph a line."""
    found: dict[tuple[str, str], list[str]] = {}
    at: list[str] = []
    for line in PARAGRAPHS.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            _, language, theme = line.split()
            at = found.setdefault((language, theme), [])
        elif line and not line.startswith("#"):
            at.append(line)
    return found


def short_cases(path: Path = SHORT) -> list[Case]:
    """The project's own titles and summaries, one a line of the file; `UNSEEN` holds those not learnt from."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    rows = [[part.strip() for part in f"{line} ".split(" | ")] for line in lines]
    return [Case(k, language, want == "keep", title, text, f"short {k}") for k, language, want, title, text in rows]


def labelled_cases() -> list[Case]:
    """The labelled set; empty where it does not lie beside the project. The kind is how an item differs at heart."""
    if not LABELLED.is_file():
        return []
    items = map(json.loads, LABELLED.read_text(encoding="utf-8").splitlines())
    return [
        Case(
            kind=_kind_of(item["why"], relevant=item["label"] == "relevant"),
            language=item["lang"],
            relevant=item["label"] == "relevant",
            title=item["title"],
            text=item["text"],
            event=item["event"] or item["id"],
            borderline=item["borderline"],
            source=item["source"] if isinstance(item["source"], str) else item["source"].get("title", ""),
            id=item["id"],
        )
        for item in items
    ]


def _kind_of(why: str, *, relevant: bool) -> str:
    """What an irrelevant item lacks or looks like, as the labeller began to say."""
    return "relevant" if relevant else why.replace(";", ",").replace(":", ",").split(",")[0][:40]


def long_cases(variants: int = 3) -> Iterator[Case]:
    """Every kind in every language, a few times over, with other paragraphs in another order; always the same."""
    paragraphs = pools()
    for kind in (*KEPT, *DROPPED):
        for language in LANGUAGES:
            for variant in range(variants):
                chance = random.Random(f"{kind.name} {language} {variant}")  # noqa: S311 - repeatable, nothing secret
                yield _composed(kind, language, paragraphs, chance, variant + 1)


def _longer(body: tuple[tuple[str, int], ...], times: int) -> tuple[tuple[str, int], ...]:
    """The same page, several times as long; what stands there once still does."""
    return tuple((theme, count if count == 1 else count * times) for theme, count in body)


def _composed(
    kind: Kind, language: str, paragraphs: dict[tuple[str, str], list[str]], chance: random.Random, times: int
) -> Case:
    def some(theme: str, count: int) -> list[str]:
        pool = paragraphs[language, theme]
        return [text for _ in range(-(-count // len(pool))) for text in chance.sample(pool, len(pool))][:count]

    lead = some(kind.lead, 1)
    body = [text for theme, count in _longer(kind.body, times) for text in some(theme, count) if text not in lead]
    chance.shuffle(body)
    end = [text for theme, count in kind.end for text in some(theme, count)]
    (title,) = some(kind.title, 1)
    text = "\n".join([*lead, *body, *end])
    return Case(kind.name, language, kind in KEPT, title, text, f"long {kind.name}")
