"""annotate: the facts of on-topic articles. Today: which entities they name."""

from collections.abc import Sequence
from dataclasses import replace

from tasks.step import step
from technews.records import Judged, Rejection, on_topic
from technews.run_parts import RunParts


@step(
    lambda _, judged: f"annotate: {n} on topic" if (n := sum(map(on_topic, judged))) else None,
    tags=("annotate",),
    timeout=300,
)
def annotate(run: RunParts, judged: Sequence[Judged | Rejection]) -> list[Judged | Rejection]:
    """Each on-topic article with the entities that it names."""
    return [
        replace(item, mentions=run.judge.mentions(item.article.title, item.article.text, item.article.language))
        if on_topic(item)
        else item
        for item in judged
    ]
