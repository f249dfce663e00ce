"""What a poll of a feed means for the ledger: new and changed entries, the feed's next state, and gaps in what we saw.

Pure: documents, old state and the time come in, rows for the load go out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from technews import rhythm
from technews.identity import mint
from technews.records import (
    POLL_TIME,
    WITHOUT_ARTICLE,
    DateReading,
    Feed,
    FeedDocument,
    FeedEntry,
    FeedState,
    Fetch,
    Outcome,
    Precision,
    Reason,
)
from technews.recurrence import (
    KnownEntries,
    KnownEntry,
    only_got_its_date,
    recognize,
    same_link,
    with_what_is_known,
)
from technews.rhythm import Habits, Trouble

Row = dict[str, Any]

HALF_A_TICK: Final = timedelta(minutes=5)
# How often a day a change in the feed has a page read at once; after that, every four hours. Some feeds change an
# entry at every poll ("3 hours ago"), and its page would be asked for as often.
READS_A_DAY: Final = 6

_REOPENED_BY_A_CHANGE: Final = {Outcome.OFF_TOPIC, *WITHOUT_ARTICLE}


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll as it ended: `changed` with the document read, `not_modified`, or `failed` with error and trouble.

    `body_hash` is that of the body, if one came. `fresh_for` is how long the HTTP answer is good for, `moved_to` the
    address that permanent redirects led to.
    """

    feed: Feed
    status: str
    at: datetime
    fetch: Fetch | None = None
    document: FeedDocument | None = field(default=None, repr=False)
    error: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    retry_after: timedelta | None = None
    fresh_for: timedelta | None = None
    trouble: Trouble = Trouble.TEMPORARY
    moved_to: str | None = None


@dataclass(slots=True)
class PollRows:
    """Rows for one poll batch, by the file of `sql/load/` that takes them."""

    polls: list[Row] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    reopened: dict[str, Row] = field(default_factory=dict)
    rechecks: dict[str, Row] = field(default_factory=dict)
    gaps_opened: list[Row] = field(default_factory=list)
    gaps_closed: list[Row] = field(default_factory=list)

    @property
    def due(self) -> list[str]:
        """Ids of the entries that this batch makes due."""
        return [row["entry_id"] for row in self.added] + list(self.reopened) + list(self.rechecks)


def is_due(state: FeedState, started_at: datetime) -> bool:
    """Whether a run that starts now polls the feed; half a tick early, so that a slow start skips no round.

    A time further off than the wait that set it was written by a clock that has been put back since: such a feed is
    due, or it would be silent until the clock gets there again.
    """
    if state.next_poll_at is None:
        return True
    ahead = state.next_poll_at - started_at
    longest = 1.1 * (state.interval or rhythm.CEILING)  # with jitter
    return ahead <= HALF_A_TICK or ahead > longest + HALF_A_TICK


def validators(state: FeedState, now: datetime) -> tuple[str | None, str | None]:
    """The ETag and the Last-Modified to ask a feed with; both None where its document is to come whatever they say.

    A server whose validators stay the same while its entries change would say 304 for ever. So they are left out once a
    day, and as soon as half of the document may have been replaced since it last came; that is in vain once a day at
    most. A feed whose validators were found to lie is asked without them, until they are seen to change with it.
    """
    came, idle = _ago(state.document_at, now), _ago(state.idle_document_at, now)
    replaced = rhythm.half_replaced(Habits(state.rate, state.listed))
    overdue = came >= rhythm.CEILING or (replaced is not None and came >= replaced and idle >= rhythm.CEILING)
    return (None, None) if state.validators_lie or overdue else (state.etag, state.last_modified)


def plan_polls(
    polls: Iterable[tuple[Poll, FeedState, bool]], known: Mapping[str, KnownEntries], now: datetime
) -> PollRows:
    """The rows for a batch of polls; each comes with the feed's state before it and whether a gap is open.

    `known` holds what the ledger has of the entries in these documents, by feed. `now` is the run's start.
    """
    rows = PollRows()
    for poll, state, has_open_gap in polls:
        entries = poll.document.entries if poll.document else ()
        recognized = recognize(entries, known.get(poll.feed.id) or KnownEntries())
        new = [entry for entry, there in recognized if there is None]
        known_now = [(there, with_what_is_known(there, entry)) for entry, there in recognized if there]
        changed = [(there, entry) for there, entry in known_now if there.fingerprint != entry.fingerprint]
        for there, entry in changed:
            _plan_change(rows, there, entry, poll.at, now)
        rows.added += [_entry_row(poll.feed, entry, now) for entry in new]
        all_new = bool(entries) and len(new) == len(entries)
        denied = all_new and not _kept_validator(poll, state) and _was_denied(entries, state, now)
        told = sum(not only_got_its_date(there, entry) for there, entry in changed)
        after = next_state(poll, state, len(new), told, denied=denied)
        rows.polls.append(_poll_row(poll, len(new), len(changed)) | _state_row(after))
        overflow_from = _seen_until(state, after) if all_new else None
        _plan_gaps(rows, poll, state, overflow_from, has_open_gap=has_open_gap)
    return rows


def next_state(poll: Poll, state: FeedState, new: int = 0, changed: int = 0, *, denied: bool = False) -> FeedState:
    """The feed's state after a poll that brought so many new entries, and changed ones that say more than their date.

    `denied`: its server said "not modified" while they came, and its validators hide that. It is asked without them for
    good, since no answer to such a request could clear it: none are kept.
    """
    if poll.status == "failed":
        return _after_failure(poll, state)
    after = _after_success(poll, state, new, changed)
    for_good = state.validators_lie and not (state.etag or state.last_modified)
    return replace(after, etag=None, last_modified=None, validators_lie=True) if denied or for_good else after


def _after_failure(poll: Poll, state: FeedState) -> FeedState:
    """A failed poll keeps the validators: their document is still the last."""
    score = rhythm.failure_score(state.failure_score, poll.trouble)
    wait = rhythm.wait_after_failure(poll.feed.every, score, poll.trouble, poll.retry_after, state.interval)
    return replace(
        state,
        last_attempt_at=poll.at,
        next_poll_at=_next_poll_at(poll, wait),
        interval=wait.interval,
        consecutive_failures=state.consecutive_failures + 1,
        failure_score=score,
        next_poll_reason=wait.reason,
    )


def _after_success(poll: Poll, state: FeedState, new: int, changed: int) -> FeedState:
    document = poll.document
    listed = len(document.entries) if document else state.listed
    asked_wait = document.wait if document else state.asked_wait
    rate = _rate(poll, state, new)
    known = len(document.entries) - new if document and state.last_success_at else None
    wait = rhythm.wait_after_success(
        poll.feed.every,
        None if state.consecutive_failures else state.interval,
        Habits(rate, listed, known, asked_wait, poll.fresh_for),
        poll.retry_after,
    )
    read = poll.status == "changed"
    came, news = poll.body_hash is not None, bool(new or changed)
    # A date may look like the moment of serving by chance: if these bytes come again later, they are read anew.
    doubtful = document is not None and any(entry.published.flag == POLL_TIME for entry in document.entries)
    return FeedState(
        etag=poll.etag if read else (poll.etag or state.etag),
        last_modified=poll.last_modified if read else (poll.last_modified or state.last_modified),
        body_hash=None if doubtful else (poll.body_hash or state.body_hash),
        observed_since=state.observed_since or poll.at,
        last_attempt_at=poll.at,
        last_success_at=poll.at,
        next_poll_at=_next_poll_at(poll, wait),
        interval=wait.interval,
        rate=rate,
        listed=listed,
        asked_wait=asked_wait,
        next_poll_reason=wait.reason,
        moved_to=poll.moved_to,
        document_at=poll.at if came else state.document_at,
        idle_document_at=poll.at if came and not news else state.idle_document_at,
        validators_lie=_kept_validator(poll, state) if news else state.validators_lie,
    )


def _kept_validator(poll: Poll, state: FeedState) -> bool:
    """Whether an answer came under the validator of the one before; an ETag counts first (RFC 9110 section 13.2.2)."""
    before, now = (each.etag or each.last_modified for each in (state, poll))
    return now is not None and now == before


def _was_denied(entries: Iterable[FeedEntry], state: FeedState, now: datetime) -> bool:
    """Whether a server said "not modified" of a document that had been replaced, if all of these entries are new.

    So it is where it was asked for all of it after such an answer, unless every entry is dated later than that one.
    """
    asked_for_all = validators(state, now) == (None, None)
    if not (
        asked_for_all and state.document_at and state.last_success_at and state.document_at < state.last_success_at
    ):
        return False
    return not all(entry.published.at and entry.published.at > state.last_success_at for entry in entries)


def _ago(moment: datetime | None, now: datetime) -> timedelta:
    """How long ago that was; for ever, if it never was or lies ahead, by a clock that was put back since."""
    return now - moment if moment and moment <= now else timedelta.max


def _rate(poll: Poll, state: FeedState, new: int) -> float | None:
    if state.last_success_at is None:
        return rhythm.first_rate((e.published.at for e in poll.document.entries), poll.at) if poll.document else None
    return rhythm.new_rate(state.rate, new, poll.at - state.last_success_at)


def _next_poll_at(poll: Poll, wait: rhythm.Wait) -> datetime:
    return poll.at + rhythm.jittered(wait, poll.feed.every, f"{poll.feed.id} {poll.at.isoformat()}")


def _plan_change(rows: PollRows, there: KnownEntry, entry: FeedEntry, at: datetime, now: datetime) -> None:
    """A changed entry is read again: reopened where it ended without an article, looked at again where it is loaded."""
    rows.changed.append(
        {"entry_id": there.entry_id, **_text_row(entry), "fingerprint": entry.fingerprint, "changed_at": at}
    )
    if only_got_its_date(there, entry):
        return
    due = _read_again_at(there, now)
    target, outcome = there.entry_id, there.outcome
    moved = not same_link(there.url, entry.url)
    if outcome is Outcome.DUPLICATE and (moved or there.outcome_of_original in WITHOUT_ARTICLE):
        # What it repeated stands under the old link, or can no longer be read; where its own leads is not known yet.
        rows.reopened[target] = outcome_row(target, Outcome.PENDING, Reason.ENTRY_CHANGED, at, due=due)
        return
    if outcome is Outcome.DUPLICATE and there.duplicate_of and there.outcome_of_original:
        target, outcome = there.duplicate_of, there.outcome_of_original
    if there.read_at and there.read_at >= at and not moved:
        return  # another feed has shown the change already, and the page was read since
    if outcome is Outcome.LOADED:
        rows.rechecks[target] = {"entry_id": target, "recheck_at": due}
    elif outcome in _REOPENED_BY_A_CHANGE:
        rows.reopened[target] = outcome_row(target, Outcome.PENDING, Reason.ENTRY_CHANGED, at, due=due)


def _read_again_at(there: KnownEntry, now: datetime) -> datetime:
    if there.reads < READS_A_DAY or there.read_at is None:
        return now
    return max(now, there.read_at + timedelta(days=1) / READS_A_DAY)


def _seen_until(state: FeedState, after: FeedState) -> datetime | None:
    """Until when the feed was seen whole, if its document holds nothing that was known.

    None where nothing can have been missed: at the first poll, and when a feed that was empty so far has its first
    entries. What a lying server said since its last document proves nothing.
    """
    if state.listed == 0 and not state.rate:
        return None
    return (state.document_at if after.validators_lie else None) or state.last_success_at


def _plan_gaps(
    rows: PollRows, poll: Poll, state: FeedState, overflow_from: datetime | None, *, has_open_gap: bool
) -> None:
    if poll.status == "failed":
        if not has_open_gap:
            begun = min(state.last_success_at or poll.at, poll.at)
            rows.gaps_opened.append(
                {"feed_id": poll.feed.id, "gap_from": begun, "gap_until": None, "cause": "unreachable"}
            )
        return
    if has_open_gap:
        rows.gaps_closed.append({"feed_id": poll.feed.id, "gap_until": poll.at})
    elif overflow_from:
        rows.gaps_opened.append(
            {
                "feed_id": poll.feed.id,
                "gap_from": min(overflow_from, poll.at),
                "gap_until": poll.at,
                "cause": "overflow",
            }
        )


def _poll_row(poll: Poll, new: int, changed: int) -> Row:
    document = poll.document
    return {
        "feed_id": poll.feed.id,
        "status": poll.status,
        "error": poll.error,
        "trouble": poll.trouble.value if poll.status == "failed" else None,
        "entries_seen": len(document.entries) if document else 0,
        "entries_new": new,
        "entries_changed": changed,
        "entries_repeated": document.repeated if document else 0,
    }


def outcome_row(  # noqa: PLR0913 -- as many as the table has columns that vary
    entry_id: str,
    outcome: Outcome,
    reason: Reason,
    at: datetime,
    *,
    detail: str = "",
    attempts: int = 0,
    due: datetime | None = None,
    article_id: str | None = None,
    duplicate_of: str | None = None,
) -> Row:
    """A row of `load/set_outcomes.sql`; `due` goes with `pending` alone."""
    return {
        "entry_id": entry_id,
        "outcome": outcome.value,
        "reason": reason.value,
        "detail": detail[:500] or None,
        "attempts": attempts,
        "next_attempt_at": due,
        "article_id": article_id,
        "duplicate_of": duplicate_of,
        "changed_at": at,
    }


def date_row(published: DateReading) -> Row:
    """The columns that hold a publisher's date."""
    return {
        "published_raw": published.raw,
        "published_at": published.at,
        "published_on": published.on,
        "published_precision": published.precision.value,
        "date_flag": published.flag,
    }


def date_of(row: Mapping[str, Any], prefix: str = "") -> DateReading:
    """The publisher's date in such columns, of names that begin with `prefix`."""
    return DateReading(
        row[f"{prefix}published_raw"],
        row[f"{prefix}published_at"],
        row[f"{prefix}published_on"],
        Precision(row[f"{prefix}published_precision"]),
        row[f"{prefix}date_flag"],
    )


def _text_row(entry: FeedEntry) -> Row:
    return {
        "url": entry.url,
        "title": entry.title,
        "author": entry.author,
        "summary": entry.summary,
        "content": entry.content,
        "categories": list(entry.categories),
        "enclosures": list(entry.enclosures),
        "origin": entry.origin,
        "origin_url": entry.origin_url,
        **date_row(entry.published),
    }


def _entry_row(feed: Feed, entry: FeedEntry, now: datetime) -> Row:
    return {
        "entry_id": mint("e", feed.id, entry.key),
        "feed_id": feed.id,
        "entry_key": entry.key,
        "guid": entry.guid,
        **_text_row(entry),
        "fingerprint": entry.fingerprint,
        "first_seen_at": now,
    }


def _state_row(state: FeedState) -> Row:
    return {
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_hash": state.body_hash,
        "observed_since": state.observed_since,
        "last_attempt_at": state.last_attempt_at,
        "last_success_at": state.last_success_at,
        "next_poll_at": state.next_poll_at,
        "interval_seconds": int(state.interval.total_seconds()) if state.interval else None,
        "consecutive_failures": state.consecutive_failures,
        "failure_score": state.failure_score,
        "rate": state.rate,
        "listed": state.listed,
        "asked_wait_seconds": int(state.asked_wait.total_seconds()) if state.asked_wait else None,
        "next_poll_reason": state.next_poll_reason,
        "moved_to": state.moved_to,
        "document_at": state.document_at,
        "idle_document_at": state.idle_document_at,
        "validators_lie": state.validators_lie,
    }
