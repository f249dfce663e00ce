"""Servers that say of their feeds what is not so: "not modified" of a changed one, the present time as every date.

Whole ingests, over real HTTP.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, document, feed, reading
from web_site import Site, feeds_toml

from flows.ingest import ingest
from technews import polls as polls_module
from technews.polls import Poll, next_state, plan_polls, validators
from technews.records import FeedState
from technews.settings import read_settings
from technews.warehouse import Warehouse

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
READ = FeedState(
    etag='"1"', last_modified="Mon", body_hash="h1", last_success_at=NOW, document_at=NOW, rate=0.1, listed=20
)


@pytest.fixture
def run(home: Path, site: Site) -> Callable[..., int]:
    """An ingest of the site's `/feed`, so long after now: how many entries were new."""

    def ingested(after: timedelta = timedelta(0)) -> int:
        file = home.parent / "feeds.toml"
        file.write_text(feeds_toml(wire=site.base + "/feed"), encoding="utf-8")
        row = ingest.fn(file, None, force=True, now=datetime.now(UTC) + after).row
        assert (row["status"], row["reconciled"]) == ("completed", True)
        return row["entries_new"]

    return ingested


def asked(sql: str) -> list[Any]:
    """What the published warehouse says."""
    with Warehouse(read_settings().warehouse, read_only=True) as store:
        return store.query(sql)[1]


def health() -> str:
    """The feed's state in words."""
    return asked("SELECT explanation FROM feed_health")[0][0]


def test_a_server_that_says_304_for_ever_is_found_out(run: Callable[..., int], site: Site) -> None:
    """Its document is asked for once a day whatever it says; then its validators are not believed, until they change.

    All that was missed in between is a gap from the document before, not from the last lie.
    """
    links = [site.off_topic(f"{number}") for number in range(6)]
    site.feed("/feed", links[0], etag='"same"')
    assert [run(), run()] == [1, 0]
    site.feed("/feed", links[1], etag='"same"')
    assert [run(HOUR), run(DAY + HOUR)] == [0, 1]
    assert 'says "not modified" though its entries changed' in health()
    gaps = asked("SELECT gap_from, gap_until, cause FROM coverage_gaps")
    before, lie, _, found = (at for (at,) in asked("SELECT requested_at FROM fetches WHERE kind = 'feed' ORDER BY 1"))
    assert [cause for *_, cause in gaps] == ["overflow"]
    assert before <= gaps[0][0] < lie
    assert gaps[0][1] >= found
    for number in (2, 3):
        site.feed("/feed", *links[1 : number + 1], etag='"same"')
        assert run(DAY + 2 * HOUR) == 1
    assert len(asked("FROM coverage_gaps")) == 1
    site.feed("/feed", *links[1:5], etag='"other"')
    assert run(DAY + 3 * HOUR) == 1
    assert "not modified" not in health()
    statuses = [status for (status,) in asked("SELECT status FROM fetches WHERE kind = 'feed' ORDER BY requested_at")]
    assert statuses == [200, 304, 304, 200, 200, 200, 200]
    run(DAY - HOUR)
    assert asked("SELECT count(*) FROM fetches WHERE kind = 'feed' AND status = 304") == [(3,)]


def test_a_server_that_says_304_to_whatever_asks(run: Callable[..., int], site: Site) -> None:
    """Fresh validators with each document do not clear it: one gap from the document before, and no 304 ever again."""
    links, asks = [site.off_topic(f"{number}") for number in range(6)], 0

    def serve(handler: Any) -> tuple[int, dict[str, str], bytes]:
        nonlocal asks
        asks += 1
        if handler.headers.get("If-None-Match") or handler.headers.get("If-Modified-Since"):
            return 304, {}, b""
        site.feed("/plain", links[asks // 2])
        status, headers, body = site.pages["/plain"](None)
        stamp = format_datetime(datetime.now(UTC), usegmt=True)
        return status, headers | {"ETag": f'"{asks}"', "Last-Modified": stamp}, body

    site.pages["/feed"] = serve
    assert [run(), run(HOUR), run(2 * HOUR), run(DAY + HOUR)] == [1, 0, 0, 1]
    before, _, lie, found = (at for (at,) in asked("SELECT requested_at FROM fetches WHERE kind = 'feed' ORDER BY 1"))
    ((begun, ended),) = asked("SELECT gap_from, gap_until FROM coverage_gaps")
    assert before <= begun < lie
    assert ended >= found
    assert "not modified" in health()
    for number in range(2, 6):
        run(DAY + number * HOUR)
    assert "not modified" in health()
    assert asked("SELECT count(*) FROM fetches WHERE kind = 'feed' AND status = 304") == [(2,)]


@pytest.mark.parametrize(
    ("changes", "date", "after", "denied"),
    [
        ({}, NOW, DAY, True),
        ({}, None, DAY, True),
        ({}, NOW + 2 * HOUR, DAY, False),  # it came after the last 304
        ({}, NOW, 2 * HOUR, False),  # it was asked with validators, and did not lie
        ({"document_at": NOW + HOUR}, NOW, DAY + HOUR, False),  # there was no 304
    ],
)
def test_what_convicts_a_server_of_false_304s(
    changes: dict[str, Any], date: datetime | None, after: timedelta, denied: bool
) -> None:
    """After a 304 the whole document holds nothing known, and entries that may be older than it."""
    state = replace(READ, last_success_at=NOW + HOUR, rate=None, **changes)
    whole = document("a", published=reading(date))
    poll = Poll(feed(), "changed", NOW + after, document=whole, etag='"2"', body_hash="h2")
    rows = plan_polls([(poll, state, False)], {}, NOW + after)
    assert rows.polls[0]["validators_lie"] is denied
    assert rows.polls[0]["etag"] == (None if denied else '"2"')
    assert rows.gaps_opened[0]["gap_from"] == (state.document_at if denied else state.last_success_at)


def test_an_etag_repeated_over_new_entries_loses_none(run: Callable[..., int], site: Site) -> None:
    """A server that sends its document all the same, whatever is asked for: each entry once."""
    for number in range(1, 4):
        site.feed("/feed", *(site.off_topic(f"{each}") for each in range(number)))
        _, headers, body = site.pages["/feed"](None)
        site.pages["/feed"] = (200, headers | {"ETag": '"same"'}, body)
        assert [run(), run()] == [1, 0]
    assert asked("SELECT count(*), count(DISTINCT guid) FROM entries") == [(3, 3)]


@pytest.mark.parametrize(
    ("state", "after", "whole"),
    [
        (READ, HOUR, False),
        (READ, DAY - HOUR, False),
        (READ, DAY, True),  # once a day
        (replace(READ, rate=2.0), 4 * HOUR, False),
        (replace(READ, rate=2.0), 5 * HOUR, True),  # ten of its twenty entries may be others by now
        (replace(READ, rate=2.0, document_at=NOW, idle_document_at=NOW), 5 * HOUR, False),  # it was in vain today
        (replace(READ, rate=2.0, document_at=NOW, idle_document_at=NOW), DAY, True),
        (replace(READ, validators_lie=True), timedelta(0), True),
        (replace(READ, document_at=None), HOUR, True),  # read by a version that kept no such time
        (replace(READ, document_at=NOW + 9 * DAY), HOUR, True),  # the clock was put back
    ],
)
def test_when_the_whole_document_is_asked_for(state: FeedState, after: timedelta, whole: bool) -> None:
    """Conditional requests are the rule; what makes an exception is written here."""
    assert validators(state, NOW + after) == ((None, None) if whole else ('"1"', "Mon"))


def test_a_quiet_feed_costs_one_document_a_day() -> None:
    """However often a feed with nothing new is polled, and however much it used to bring: a document a day in vain."""
    state, documents = replace(READ, rate=4.0, idle_document_at=NOW - DAY), 0
    for number in range(7 * 48):
        at = NOW + number * HOUR / 2
        came = validators(state, at) == (None, None)
        documents += came
        poll = Poll(feed(), "not_modified", at, etag='"1"', last_modified="Mon", body_hash="h1" if came else None)
        state = next_state(poll, state)
    assert documents == 7


@pytest.mark.parametrize(
    ("before", "now", "lie"),
    [
        (('"1"', None), ('"1"', None), True),
        (('"1"', None), ('"2"', None), False),
        ((None, "Mon"), (None, "Mon"), True),
        ((None, "Mon"), (None, "Tue"), False),
        (('"1"', "Mon"), ('"2"', "Mon"), False),  # a server that gives an ETag goes by it
        (('"1"', "Mon"), ('"1"', "Tue"), True),
        ((None, None), (None, None), False),
    ],
)
def test_what_makes_a_validator_a_lie(before: tuple[Any, Any], now: tuple[Any, Any], lie: bool) -> None:
    """It stayed while entries came or changed; bytes alone may differ by the time of serving."""
    state = replace(READ, etag=before[0], last_modified=before[1])
    poll = Poll(
        feed(), "changed", NOW + HOUR, document=document("a"), etag=now[0], last_modified=now[1], body_hash="h2"
    )
    assert next_state(poll, state, new=1).validators_lie is lie
    assert next_state(poll, state, changed=1).validators_lie is lie
    assert not next_state(poll, state).validators_lie


def test_a_feed_that_dates_its_entries_now_at_each_poll(run: Callable[..., int], site: Site) -> None:
    """One entry, one page asked for, no date that changes: until the feed states a real one, without asking again."""
    link, date, title = site.on_topic("a"), None, b"Item a"

    def serve(_: Any) -> tuple[int, dict[str, str], bytes]:
        site.feed("/plain", link, dates=lambda _: date or datetime.now(UTC))
        status, headers, body = site.pages["/plain"](None)
        return status, headers, body.replace(b"Item a", title)

    site.pages["/feed"] = serve
    dates = "SELECT published_at, published_precision, date_flag, published_raw IS NOT NULL FROM entries"
    assert [run(number * HOUR) for number in range(3)] == [1, 0, 0]
    assert asked(dates) == [(None, "unknown", "poll_time", True)]
    assert asked("SELECT entries_changed FROM ledger.polls ORDER BY polled_at") == [(0,)] * 3
    date = NOW
    assert run(3 * HOUR) == 0
    assert asked(dates) == [(NOW, "second", None, True)]
    date = None
    assert run(4 * HOUR) == 0
    assert asked(dates) == [(NOW, "second", None, True)]
    assert site.hits["/a"] == 1
    title = b"Another title"
    assert run(5 * HOUR) == 0
    assert asked(dates) == [(NOW, "second", None, True)]
    assert asked("SELECT title FROM entries") == [("Another title",)]


def test_entries_that_share_their_true_time(
    run: Callable[..., int], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polled soon after, it might be a cache's stamp; the same bytes, later, show that it is their date, and no lie."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=30)
    site.feed("/feed", *(site.off_topic(name) for name in "abc"), dates=lambda _: at, etag='"1"')
    dates = "SELECT DISTINCT published_at, date_flag FROM entries"
    assert run() == 3
    assert asked(dates) == [(None, "poll_time")]
    assert run(DAY) == 0
    assert asked(dates) == [(None, "poll_time")]
    monkeypatch.setattr("technews.dates._CACHED", timedelta(seconds=1))  # as if ten minutes had passed
    assert run(2 * DAY) == 0
    assert asked(dates) == [(at, None)]
    assert [site.hits[f"/{name}"] for name in "abc"] == [1, 1, 1]
    assert "not modified" not in health()
    assert asked("SELECT body_hash IS NOT NULL FROM ledger.feeds") == [(True,)]


def test_a_link_with_another_tracking_parameter_at_each_poll(run: Callable[..., int], site: Site) -> None:
    """It leads to the same page: no change, and no reason to read it again."""
    links, polls = [site.off_topic("a"), site.on_topic("b")], 0

    def serve(_: Any) -> tuple[int, dict[str, str], bytes]:
        nonlocal polls
        polls += 1
        site.feed("/plain", *links)
        status, headers, body = site.pages["/plain"](None)
        return status, headers, body.replace(b"</link>", f"?utm_content=s{polls}</link>".encode())

    site.pages["/feed"] = serve
    assert [run(number * HOUR) for number in range(3)] == [2, 0, 0]
    assert [site.hits["/a"], site.hits["/b"]] == [1, 1]
    assert asked("SELECT entries_changed FROM ledger.polls ORDER BY polled_at") == [(0,)] * 3


def test_an_entry_that_changes_at_every_poll(
    run: Callable[..., int], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page is read at once as often as a day allows (two times here), then it waits; nothing is new or lost."""
    monkeypatch.setattr(polls_module, "READS_A_DAY", 2)
    link, polls = site.off_topic("a"), 0

    def serve(_: Any) -> tuple[int, dict[str, str], bytes]:
        nonlocal polls
        polls = min(polls + 1, 3)
        site.feed("/plain", link)
        status, headers, body = site.pages["/plain"](None)
        return status, headers, body.replace(b"Item a", f"Item a, {polls} hours ago".encode())

    site.pages["/feed"] = serve
    assert [run() for _ in range(3)] == [1, 0, 0]
    assert site.hits["/a"] == 2
    assert asked("SELECT outcome, reason FROM entries") == [("pending", "entry_changed")]
    run(13 * HOUR)
    assert site.hits["/a"] == 3
    assert asked("SELECT outcome FROM entries") == [("off_topic",)]
