"""clean: pages become articles, in a pool of worker processes; a page that harms its worker costs only itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tasks.step import step
from technews.records import Article, Outcome, Page, Reason, Rejection
from technews.run_parts import RunParts
from technews.tables import counted

if TYPE_CHECKING:
    from technews.workers import Answers


@step(lambda _, pages, *_begun: f"clean: {counted(len(pages), 'page')}", tags=("clean",))
def clean(
    run: RunParts, pages: Sequence[Page | Rejection], begun: "Answers | None" = None
) -> list[Article | Rejection]:
    """Each page as an article, or as a rejection that says why it is none; rejections pass by.

    Without a time limit of its own: each page has one, and a batch of hostile ones takes as long as they may. `begun`
    are the answers of the workers, where they have these pages already.

    An article that is looked at again and whose stored text another cleaner made gets `recleaned` with it.
    """
    read = [page for page in pages if isinstance(page, Page)]
    cleaned = _cleaned(run, read, begun)
    if read:
        articles = sum(isinstance(item, Article) for item in cleaned)
        run.say(f"clean: {counted(articles, 'article')} on {counted(len(read), 'page')}")
    items = iter(cleaned)
    return _with_stored_page(run, [next(items) if isinstance(page, Page) else page for page in pages])


def _cleaned(run: RunParts, pages: Sequence[Page], begun: "Answers | None" = None) -> list[Article | Rejection]:
    from technews.extraction import page_to_article  # noqa: PLC0415 -- a quiet run cleans nothing

    languages = tuple(sorted({known.feed.language for known in run.feeds.values()}))
    now = datetime.now(UTC)
    found: dict[int, Article | Rejection] = {}
    answers = run.cleaners.extract_each(pages) if begun is None else begun
    for at, extraction in answers:  # while the workers read the next
        page = pages[at]
        found[at] = (
            _not_reached(page, now)
            if extraction is None
            else page_to_article(page, extraction, run.rules.publishers, languages, now)
        )
        run.foresee(found[at])
    return [found[at] for at in range(len(pages))]


def _not_reached(page: Page, now: datetime) -> Rejection:
    """A page that the run's time did not suffice for: its entry stays pending, and spends no attempt."""
    return Rejection(
        page.entry, Outcome.PENDING, Reason.TIMEOUT, "the run's time was over", page.fetch, retry_at=now, spent=False
    )


def _with_stored_page(run: RunParts, items: list[Article | Rejection]) -> list[Article | Rejection]:
    """A revision is what the publisher served, never what our own upgrade made of it: compare like with like."""
    again = {
        item.entry.article_id: item.entry
        for item in items
        if isinstance(item, Article) and item.entry.article_id and item.entry.outcome is Outcome.LOADED
    }
    if not again:
        return items
    from technews.extraction import CLEANER_VERSION  # noqa: PLC0415 -- as above
    from technews.stored_pages import stored_page  # noqa: PLC0415 -- as above

    stored = [
        page
        for article_id, source in run.stored_sources(list(again)).items()
        if source["cleaner_version"] != CLEANER_VERSION
        and (page := stored_page(run.ledger.settings.archive, again[article_id], source))
    ]
    recleaned = {a.entry.article_id: a for a in _cleaned(run, stored) if isinstance(a, Article)}
    return [
        replace(item, recleaned=recleaned.get(item.entry.article_id)) if isinstance(item, Article) else item
        for item in items
    ]
