"""How well and how fast relevance is judged: writes docs/relevance.md.

Usage: python -m benchmarks.relevance      (or: make eval; needs the labelled set beside the project)
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from benchmarks import relevance_fit
from benchmarks.relevance_cases import ROOT, UNSEEN, Case, labelled_cases, long_cases, pools, short_cases
from benchmarks.relevance_stream import stream
from technews.entities import Entities, Entity, read_entities
from technews.matching import Term
from technews.relevance import Judge
from technews.topics import read_topic

PAGE = ROOT / "docs" / "relevance.md"
PROSE = ROOT / "benchmarks" / "relevance.md"
ITEMS, BODIES, BODY = 5_000, 300, 20_000
LANGUAGES = ("all", "en", "fr", "zh")
# What somebody may send to slow a run down: names, lists, headlines, sentences and odd characters without end.
REPEATED = (
    "Apple China AI, ",
    "苹果AI中国、",
    "Apple; ",
    "Apple/",
    "Apple Intelligence Alibaba AI model ",
    "Big Apple Apple Daily ",
    "approval deal rumour ",
    "Apple, Alibaba and AI and ",
    "; ",
    ": ,",
    "A. ",
    " ",
    "\u00a0",
    "\u3000",
    "a\n",
    "Apple\n",
    "\u200bApple",
    "…",
    "e\u0301",
)
HOSTILE, TIMES = 24_000, 4
MOST_GROWTH = 8.0  # TIMES the text costs TIMES as much, by some noise; cost that grows with its square costs 16 times


class Answer(NamedTuple):
    """A case and whether it was kept."""

    case: Case
    kept: bool

    @property
    def wrong(self) -> bool:
        """Whether a careful reader would have decided otherwise."""
        return self.kept is not self.case.relevant


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def scores(answers: Iterable[Answer]) -> tuple[object, ...]:
    """How many, right ones kept, wrong ones kept, right ones dropped, precision, recall and F1."""
    answers = list(answers)
    hits = sum(a.kept and a.case.relevant for a in answers)
    kept, wanted = sum(a.kept for a in answers), sum(a.case.relevant for a in answers)
    precision, recall = hits / kept if kept else 1.0, hits / wanted if wanted else 1.0
    f1 = 2 * hits / (kept + wanted) if kept + wanted else 1.0
    return len(answers), hits, kept - hits, wanted - hits, f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}"


def by_language(answers: Sequence[Answer]) -> str:
    """The scores in all and in each language."""
    header = ("language", "pieces", "kept rightly", "kept wrongly", "dropped wrongly", "precision", "recall", "F1")
    rows = [(n, *scores(a for a in answers if n in ("all", a.case.language))) for n in LANGUAGES]
    return table(header, rows)


def wrong_by(answers: Sequence[Answer], key: Callable[[Case], str], least: int) -> str:
    """How many of each kind were judged wrongly; kinds of few pieces in one row."""
    sizes = Counter(key(a.case) for a in answers)
    wrong = Counter(key(a.case) for a in answers if a.wrong)
    large = [name for name, size in sizes.most_common() if size >= least]
    small = [name for name in sizes if name not in large]
    rows: list[tuple[object, ...]] = [(name or "(none)", sizes[name], wrong[name]) for name in large]
    rows.append((f"{len(small)} others", sum(sizes[n] for n in small), sum(wrong[n] for n in small)))
    return table(("", "pieces", "wrong"), rows)


def errors(answers: Iterable[Answer]) -> str:
    """The wrong decisions: of the labelled set the id (its texts are not ours to print), of our own the title."""
    rows = [
        ("kept wrongly" if a.kept else "dropped wrongly", a.case.language, a.case.id or a.case.title, a.case.kind)
        for a in answers
        if a.wrong
    ]
    return table(("", "language", "piece", "kind"), rows)


def best_of(action: Callable[[], object], times: int = 5) -> float:
    """The least seconds of processor time that an action took."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        action()
        taken.append(time.process_time() - begun)
    return min(taken)


def speed(growth: float) -> str:
    """What judging costs: short and long pieces, ten times the text, ten times the entities.

    To be called in a process of its own, as a run is one: between all that the measurement reads elsewhere, a piece's
    objects lie so far apart in memory that judging takes a third longer.
    """
    entities = read_entities(ROOT / "config" / "entities.toml")
    topic = read_topic(relevance_fit.TOPIC, entities)
    judge = Judge([topic], entities)
    short = [c for c in (*labelled_cases(), *short_cases()) if len(c.text.encode()) < 800]
    shorts = [short[i % len(short)] for i in range(ITEMS)]
    bodies = long_bodies(BODY)
    tenfold = Judge([topic], Entities(entities.path, {**entities.by_id, **strangers(9 * len(entities))}))

    def judged(by: Judge, cases: Iterable[Case]) -> Callable[[], object]:
        return lambda: [by.judge(c.title, c.text, c.language) for c in cases]

    small, large = best_of(judged(judge, bodies[:30])), best_of(judged(judge, long_bodies(10 * BODY)[:3]))
    at_once, with_strangers = best_of(judged(judge, shorts)), best_of(judged(tenfold, shorts))
    rows = [
        (f"{ITEMS:,} titles with summary", f"{at_once:.2f} s"),
        (
            f"{BODIES} bodies of {BODY // 1000} kB, real ones joined",
            f"{best_of(judged(judge, real_bodies(BODY))):.2f} s",
        ),
        (
            f"{BODIES} bodies of {BODY // 1000} kB, our own, a term every 26 bytes",
            f"{best_of(judged(judge, bodies)):.2f} s",
        ),
        ("one body of ten times the length, against ten", f"{large / small:.2f} times"),
        (
            f"{HOSTILE // 1000} kB of hostile repeats as title or text, against {HOSTILE // TIMES // 1000} kB",
            f"{growth:.1f} times",
        ),
        (f"{ITEMS:,} titles, ten times the entities ({10 * len(entities):,})", f"{with_strangers / at_once:.2f} times"),
    ]
    return table(("processor time, one core, best of 5", ""), rows)


def growth_of(judge: Judge, unit: str, *, in_title: bool) -> float:
    """How many times as long judging takes where a repeated title or text is `TIMES` as long."""

    def judged(size: int) -> Callable[[], object]:
        repeated = (unit * (size // len(unit)))[:size]
        return lambda: judge.judge(*((repeated, "") if in_title else ("", repeated)), "zh")

    return best_of(judged(HOSTILE)) / best_of(judged(HOSTILE // TIMES))


def long_bodies(size: int) -> list[Case]:
    """Bodies of about this many bytes, made of our own paragraphs of all themes."""
    found = []
    for i in range(BODIES):
        language = LANGUAGES[1 + i % 3]
        texts = [text for (spoken, theme), pool in pools().items() if spoken == language for text in pool if theme]
        turned = texts[i % len(texts) :] + texts[: i % len(texts)]
        text = "\n".join(turned * (1 + size // len("\n".join(turned).encode())))
        found.append(
            Case(
                kind="",
                language=language,
                relevant=False,
                title=turned[0],
                text=text.encode()[:size].decode("utf-8", "ignore"),
                event="",
            )
        )
    return found


def real_bodies(size: int) -> list[Case]:
    """Bodies of about this many bytes, made of the long texts of the labelled set in turn, language by language."""
    found = []
    labelled = [case for case in labelled_cases() if len(case.text.encode()) > 1_500]
    for i in range(BODIES):
        language = LANGUAGES[1 + i % 3]
        pool = [case for case in labelled if case.language == language]
        turned = pool[i % len(pool) :] + pool[: i % len(pool)]
        text = "\n".join([case.text for case in turned] * (1 + size // sum(len(case.text) for case in turned)))
        found.append(turned[0]._replace(text=text.encode()[:size].decode("utf-8", "ignore")))
    return found


def strangers(count: int) -> dict[str, Entity]:
    """Entities that nobody has heard of, with two names each."""
    names = [f"Zq{i:x}or" for i in range(count)]
    return {n: Entity(n, n, "company", (Term(n, entity=n), Term(f"{n} Gruppe", entity=n))) for n in names}


def main() -> int:
    """Measures and writes the page."""
    labelled = labelled_cases()
    if not labelled:
        print("the labelled set does not lie beside the project: nothing to measure", file=sys.stderr)
        return 1
    entities = read_entities(ROOT / "config" / "entities.toml")
    topic = read_topic(relevance_fit.TOPIC, entities)
    judge = Judge([topic], entities)
    rows = relevance_fit.rows_of(judge, relevance_fit.all_cases())
    crossed = [Answer(row.case, kept) for row, kept in zip(rows, relevance_fit.cross_validated(rows), strict=True)]
    shipped = [
        Answer(case, judge.judge(case.title, case.text, case.language)[0].relevant)
        for case, _ in relevance_fit.all_cases()
    ]
    unseen = [
        Answer(case, judge.judge(case.title, case.text, case.language)[0].relevant) for case in short_cases(UNSEEN)
    ]
    of_labelled = [a for a in crossed if a.case.id]
    clear = [a for a in of_labelled if not a.case.borderline]
    entries = stream()
    growth = max(growth_of(judge, unit, in_title=in_title) for unit in REPEATED for in_title in (True, False))
    through = sum(judge.judge(title, text)[0].relevant for title, text in entries)
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        cost = fresh.submit(speed, growth).result()
    parts = {
        "RULES": topic.rule_version,
        "CLEAR": by_language(clear),
        "ALL": by_language(of_labelled),
        "SHIPPED": by_language([a for a in shipped if a.case.id and not a.case.borderline]),
        "UNSEEN": by_language(unseen),
        "UNSEEN_ERRORS": errors(unseen),
        "SHORT": by_language([a for a in crossed if a.case.event.startswith("short ")]),
        "LONG": by_language([a for a in crossed if a.case.event.startswith("long ")]),
        "KINDS": wrong_by(clear, lambda case: case.kind, 8),
        "SOURCES": wrong_by(clear, lambda case: case.source.replace("|", "/"), 10),
        "ERRORS": errors(of_labelled),
        "OWN_ERRORS": errors(a for a in shipped if not a.case.id),
        "STREAM": f"{through} of {len(entries):,}",
        "SPEED": cost,
        **{name: f"{points:+.1f}" for name, points in {"base": topic.base, **topic.weights}.items()},
        "COUNTS": f"{len(short_cases())} short and {len(list(long_cases()))} long",
    }
    text = PROSE.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE}: written")
    if growth > MOST_GROWTH:
        print(f"{TIMES} times the text costs {growth:.1f} times as much: it should be about {TIMES}", file=sys.stderr)
    return int(growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
