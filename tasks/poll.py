"""poll: feeds that have answered are read, archived where they changed, and their new entries go into the ledger."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tasks.step import step
from technews.http_fields import sent_at
from technews.ingest_run import IngestRun
from technews.polls import Poll
from technews.rhythm import Trouble, fresh_for, trouble_of
from technews.tables import counted
from technews.web import FeedAnswer

_BATCH = 100
_NAMED = 3  # feeds that failed; the artifact `feeds` has all
_GATHER_SECONDS = 1.0  # answers come in one by one; written down together they cost a tenth


@step(
    lambda run: f"poll: {counted(n, 'feed')} to come" if (n := run.web.feeds_open) else None,
    tags=("poll",),
    timeout=300,
)
def poll(run: IngestRun) -> list[Poll]:
    """Takes the feeds that have answered, gathering them only while no page is under way, and writes them together.

    A feed's validators never commit before the entries that came with them.
    """
    answers = run.web.feed_answers(_BATCH, 0.0 if run.web.pages_open else _GATHER_SECONDS)
    polls = [_read(run, answer) for answer in answers]
    if polls:
        run.archive.sync()
        rows = run.ledger.record_polls(polls, run.feeds)
        if rows.due:
            run.ask_for(run.ledger.due(run.feeds, rows.due))
        failed = [poll for poll in polls if poll.status == "failed"]
        run.polled += len(polls)
        run.failed_polls += len(failed)
        new, changed = counted(len(rows.added), "new entry"), len(rows.changed)
        read = f"{len(polls) - len(failed)} of {counted(len(polls), 'feed')} read"
        run.say(f"poll: {read}, {new}, {changed} changed{_not_read(failed)}", warns=bool(failed))
    return polls


def _not_read(failed: Sequence[Poll]) -> str:
    """Which feeds failed, and why, as the end of a line."""
    named = "; ".join(f"{poll.feed.id}: {poll.error}" for poll in failed[:_NAMED])
    more = f"; and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    return f". Not read: {named}{more}" if failed else ""


def _read(run: IngestRun, answer: FeedAnswer) -> Poll:
    """An answer as a poll: the same bytes as last time are not modified, whatever the status says."""
    feed, fetch = answer.feed, answer.fetch
    ended = fetch.requested_at + timedelta(milliseconds=fetch.duration_ms)
    poll = Poll(
        feed,
        answer.status,
        ended,
        fetch,
        error=answer.error,
        etag=answer.etag,
        last_modified=answer.last_modified,
        retry_after=timedelta(seconds=answer.retry_after) if answer.retry_after else None,
        fresh_for=fresh_for(answer.headers, ended),
        trouble=Trouble.LOCAL if answer.offline else trouble_of(fetch.status),
        moved_to=answer.permanent_redirect,
    )
    if answer.status != "changed":
        return poll
    poll = replace(poll, body_hash=hashlib.sha256(answer.body).hexdigest())
    if poll.body_hash == run.feeds[feed.id].state.body_hash:
        return replace(poll, status="not_modified")
    from technews.feeds import NotAFeed, read_feed  # noqa: PLC0415 -- a quiet run reads no document

    try:
        document = read_feed(
            answer.body,
            content_type=answer.content_type,
            url=answer.final_url or feed.url,
            feed=feed,
            now=ended,
            sent=sent_at(answer.headers),
        )
    except NotAFeed as error:
        why = f"not a feed: {error}"
        return replace(poll, status="failed", error=why, moved_to=None, fetch=replace(fetch, error=why))
    file, offset = run.archive.store(
        kind="feed",
        url=fetch.final_url or fetch.url,
        status=fetch.status or 200,
        headers=answer.headers,
        body=answer.body,
        at=fetch.requested_at,
        feed_id=feed.id,
        fetch=fetch,
    )
    return replace(poll, document=document, fetch=replace(fetch, archive_file=file, archive_offset=offset))
