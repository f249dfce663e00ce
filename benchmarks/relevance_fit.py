"""Learns what measures and cues are worth to a topic: logistic regression over pieces with the right answer.

Usage: python -m benchmarks.relevance_fit [TOPIC.toml]      (default: the shipped topic; writes its weights)

The weights are those that make the labelled set (where it lies beside the project) and the project's own hard cases
most likely, held by a ridge to what one would assume (a measure is worth a point, the founding rule many, a cue
nothing); rounded to a tenth, so that a person can read and change them. The same input gives the same numbers.
`cross_validated` judges each event by weights that were learnt from the others.
"""

import math
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.relevance_cases import ROOT, Case, labelled_cases, long_cases, short_cases
from technews.entities import read_entities
from technews.measures import Piece, measures
from technews.relevance import Judge
from technews.topics import MEASURES, Topic, read_topic

TOPIC = ROOT / "config" / "topics" / "apple-china-ai.toml"
RIDGE = 0.3
BASE, RIDGE_OF_BASE = -4.0, 0.02
# The rule by which people judged: a substantial part of the piece is enough, whatever its title says.
ENOUGH = {"together": 7.0}
STEPS, LONGEST_STEP = 20, 2.0  # a whole step of Newton's may overshoot far from the answer
FOLDS = 10


class Row(NamedTuple):
    """A case as numbers: its values (None where a facet is missing, which no weight changes), how much it counts."""

    case: Case
    values: list[float] | None
    counts: float


def rows_of(judge: Judge, cases: Iterable[tuple[Case, float]]) -> list[Row]:
    """The cases as numbers."""
    (topic,) = judge.topics
    return [Row(case, _values(topic, judge, case), counts) for case, counts in cases]


def all_cases() -> list[tuple[Case, float]]:
    """Every piece with a right answer, and how much it counts: what people labelled more than what we composed."""
    return [
        *((case, 0.5 if case.borderline else 1.0) for case in labelled_cases()),
        *((case, 0.5) for case in short_cases()),
        *((case, 0.2) for case in long_cases()),
    ]


def _values(topic: Topic, judge: Judge, case: Case) -> list[float] | None:
    piece = Piece(topic, judge.read(case.title, case.text, case.language))
    if not all(piece.matches.values()):
        return None
    measured = measures(piece)
    worth = {name: said.worth for name, said in piece.cues.items()}
    return [1.0, *(float(getattr(measured, name)) for name in MEASURES), *(worth.get(cue, 0.0) for cue in topic.cues)]


def fit(rows: Iterable[Row]) -> list[float]:
    """Base, measures and cues: the weights that make the right answers likeliest (Newton's method, ridge)."""
    told = [row for row in rows if row.values is not None]
    size = len(told[0].values or ())
    assumed = [BASE, *(ENOUGH.get(name, 1.0) for name in MEASURES), *(0.0 for _ in range(size - 1 - len(MEASURES)))]
    ridge = [RIDGE_OF_BASE, *(RIDGE for _ in range(size - 1))]
    weights = assumed
    for _ in range(STEPS):
        slope = [r * (w - a) for r, w, a in zip(ridge, weights, assumed, strict=True)]
        bend = [[ridge[i] * (i == j) for j in range(size)] for i in range(size)]
        for row in told:
            shown = [(i, v) for i, v in enumerate(row.values or ()) if v]
            chance = 1 / (1 + math.exp(-sum(weights[i] * v for i, v in shown)))
            for i, v in shown:
                slope[i] += row.counts * v * (chance - row.case.relevant)
                for j, u in shown:
                    bend[i][j] += row.counts * v * u * chance * (1 - chance)
        step = _solved(bend, slope)
        part = min(1.0, LONGEST_STEP / max(map(abs, step))) if any(step) else 0.0
        weights = [w - part * s for w, s in zip(weights, step, strict=True)]
    return [round(w, 1) + 0.0 for w in weights]


def _solved(matrix: list[list[float]], right: Sequence[float]) -> list[float]:
    """The solution of a linear system, by elimination (the matrix is positive definite: no pivoting)."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        for row in rows[i + 1 :]:
            factor = row[i] / pivot[i]
            row[i:] = [a - factor * b for a, b in zip(row[i:], pivot[i:], strict=True)]
    solution = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        solution[i] = (rows[i][-1] - sum(rows[i][j] * solution[j] for j in range(i + 1, len(rows)))) / rows[i][i]
    return solution


def kept(row: Row, weights: Sequence[float]) -> bool:
    """Whether these weights keep a case, at a threshold of 0.5."""
    return row.values is not None and sum(w * v for w, v in zip(weights, row.values, strict=True)) >= 0


def cross_validated(rows: Sequence[Row]) -> list[bool]:
    """Whether each case is kept by weights learnt without its event (or kind); the folds are always the same."""
    events = {event: i % FOLDS for i, event in enumerate(dict.fromkeys(row.case.event for row in rows))}
    learnt = [fit([row for row in rows if events[row.case.event] != fold]) for fold in range(FOLDS)]
    return [kept(row, learnt[events[row.case.event]]) for row in rows]


def written(text: str, topic: Topic, weights: Sequence[float]) -> str:
    """The topic file with these weights."""
    names = ("base", *MEASURES)
    table = "".join(f"{name} = {weight}\n" for name, weight in zip(names, weights, strict=False))
    text = re.sub(r"(?m)(?<=^\[weights\]\n)(\w+ = \S+\n)+", table, text)
    for name, weight in zip(topic.cues, weights[len(names) :], strict=True):
        text = re.sub(rf"(?m)^(\[cue\.{name}\]\nweight = )\S+", rf"\g<1>{weight}", text)
    return text


def main(path: Path) -> None:
    """Learns from all cases and writes the weights into the topic's file."""
    entities = read_entities(TOPIC.parent.parent / "entities.toml")
    topic = replace(read_topic(path, entities), rule_version="")
    rows = rows_of(Judge([topic], entities), all_cases())
    weights = fit(rows)
    path.write_text(written(path.read_text(encoding="utf-8"), topic, weights), encoding="utf-8")
    wrong = sum(kept(row, weights) is not row.case.relevant for row in rows)
    print(f"{path}: weights learnt from {len(rows)} pieces, {wrong} of them still wrong")
    measured = 1 + len(MEASURES)
    plain = fit(row._replace(values=row.values and row.values[:measured]) for row in rows)
    words = ", ".join(f"{name} {weight}" for name, weight in zip(("base", *MEASURES), plain, strict=True))
    print(f"without cues, for topics that state no weights: {words}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TOPIC)
