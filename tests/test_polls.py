"""What a poll means for the ledger: pure decisions over documents, old state and time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, document, feed, feed_entry, reading

from technews.polls import Poll, is_due, next_state, plan_polls
from technews.records import FeedDocument, FeedState, Outcome, Reason
from technews.recurrence import KnownEntries, KnownEntry
from technews.rhythm import Trouble

SEEN = FeedState(etag='"1"', body_hash="h1", observed_since=NOW, last_success_at=NOW, last_attempt_at=NOW)
LATER = NOW + timedelta(hours=1)


def plan(poll: Poll, state: FeedState = SEEN, known=None, *, gap: bool = False):
    """The rows for one poll."""
    return plan_polls([(poll, state, gap)], known or {}, LATER)


def known(outcome: Outcome, fingerprint: str = "old", **changes) -> dict[str, KnownEntries]:
    """What the ledger has of entry `a` of feed `wire`."""
    found = KnownEntries()
    link = "https://wire.example/a"
    found.put(KnownEntry("e-a", "a", "a", link, "Title of a", reading(), fingerprint, outcome, **changes))
    return {"wire": found}


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


def test_a_changed_duplicate_of_what_is_gone_is_read_itself():
    """Nobody speaks for the page any more."""
    there = known(Outcome.DUPLICATE, duplicate_of="e-first", outcome_of_original=Outcome.GONE)
    assert set(plan(changed("a"), known=there).reopened) == {"e-a"}


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


def test_the_first_entries_of_an_empty_feed_are_no_overflow():
    """Nothing was known, so nothing was missed; a feed that had entries before is another matter."""
    nothing = replace(SEEN, listed=0, rate=0.0)
    assert plan(changed("a"), nothing).gaps_opened == []
    assert plan(changed("a"), replace(nothing, rate=0.5)).gaps_opened[0]["cause"] == "overflow"
    assert plan(changed("a"), replace(nothing, listed=3)).gaps_opened[0]["cause"] == "overflow"


def test_a_duplicate_whose_link_changes_is_read_anew():
    """The page that it repeated stands under its old link; where the new one leads is another question."""
    there = known(Outcome.DUPLICATE, duplicate_of="e-first", outcome_of_original=Outcome.LOADED)
    moved = Poll(feed(), "changed", LATER, document=document("a", url="https://wire.example/moved-in-spring"))
    rows = plan(moved, known=there)
    assert rows.rechecks == {}
    assert rows.reopened["e-a"]["reason"] == Reason.ENTRY_CHANGED


@pytest.mark.parametrize(
    ("reads", "read_at", "due"),
    [
        (5, NOW, LATER),
        (6, NOW, NOW + timedelta(hours=4)),
        (6, NOW - timedelta(hours=3.5), LATER),
    ],
    ids=["seldom", "often", "often, but not lately"],
)
def test_an_entry_that_changes_at_every_poll_is_not_read_as_often(reads, read_at, due):
    """A page is asked for six times a day at once, then every four hours."""
    loaded = plan(changed("a"), known=known(Outcome.LOADED, reads=reads, read_at=read_at))
    assert loaded.rechecks["e-a"]["recheck_at"] == due
    dropped = plan(changed("a"), known=known(Outcome.OFF_TOPIC, reads=reads, read_at=read_at))
    assert dropped.reopened["e-a"]["next_attempt_at"] == due


@pytest.mark.parametrize(
    ("link", "read_at", "reopened"),
    [
        ("https://wire.example/a", LATER + timedelta(seconds=1), False),  # by another feed that showed it before
        ("https://wire.example/a", NOW, True),
        ("https://wire.example/a-mended", LATER + timedelta(seconds=1), True),  # that was the page of the old link
    ],
)
def test_a_page_that_was_read_since_is_not_read_again(link, read_at, reopened):
    """A page asked for after the poll shows the change already, if it is the page of the entry's present link."""
    poll = Poll(feed(), "changed", LATER, document=document("a", url=link))
    rows = plan(poll, known=known(Outcome.GONE, read_at=read_at))
    assert len(rows.changed) == 1
    assert bool(rows.reopened) is reopened


def test_an_overflow_counts_recycled_guids_as_new():
    """Where every GUID of a document means another page than before, nothing known was in it."""
    other = Poll(feed(), "changed", LATER, document=document("a", url="https://wire.example/b", title="Another piece"))
    rows = plan(other, known=known(Outcome.LOADED))
    assert [row["entry_key"] for row in rows.added] == ["a https://wire.example/b"]
    assert rows.changed == []
    assert rows.gaps_opened[0]["cause"] == "overflow"


def test_repeated_items_are_counted():
    """What repeats a key is no entry, and no silence either: the poll's row tells how many there were."""
    twice = Poll(feed(), "changed", LATER, document=FeedDocument("rss", "Wire", (feed_entry("a"),), repeated=3))
    assert plan(twice).polls[0]["entries_repeated"] == 3


def test_down_for_three_runs_and_back():
    """Each failure doubles the wait; the answer after it starts from the feed's rate again, and closes the gap."""
    source = feed(every=timedelta(minutes=30))
    state = next_state(Poll(source, "changed", NOW, document=document("a")), FeedState())
    waits, gaps, at = [], [], NOW
    for poll in ("failed", "failed", "failed", "changed"):
        at += timedelta(hours=1)
        given = Poll(source, poll, at, document=document("a") if poll == "changed" else None)
        rows = plan(given, state, known(Outcome.LOADED, "print of a"), gap=len(waits) > 0)
        gaps += [len(rows.gaps_opened), len(rows.gaps_closed)]
        state = next_state(given, state)
        assert state.next_poll_at
        assert state.interval <= state.next_poll_at - at <= state.interval * 1.1
        waits.append(state.interval)
    assert waits[:3] == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=4)]
    assert waits[3] < timedelta(days=1)
    assert gaps == [1, 0, 0, 0, 0, 0, 0, 1]
    assert (state.consecutive_failures, state.failure_score) == (0, 0)


def test_a_feed_that_is_gone_is_not_asked_sooner_for_an_outage_of_our_own():
    """It keeps its own wait, a day, beyond the six hours of what may pass by itself."""
    source, state = feed(every=timedelta(minutes=30)), SEEN
    for trouble in (Trouble.HARD, Trouble.HARD, Trouble.LOCAL, Trouble.LOCAL):
        state = next_state(Poll(source, "failed", LATER, trouble=trouble), state)
    assert state.interval == timedelta(days=1)


def test_a_failed_poll_says_how_hard_it_failed():
    """The poll's row and the feed's words tell a dead feed from a slow server."""
    row = plan(Poll(feed(), "failed", LATER, error="HTTP 410", trouble=Trouble.HARD)).polls[0]
    assert (row["trouble"], row["failure_score"]) == ("hard", 4)
    assert row["next_poll_reason"].startswith("hard failure")


@pytest.mark.parametrize(("score", "waits"), [(0, 1), (2, 4)], ids=["well before", "failing before"])
def test_an_outage_of_our_own_makes_no_feed_wait_longer(score, waits):
    """Its failures are counted, its gap is opened, and its error stays; its score, and so its wait, does not grow."""
    before = replace(SEEN, failure_score=score, consecutive_failures=score)
    rows = plan(Poll(feed(), "failed", LATER, error="no such name", trouble=Trouble.LOCAL), before)
    (row,) = rows.polls
    assert (row["failure_score"], row["consecutive_failures"]) == (score, score + 1)
    assert (row["trouble"], row["error"]) == ("local", "no such name")
    assert row["interval_seconds"] == waits * feed().every.total_seconds()
    assert "the network here was down" in row["next_poll_reason"]
    assert rows.gaps_opened[0]["cause"] == "unreachable"


def test_a_clock_that_was_put_back_silences_no_feed():
    """A next poll further off than any wait was written by a clock that was ahead: the feed is due now."""
    hour = timedelta(hours=1)
    assert not is_due(FeedState(next_poll_at=NOW + hour, interval=hour), NOW)
    assert is_due(FeedState(next_poll_at=NOW + 9 * hour, interval=hour), NOW)
    assert not is_due(FeedState(next_poll_at=NOW + 23 * hour), NOW)
    assert is_due(FeedState(next_poll_at=NOW + 400 * 24 * hour), NOW)


def test_gaps_never_end_before_they_begin():
    """After a clock was put back, the last success lies ahead; the gap begins now."""
    ahead = FeedState(last_success_at=LATER + timedelta(days=1), observed_since=NOW)
    assert plan(Poll(feed(), "failed", LATER), ahead).gaps_opened[0]["gap_from"] == LATER
    assert plan(changed("z"), ahead).gaps_opened[0]["gap_from"] == LATER


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
