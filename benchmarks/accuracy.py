"""How well pages are read: text against gold by F1, title, day and author by equality; ours beside bare trafilatura.

Usage: python -m benchmarks.accuracy [FOLDER]      (default: ../shared/data, with pages/index.jsonl and gold files)

F1 is over the multiset of words (characters for Chinese and Japanese). Counted are articles whose gold was checked
(`gold_check` ok), then all with a gold text. Metadata: title and author in plain letters, the day of publication.
"""

import gzip
import html
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import trafilatura
from trafilatura.settings import Document

from technews.extraction import Extraction, describe, extract

_TOKEN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]|\w+")
_BY = re.compile(r"^(?:by|par|written by)\s+", re.IGNORECASE)
LANGUAGES = ("en", "fr", "zh", "other")


class Case(NamedTuple):
    """A page with its gold, and what both made of it."""

    language: str
    checked: bool
    gold: dict[str, Any]
    ours: dict[str, str | None]
    bare: dict[str, str | None]


def cases(folder: Path) -> Iterator[Case]:
    """All pages whose gold holds a whole text."""
    for line in (folder / "pages" / "index.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["gold_kind"] == "snippets":
            continue
        body = gzip.decompress((folder / row["path"]).read_bytes())
        gold = json.loads((folder / row["gold_file"]).read_text(encoding="utf-8"))
        checked = row.get("gold_check") == "ok" and row["page_type"] == "article"
        language = row["lang"] if row["lang"] in LANGUAGES else "other"
        yield Case(language, checked, gold, ours(body, row["url"]), bare(body, row["url"]))


def ours(body: bytes, url: str) -> dict[str, str | None]:
    """What we make of a page."""
    found = extract(body, None, url)
    said = describe(body, url, now=datetime(2100, 1, 1, tzinfo=UTC))
    text = found.text if isinstance(found, Extraction) else ""
    return {"text": text, "title": said["title"], "date": said["published_at"], "author": said["author"]}


def bare(body: bytes, url: str) -> dict[str, str | None]:
    """What trafilatura makes of it with its defaults."""
    found = trafilatura.bare_extraction(body, url=url, with_metadata=True)
    about = found if isinstance(found, Document) else Document()
    return {
        "text": trafilatura.extract(body),
        "title": about.title,
        "date": about.date,
        "author": about.author,
    }


def f1(one: str, other: str) -> float:
    """F1 of the words of two texts."""
    first, second = (Counter(_TOKEN.findall(html.unescape(text).lower())) for text in (one, other))
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 1.0


def plain(text: object) -> str:
    """A text as plain letters."""
    return "".join(_TOKEN.findall(html.unescape(str(text)).lower()))


def authors(value: object) -> set[str]:
    """The names of a list of authors, or of a line that joins them."""
    listed = value if isinstance(value, list) else re.split(r"\s*[;,]\s*", str(value))
    parts = (part for name in listed for part in re.split(r"\s*[;,]\s*|\s+(?:and|et)\s+", str(name)))
    return {plain(_BY.sub("", part)) for part in parts} - {""}


def right(field: str, gold: Any, said: str | None) -> bool:  # noqa: ANN401 - gold files hold texts and lists
    """Whether a field is as the gold has it."""
    if field == "title":
        return plain(gold) == plain(said or "")
    if field == "date":
        return [int(n) for n in re.findall(r"\d+", str(gold))[:3]] == [
            int(n) for n in re.findall(r"\d+", str(said))[:3]
        ]
    return authors(gold) == authors(said or "")


def table(found: list[Case]) -> Iterator[str]:
    """The figures, a line a language."""
    score: Callable[[Case, dict[str, str | None]], float] = lambda case, said: f1(case.gold["text"], said["text"] or "")  # noqa: E731
    yield f"{'':8s}{'text F1, checked articles':>34s}{'text F1, all':>28s}"
    for language in LANGUAGES:
        line = f"{language:8s}"
        for of in ([c for c in found if c.checked], found):
            mine = [(score(c, c.ours), score(c, c.bare)) for c in of if c.language == language]
            means = [sum(column) / len(mine) for column in zip(*mine, strict=True)] if mine else [0.0, 0.0]
            line += f"   {len(mine):4d} pages: {means[0]:.3f} (bare {means[1]:.3f})"
        yield line
    for field, key in (("title", "title"), ("date", "date"), ("author", "authors")):
        yield ""
        counts: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
        for case in found:
            if case.gold.get(key):
                said = [right(field, case.gold[key], one[field]) for one in (case.ours, case.bare)]
                counts[case.language].append((said[0], said[1]))
        for language in LANGUAGES:
            pairs = counts[language]
            got, other = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
            yield f"{field:8s}{language:8s}{got:4d} of {len(pairs):3d} right (bare {other})"


if __name__ == "__main__":
    there = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data")
    print("\n".join(table(list(cases(there)))))
