"""clean: pages become articles, in a pool of worker processes; a page that harms its worker costs only itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tasks.step import step
from technews.extraction import page_to_article
from technews.ingest_run import IngestRun
from technews.records import Article, Page, Rejection


@step(lambda _, pages: f"clean: {len(pages)} pages", tags=("clean",), timeout=900)
def clean(run: IngestRun, pages: Sequence[Page | Rejection]) -> list[Article | Rejection]:
    """Each page as an article, or as a rejection that says why it is none; rejections pass by."""
    to_read = [page for page in pages if isinstance(page, Page)]
    extractions = iter(run.cleaners.extract_all(to_read))
    languages = tuple(sorted({known.feed.language for known in run.feeds.values()}))
    now = datetime.now(UTC)
    return [
        page_to_article(page, next(extractions), run.rules.publishers, languages, now)
        if isinstance(page, Page)
        else page
        for page in pages
    ]
