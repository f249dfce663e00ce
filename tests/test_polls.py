"""What a poll means for the ledger: pure decisions over documents, old state and time."""

from datetime import timedelta

import pytest
from builders import NOW, document, feed, feed_entry

from technews.polls import KnownEntry, Poll, is_due, next_interval, next_state, plan_polls
from technews.records import FeedDocument, FeedState, Outcome

SEEN = FeedState(etag='"1"', body_hash="h1", observed_since=NOW, last_success_at=NOW, last_attempt_at=NOW)
LATER = NOW + timedelta(hours=1)


def plan(poll: Poll, state: FeedState = SEEN, known=None, *, gap: bool = False):
    """The rows for one poll."""
    return plan_polls([(poll, state, gap)], known or {}, LATER)


def known(outcome: Outcome, fingerprint: str = "old", **changes) -> dict:
    """What the ledger has of entry `a` of feed `wire`."""
    return {("wire", "a"): KnownEntry("e-a", fingerprint, outcome, **changes)}


def changed(*keys: str) -> Poll:
    """A poll that brought these entries."""
    return Poll(feed(), "changed", LATER, document=document(*keys), etag='"2"', body_hash="h2")


def test_new_entries_are_added_known_ones_are_not():
    """Nothing twice."""
    rows = plan(changed("a", "b"), known=known(Outcome.LOADED, "print of a"))
    assert [row["entry_key"] for row in rows.added] == ["b"]
    assert rows.changed == []
    assert rows.polls[0]["entries_seen"] == 2
    assert rows.polls[0]["entries_new"] == 1


@pytest.mark.parametrize(
    ("outcome", "reopened", "rechecked"),
    [
        (Outcome.LOADED, False, True),
        (Outcome.OFF_TOPIC, True, False),
        (Outcome.EMPTY, True, False),
        (Outcome.GONE, True, False),
        (Outcome.BLOCKED, True, False),
        (Outcome.UNREACHABLE, True, False),
        (Outcome.PENDING, False, False),
        (Outcome.QUARANTINED, False, False),
    ],
)
def test_a_changed_entry_is_read_again(outcome, reopened, rechecked):
    """Loaded: looked at again; ended without an article: pending again; still waiting or quarantined: only noted."""
    rows = plan(changed("a"), known=known(outcome))
    assert len(rows.changed) == 1
    assert bool(rows.reopened) is reopened
    assert bool(rows.rechecks) is rechecked


def test_a_changed_duplicate_has_its_original_looked_at():
    """A duplicate follows the entry that speaks for the page."""
    there = known(Outcome.DUPLICATE, duplicate_of="e-first", outcome_of_original=Outcome.LOADED)
    assert set(plan(changed("a"), known=there).rechecks) == {"e-first"}


def test_a_failed_poll_keeps_the_validators_and_opens_a_gap():
    """The document that the validators name is still the last one read; the time without it is a row."""
    poll = Poll(feed(), "failed", LATER, error="timed out")
    rows = plan(poll)
    assert rows.polls[0]["etag"] == '"1"'
    assert rows.polls[0]["consecutive_failures"] == 1
    assert rows.gaps_opened == [{"feed_id": "wire", "gap_from": NOW, "gap_until": None, "cause": "unreachable"}]


def test_a_feed_that_was_never_read_has_its_gap_from_the_first_attempt():
    """There was no successful poll to count from."""
    rows = plan(Poll(feed(), "failed", LATER, error="no"), FeedState())
    assert rows.gaps_opened[0]["gap_from"] == LATER


def test_a_second_failure_opens_no_second_gap_and_success_closes_it():
    """A gap is one row from its beginning to its end."""
    assert plan(Poll(feed(), "failed", LATER), gap=True).gaps_opened == []
    rows = plan(changed("a"), gap=True)
    assert rows.gaps_closed == [{"feed_id": "wire", "gap_until": LATER}]
    assert rows.gaps_opened == []  # the gap that ends tells already that some were missed


def test_not_modified_closes_a_gap_too():
    """304 is an answer."""
    assert plan(Poll(feed(), "not_modified", LATER), gap=True).gaps_closed


def test_a_poll_without_any_known_entry_has_probably_missed_some():
    """An overflow is a gap that ends at once; at the first poll everything is new and nothing was missed."""
    assert plan(changed("a", "b")).gaps_opened[0]["cause"] == "overflow"
    assert plan(changed("a", "b"), FeedState()).gaps_opened == []
    empty = Poll(feed(), "changed", LATER, document=FeedDocument("rss", "Wire", ()))
    assert plan(empty).gaps_opened == []


def test_the_next_poll_backs_off_and_recovers():
    """Failures double the wait up to a day; success brings it back to what is configured."""
    source = feed(every=timedelta(minutes=30))
    waits = [next_interval(source, failures, None) for failures in range(8)]
    assert waits[:3] == [timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)]
    assert waits[-1] == timedelta(days=1)
    failed = next_state(Poll(source, "failed", LATER), SEEN)
    assert next_state(Poll(source, "changed", LATER), failed).consecutive_failures == 0


def test_retry_after_is_respected_within_a_day():
    """The server says when it wants to be asked again."""
    assert next_interval(feed(), 1, timedelta(hours=5)) == timedelta(hours=5)
    assert next_interval(feed(), 1, timedelta(days=400)) == timedelta(days=1)


def test_a_feed_is_due_half_a_tick_early():
    """A run that starts a little early must not skip a round."""
    assert is_due(FeedState(), NOW)
    assert is_due(FeedState(next_poll_at=NOW + timedelta(minutes=4)), NOW)
    assert not is_due(FeedState(next_poll_at=NOW + timedelta(minutes=6)), NOW)


def test_entry_ids_are_of_feed_and_key():
    """The same key in two feeds is two entries; the same in one feed is one."""
    one = plan_polls([(changed("a"), SEEN, False)], {}, NOW).added[0]["entry_id"]
    other = plan_polls(
        [(Poll(feed("other"), "changed", LATER, document=FeedDocument("rss", "O", (feed_entry("a"),))), SEEN, False)],
        {},
        NOW,
    ).added[0]["entry_id"]
    assert one != other
    assert one == plan_polls([(changed("a"), SEEN, False)], {}, LATER).added[0]["entry_id"]
