"""filter: every topic decides on every article, with the evidence for it."""

from collections.abc import Sequence

from tasks.step import step
from technews.records import Article, Judged, Rejection
from technews.run_parts import RunParts
from technews.tables import counted


@step(lambda _, articles: f"filter: {counted(len(articles), 'article')}", tags=("filter",), timeout=300)
def filter_topics(run: RunParts, articles: Sequence[Article | Rejection]) -> list[Judged | Rejection]:
    """Each article with its verdicts; off-topic ones go on, since they stay in the ledger with their evidence.

    Pages on which a facet is nowhere come with their verdicts: no text of theirs was sought.
    """
    judged = [
        Judged(item, item.verdicts or run.judge.judge(item.title, item.text, item.language))
        if isinstance(item, Article)
        else item
        for item in articles
    ]
    read = [item for item in judged if isinstance(item, Judged)]
    if read:
        run.say(f"filter: {sum(item.relevant for item in read)} of {counted(len(read), 'article')} on topic")
    return judged
