"""download: the next batch of pages, in the order in which they finish, each archived before anything is made of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tasks.step import step
from technews.attempts import Failure, judge_failure
from technews.ingest_run import BATCH, BATCH_BYTES, IngestRun
from technews.records import Entry, Outcome, Page, Rejection
from technews.tables import counted


@step(
    lambda run: f"download: {counted(n, 'page')} to come" if (n := run.pages_to_come) else None,
    tags=("download",),
    timeout=300,
)
def download(run: IngestRun) -> list[Page | Rejection]:
    """Entries whose feed carries their text, else up to a batch of downloaded pages; empty where none is ready yet."""
    if whole := run.next_whole_entries():
        return _from_feed(run, whole)
    if linkless := run.next_linkless_entries():
        return _without_page(run, linkless)
    wait = 0.2 if run.web.feeds_open else 2.0
    answers = run.web.pages(BATCH, BATCH_BYTES, wait)
    if not answers:
        return []
    texts = run.ledger.with_feed_text([answer.entry for answer in answers])
    pages = [_archived(run, _patient(run, replace(answer, entry=texts[answer.entry.entry_id]))) for answer in answers]
    run.archive.sync()
    run.say(f"download: {sum(isinstance(page, Page) for page in pages)} of {counted(len(pages), 'page')}")
    return pages


def _from_feed(run: IngestRun, entries: Sequence[Entry]) -> list[Page | Rejection]:
    from technews.extraction import carries_full_text, feed_text_page  # noqa: PLC0415 -- a quiet run reads no text

    texts = run.ledger.with_feed_text(entries).values()
    run.download_instead([entry for entry in texts if not carries_full_text(entry)])
    now = datetime.now(UTC)
    run.say(f"download: {counted(len(entries), 'entry')} whose feed may carry their text")
    return [feed_text_page(entry, now) for entry in texts if carries_full_text(entry)]


def _without_page(run: IngestRun, entries: Sequence[Entry]) -> list[Page | Rejection]:
    """The end of the entries that are nothing but a title; those that are complete in themselves wait to be read."""
    from technews.extraction import carries_full_text  # noqa: PLC0415 -- as above

    texts = run.ledger.with_feed_text(entries)
    whole = {entry.entry_id for entry in texts.values() if carries_full_text(entry)}
    run.read_from_feed(entry for entry in entries if entry.entry_id in whole)
    now = datetime.now(UTC)
    return [judge_failure(entry, Failure.NO_LINK, now=now) for entry in entries if entry.entry_id not in whole]


def _patient(run: IngestRun, answer: Page | Rejection) -> Page | Rejection:
    """An entry whose host could not even be asked again is given up after a week of that, if the network was there."""
    if isinstance(answer, Rejection) and answer.outcome is Outcome.PENDING and not answer.spent:
        return run.out_of_patience(answer.entry) or answer
    return answer


def _archived(run: IngestRun, answer: Page | Rejection) -> Page | Rejection:
    if isinstance(answer, Rejection) or answer.fetch is None:
        return answer
    file, offset = run.archive.store(
        kind="page",
        url=answer.url,
        status=answer.fetch.status or 200,
        headers=answer.headers,
        body=answer.body,
        at=answer.fetch.requested_at,
        feed_id=answer.entry.feed.id,
        entry_id=answer.entry.entry_id,
        fetch=answer.fetch,
    )
    return replace(answer, fetch=replace(answer.fetch, archive_file=file, archive_offset=offset))
