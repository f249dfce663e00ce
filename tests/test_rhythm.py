"""When a feed is asked again: bounds, what makes it sooner or later, back-off, jitter, and what HTTP answers allow."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technews.rhythm import (
    CEILING,
    TEMPORARY_CEILING,
    Habits,
    Trouble,
    Wait,
    failure_score,
    first_rate,
    fresh_for,
    jittered,
    new_rate,
    trouble_of,
    wait_after_failure,
    wait_after_success,
)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HALF, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
STEADY = Habits(rate=1.0, listed=20, known=18)


@pytest.mark.parametrize(
    ("previous", "habits", "wait", "words"),
    [
        (None, Habits(), HALF, "nothing is known"),
        (None, Habits(rate=0.5), 2 * HOUR, "about 12 a day"),
        (None, Habits(rate=0.0), DAY, "at least once a day"),
        (None, Habits(rate=60.0), HALF, "no sooner than `every`"),
        (HOUR, STEADY, 1.25 * HOUR, "18 of 20"),
        (HOUR, Habits(1.0, 20, 12), HOUR, "as before"),
        (4 * HOUR, Habits(1.0, 20, 3), 2 * HOUR, "only 3 of 20"),
        (4 * HOUR, Habits(1.0, 20, 0), 2 * HOUR, "only 0 of 20"),
        (8 * HOUR, Habits(1.0, 20, 15), 2 * HOUR, "about 24 a day"),
        (HOUR, Habits(1.0, 20, None), 1.25 * HOUR, "nothing was new"),
        (20 * HOUR, Habits(0.0, 20, None), DAY, "at least once a day"),
        (HOUR, Habits(1.0, 20, 12, fresh_for=3 * HOUR), 3 * HOUR, "Cache-Control"),
        (HOUR, Habits(1.0, 20, 12, asked_wait=3 * HOUR), 3 * HOUR, "ttl"),
        (HOUR, Habits(1.0, 20, 12, asked_wait=HALF), HOUR, "as before"),
        # A document that is replaced within two hours is not waited for a day, whatever it asks for.
        (HOUR, Habits(5.0, 20, 12, asked_wait=DAY), 2 * HOUR, "ttl"),
        (HOUR, Habits(None, 20, 12, asked_wait=400 * DAY), DAY, "at least once a day"),
    ],
)
def test_a_feed_is_asked_as_it_behaves(previous, habits, wait, words):
    """Rate, overlap, HTTP caching and the document's own wish decide, between `every` and a day, and say so."""
    found = wait_after_success(HALF, previous, habits)
    assert found.interval == wait
    assert words in found.reason


def test_every_is_the_floor_even_beyond_a_day():
    """An operator who wants a feed every three days gets it every three days."""
    assert wait_after_success(3 * DAY, None, Habits(rate=60.0)).interval == 3 * DAY
    assert wait_after_failure(3 * DAY, 9, Trouble.HARD).interval == 3 * DAY


def test_a_steady_feed_comes_to_rest():
    """Polled as decided, a feed of one entry an hour settles between one and two new entries a poll."""
    wait, rate = HALF, 1.0
    for _ in range(60):
        new = wait / HOUR
        rate = new_rate(rate, round(new), wait)
        wait = wait_after_success(HALF, wait, Habits(rate, 20, 20 - round(new))).interval
    assert HOUR <= wait <= 2.5 * HOUR


@pytest.mark.parametrize(
    ("trouble", "waits"),
    [
        (Trouble.TEMPORARY, [1, 2, 4, 6, 6]),
        (Trouble.SOFT, [2, 8, 24, 24]),
        (Trouble.HARD, [8, 24, 24]),
        (Trouble.LOCAL, [0.5, 0.5, 0.5]),
    ],
)
def test_failures_back_off_by_how_hard_they_are(trouble, waits):
    """Exponential, with a cap, heavier for what does not mend itself, and never for good."""
    score, found = 0, []
    for _ in waits:
        score = failure_score(score, trouble)
        found.append(wait_after_failure(HALF, score, trouble).interval / HOUR)
    assert found == waits
    assert wait_after_failure(HALF, 10**9, trouble).interval <= DAY


def test_an_outage_of_our_own_leaves_a_wait_as_long_as_it_was():
    """A feed that was well is asked again after `every`, one that failed before goes on with its own wait."""
    well, failing = (wait_after_failure(HALF, score, Trouble.LOCAL) for score in (0, 2))
    assert (well.interval, failing.interval) == (HALF, 4 * HALF)
    assert "no host was reached, so the network here was down" in well.reason
    assert ("after `every`" in well.reason, "does not grow" in failing.reason) == (True, True)
    kept = [
        wait_after_failure(HALF, score, Trouble.LOCAL, previous=previous * HOUR).interval / HOUR
        for score, previous in ((0, 24), (1, 24), (8, 24), (4, 8), (5, 6), (8, 400))
    ]
    assert kept == [0.5, 1, 24, 8, 6, 24]


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (None, Trouble.TEMPORARY),
        (408, Trouble.TEMPORARY),
        (429, Trouble.TEMPORARY),
        (500, Trouble.TEMPORARY),
        (503, Trouble.TEMPORARY),
        (200, Trouble.SOFT),
        (304, Trouble.SOFT),
        (401, Trouble.SOFT),
        (403, Trouble.SOFT),
        (404, Trouble.SOFT),
        (410, Trouble.HARD),
    ],
)
def test_what_a_status_says(status, trouble):
    """410 is the publisher's last word, what needs a person is soft, what may pass is temporary."""
    assert trouble_of(status) is trouble


def test_retry_after_is_respected_within_a_day():
    """The server says when it wants to be asked again."""
    assert wait_after_failure(HALF, 1, Trouble.TEMPORARY, 5 * HOUR).interval == 5 * HOUR
    assert wait_after_failure(HALF, 1, Trouble.TEMPORARY, 400 * DAY).interval == DAY
    found = wait_after_success(HALF, HOUR, STEADY, 5 * HOUR)
    assert (found.interval, "Retry-After" in found.reason) == (5 * HOUR, True)


@given(st.timedeltas(timedelta(seconds=1), 7 * DAY), st.timedeltas(timedelta(seconds=1), DAY), st.text(max_size=9))
def test_jitter_stays_within_bounds(every, wait, seed):
    """Up to a tenth, never sooner than `every`, never later than a day (or a tenth beyond a longer `every`)."""
    wait = max(every, wait)
    found = jittered(Wait(wait, ""), every, seed)
    assert every <= found <= max(CEILING, every * 1.1 + timedelta(microseconds=1))
    assert abs(found - wait) <= wait * 0.1 + timedelta(microseconds=1)


@given(
    st.timedeltas(timedelta(seconds=1), DAY),
    st.integers(0, 40),
    st.sampled_from(Trouble),
    st.none() | st.timedeltas(timedelta(0), 3 * DAY),
    st.text(max_size=9),
)
def test_jitter_keeps_what_was_asked_and_what_was_said(every, score, trouble, retry_after, seed):
    """Never before Retry-After (a day at most); a failure that may pass is tried again within six hours of silence."""
    found = jittered(wait_after_failure(every, score, trouble, retry_after), every, seed)
    asked = min(retry_after or timedelta(0), DAY)
    ceiling = TEMPORARY_CEILING if trouble is Trouble.TEMPORARY else CEILING
    assert asked <= found <= max(ceiling, asked * 1.1, every * 1.1) + timedelta(microseconds=1)
    assert asked <= jittered(wait_after_success(every, HOUR, STEADY, retry_after), every, seed)


def test_jitter_parts_feeds_of_one_host():
    """Fifty feeds with one wait are spread over its tenth, not herded."""
    found = {jittered(Wait(HOUR, ""), HALF, f"feed-{number} now") for number in range(50)}
    assert len(found) == 50
    assert max(found) - min(found) > timedelta(minutes=4)


@given(
    st.timedeltas(timedelta(seconds=1), 7 * DAY),
    st.none() | st.timedeltas(timedelta(seconds=1), 7 * DAY),
    st.builds(
        Habits,
        st.none() | st.floats(0, 1e9),
        st.none() | st.integers(0, 50_000),
        st.none() | st.integers(0, 50_000),
        st.none() | st.timedeltas(timedelta(0), 4000 * DAY),
        st.none() | st.timedeltas(timedelta(0), DAY),
    ),
)
def test_whatever_a_feed_does_the_wait_is_between_every_and_a_day(every, previous, habits):
    """No habit, and no number from the web, silences a feed or makes it a burden."""
    wait = wait_after_success(every, previous, habits)
    assert every <= wait.interval <= max(every, CEILING)
    assert wait.reason


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"cache-control": "s-maxage=9, max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600", "Age": "900"}, 0),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=99999999999999"}, 86400),
        ({"Expires": "Mon, 02 Mar 2026 11:00:00 GMT", "Date": "Mon, 02 Mar 2026 10:30:00 GMT"}, 1800),
        ({"Expires": "Mon, 02 Mar 2026 11:00:00 GMT"}, 3600),
        ({"Expires": "Mon, 02 Mar 2026 11:00:00 GMT", "Cache-Control": "max-age=60"}, 60),
        ({"Expires": "0"}, None),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86400),
        ({"Expires": "x" * 5000, "Cache-Control": ',,,="', "Age": "-"}, None),
        ({}, None),
    ],
)
def test_how_long_an_answer_is_fresh(headers, fresh):
    """RFC 9111 section 4.2, for a private cache; nonsense says nothing, and nothing counts for more than a day."""
    found = fresh_for(tuple(headers.items()), NOW)
    assert found == (timedelta(seconds=fresh) if fresh is not None else None)


def test_several_cache_control_fields_are_one_list():
    """RFC 9110 section 5.2: a second field adds to the first."""
    assert fresh_for([("Cache-Control", "max-age=60"), ("cache-control", "public")], NOW) == timedelta(seconds=60)
    assert fresh_for([("Cache-Control", "no-store"), ("Cache-Control", "max-age=60")], NOW) is None


def test_the_first_document_tells_the_rate():
    """Entries of a week by their dates; old dates alone mean a quiet feed, no dates that nobody knows."""
    assert first_rate([NOW - timedelta(hours=h) for h in (1, 2, 4)], NOW) == 3 / 4
    assert first_rate([NOW - 300 * DAY, NOW - HOUR], NOW) == 1.0
    assert first_rate([NOW - 300 * DAY], NOW) == 0.0
    assert first_rate([None, None], NOW) is None


def test_the_rate_forgets_slowly():
    """A weekend halves it, a month ends it; a burst counts for the time that it took."""
    assert 0.4 < new_rate(1.0, 0, timedelta(hours=60)) < 0.5
    assert new_rate(1.0, 0, 30 * DAY) < 0.001
    assert 1.0 < new_rate(1.0, 10, HOUR) < 1.2
    assert new_rate(1.0, 5, timedelta(days=-1)) < 1.1
