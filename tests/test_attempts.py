"""What an answer or a failure means for an entry."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from technews.attempts import ATTEMPT_DELAYS, Failure, judge_failure, judge_offline, judge_unstarted, read_retry_after
from technews.records import DateReading, Entry, Feed, Outcome, Reason

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
FEED = Feed("wire", "https://feeds.example/", "Wire", "en", "US", "UTC", timedelta(minutes=30))
ENTRY = Entry("e1", FEED, "https://a.example/1", "T", None, "", "", DateReading(), Outcome.PENDING, 0, NOW)


@pytest.mark.parametrize(
    ("failure", "outcome", "reason"),
    [
        (404, Outcome.GONE, Reason.HTTP_404),
        (410, Outcome.GONE, Reason.HTTP_410),
        (401, Outcome.BLOCKED, Reason.HTTP_401),
        (403, Outcome.BLOCKED, Reason.HTTP_403),
        (451, Outcome.BLOCKED, Reason.HTTP_451),
        (Failure.ROBOTS, Outcome.BLOCKED, Reason.ROBOTS),
        (Failure.ADDRESS_REFUSED, Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        (Failure.SCHEME_REFUSED, Outcome.BLOCKED, Reason.SCHEME_REFUSED),
        (Failure.REDIRECT_LOOP, Outcome.UNREACHABLE, Reason.REDIRECT_LOOP),
        (Failure.REDIRECTED_HOME, Outcome.GONE, Reason.REDIRECTED_HOME),
        (Failure.TOO_LARGE, Outcome.EMPTY, Reason.TOO_LARGE),
        (Failure.NOT_HTML, Outcome.EMPTY, Reason.NOT_HTML),
        (Failure.NO_LINK, Outcome.EMPTY, Reason.NO_LINK),
    ],
)
def test_clear_answers_end_an_entry(failure: Failure | int, outcome: Outcome, reason: Reason) -> None:
    """A clear answer is final at the first attempt, and no other time is named."""
    result = judge_failure(ENTRY, failure, now=NOW, detail="why")
    assert (result.outcome, result.reason, result.detail, result.retry_at) == (outcome, reason, "why", None)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (429, Reason.RATE_LIMITED),
        (408, Reason.TIMEOUT),
        *((status, Reason.SERVER_ERROR) for status in (400, 405, 406, 418, 500, 502, 503, 504, 202, 206, 302, 999)),
        (Failure.TIMEOUT, Reason.TIMEOUT),
        (Failure.CONNECTION, Reason.CONNECTION_FAILED),
        (Failure.BAD_ANSWER, Reason.SERVER_ERROR),
    ],
)
def test_passing_failures_are_tried_again(failure: Failure | int, reason: Reason) -> None:
    """What may pass stays pending with a time, and spends an attempt; the sixth attempt is the last."""
    result = judge_failure(ENTRY, failure, now=NOW)
    assert (result.outcome, result.reason, result.spent) == (Outcome.PENDING, reason, True)
    assert result.retry_at == NOW + timedelta(minutes=15)
    last = judge_failure(replace(ENTRY, attempts=5), failure, now=NOW)
    assert (last.outcome, last.reason, last.retry_at) == (Outcome.UNREACHABLE, Reason.ATTEMPTS_USED_UP, None)


def test_six_attempts_over_three_days() -> None:
    """Each wait is longer than the one before, and all of them make about three days."""
    at, waits = NOW, []
    for attempts in range(6):
        result = judge_failure(replace(ENTRY, attempts=attempts), 500, now=at)
        if result.retry_at is None:
            break
        waits.append(result.retry_at - at)
        at = result.retry_at
    assert tuple(waits) == ATTEMPT_DELAYS
    assert waits == sorted(waits)
    assert timedelta(days=2.5) < at - NOW < timedelta(days=3.5)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (timedelta(seconds=5), timedelta(minutes=15)),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=400), timedelta(days=1)),
    ],
    ids=["shorter", "longer", "absurd"],
)
def test_retry_after(asked: timedelta, waits: timedelta) -> None:
    """The server's wait holds where it is longer than ours, up to a day."""
    assert judge_failure(ENTRY, 503, now=NOW, retry_after=asked).retry_at == NOW + waits


def test_unreachable_robots_spends_nothing() -> None:
    """While robots.txt cannot be read no page was asked for, however often that happens."""
    result = judge_failure(replace(ENTRY, attempts=5), Failure.ROBOTS_UNREACHABLE, now=NOW)
    assert (result.outcome, result.reason, result.spent) == (Outcome.PENDING, Reason.ROBOTS_UNREACHABLE, False)
    assert result.retry_at == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(("attempts", "reason"), [(0, Reason.TIMEOUT), (5, Reason.CONNECTION_FAILED)])
def test_an_outage_of_our_own_spends_nothing(attempts: int, reason: Reason) -> None:
    """The entry waits for its next attempt, its sixth too, and is due again in a quarter of an hour."""
    failed = judge_failure(replace(ENTRY, attempts=attempts), Failure.TIMEOUT, now=NOW, detail="no connection")
    result = judge_offline(failed, NOW)
    assert (result.outcome, result.reason, result.spent) == (Outcome.PENDING, reason, False)
    assert (result.retry_at, result.detail) == (NOW + ATTEMPT_DELAYS[0], "no connection")


def test_details_are_one_sound_line() -> None:
    """Whatever a server or library says fits one line of the ledger."""
    detail = judge_failure(ENTRY, 500, now=NOW, detail="a\r\n\x00b \ud800 " + "c" * 1000).detail
    assert detail.startswith("a b \ufffd ccc")
    assert len(detail) == 300
    assert judge_failure(ENTRY, 500, now=NOW).detail == "HTTP 500"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("9" * 5000, 86400),
        ("Fri, 02 Jan 2026 13:00:00 GMT", 3600),
        ("Fri, 02 Jan 2026 13:00:00 -0000", 3600),
        ("Fri, 02 Jan 2026 11:00:00 GMT", 0),
        ("Fri, 02 Jan 2036 11:00:00 GMT", 86400),
        ("-5", None),
        ("1.5", None),
        ("\u0661\u0662", None),
        ("soon", None),
        ("Fri, 99 Jan 2026 13:00:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_reading_retry_after(value: str | None, seconds: int | None) -> None:
    """Seconds or an HTTP date; nonsense is none, and nothing is more than a day."""
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert read_retry_after(value, NOW) == expected


def test_an_entry_that_never_starts_ends_after_a_week() -> None:
    """Seven days without a start end in `host_too_slow`, not a day earlier."""
    assert judge_unstarted(ENTRY, pending_since=NOW - timedelta(days=6, hours=23), now=NOW) is None
    result = judge_unstarted(ENTRY, pending_since=NOW - timedelta(days=7), now=NOW)
    assert result is not None
    assert (result.outcome, result.reason) == (Outcome.UNREACHABLE, Reason.HOST_TOO_SLOW)


@pytest.mark.parametrize(
    "value",
    ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "9" * 400, "Mon, 01 Jan 2026 00:00:99999999999 GMT", "-1"],
)
def test_a_retry_after_beyond_all_numbers_is_none_or_bounded(value: str) -> None:
    """One header of one server must not stop the run of all."""
    wait = read_retry_after(value, datetime(2026, 1, 1, tzinfo=UTC))
    assert wait is None or wait <= timedelta(days=1)
