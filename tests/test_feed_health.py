"""`feed_health` in the real database: its states, and the words that explain them and the next poll."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import feed, feed_entry

from tasks.tell import feeds_markdown
from technews.ledger import opened
from technews.polls import Poll
from technews.records import DateReading, FeedDocument, Precision
from technews.rhythm import Trouble
from technews.settings import read_settings
from technews.warehouse import Warehouse

NOW = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def published(feed_id: str, *days_ago: int, **changes) -> Poll:
    """A poll that brought an entry for each of these days."""
    at = changes.pop("at", NOW)
    dates = [NOW - days * DAY for days in days_ago]
    entries = tuple(
        feed_entry(f"{number}", published=DateReading("x", date, date.date(), Precision.SECOND))
        for number, date in enumerate(dates)
    )
    return Poll(feed(feed_id), "changed", at, document=FeedDocument("rss", "T", entries), **changes)


@pytest.fixture
def health(tmp_path, environment):
    """Feeds after one batch of polls: id to state and explanation."""

    def written(*polls: Poll) -> dict[str, tuple[str, str]]:
        with opened(read_settings({}, tmp_path / "home"), "ingest", now=NOW) as ledger:
            feeds = ledger.configure([*(poll.feed for poll in polls), feed("unasked")])
            ledger.record_polls(polls, feeds)
            _, rows = ledger.store.query("SELECT feed_id, state, explanation FROM feed_health")
            ledger.finish("completed")
            ledger.publish()
        return {feed_id: (state, words) for feed_id, state, words in rows}

    return written


def test_every_state_is_explained(health):
    """What it is, since when, and when it is asked next and why; a stale feed is told from a slow one."""
    found = health(
        published("daily", 0, 1, 2, 3, 4),
        published("stopped", 8, 9, 10, 11, 12),
        published("weekly", 8, 15, 22, 29, 36),
        published("new-but-stale", 400, 401),
        published("one-day", 0, 0, 0),
        published("pinned", 0, 1, 2, 3, 2000),
        published("moved", 0, 1, 2, 3, moved_to="https://new.example/feed"),
        Poll(feed("dead"), "failed", NOW, error="HTTP 410", trouble=Trouble.HARD),
    )
    assert {name: state for name, (state, _) in found.items()} == {
        "daily": "ok",
        "stopped": "silent",
        "weekly": "ok",
        "new-but-stale": "silent",
        "one-day": "ok",
        "pinned": "ok",
        "moved": "ok",
        "dead": "failing",
        "unasked": "new",
    }
    for name, words in {
        "daily": "It is read well. Next poll after 2026-03-31",
        "stopped": "nothing since 2026-03-22; its usual pause is 1 d",
        "new-but-stale": "nothing since 2025-02-23.",
        "moved": "moved for good to https://new.example/feed: change its url",
        "dead": "failures in a row: 1, the last hard: HTTP 410. Next poll after 2026-03-30 18:",
        "unasked": "It was not asked yet",
    }.items():
        assert words in found[name][1], found[name][1]


def test_a_feed_that_stopped_is_told_to_the_operator(health, tmp_path, technews):
    """In the run's artifact, behind what fails and before what is well; by doctor; and in the list of feeds."""
    polls = [
        published("a-daily", 0, 1, 2, 3, 4),
        published("b-stopped", 8, 9, 10, 11, 12),
        Poll(feed("c-dead"), "failed", NOW, error="HTTP 410", trouble=Trouble.HARD),
    ]
    health(*polls)
    with Warehouse(tmp_path / "home" / "warehouse.duckdb", read_only=True) as there:
        page = feeds_markdown(there.rows("reports/feed_trend"))
    rows = [line for line in page.splitlines() if line.startswith(("| a", "| b", "| c"))]
    assert [re.search(r"\*\*(\w+)\*\*|$", line)[1] for line in rows] == ["failing", "silent", None]
    assert "nothing since 2026" in rows[1]
    assert "1 feed silent against their own rhythm (b-stopped)" in technews("doctor").out
    assert "nothing since" in technews("feeds", "list").out


def test_what_a_feed_said_last_stays(tmp_path, environment):
    """The latest failure and the items that the last document repeated, until another one says otherwise."""
    twice = replace(published("a", 0).document, repeated=2)
    polls = [
        Poll(feed("a"), "failed", NOW, error="HTTP 500", trouble=Trouble.TEMPORARY),
        Poll(feed("a"), "failed", NOW + DAY, error="HTTP 410", trouble=Trouble.HARD),
        Poll(feed("a"), "changed", NOW + 2 * DAY, document=twice),
        Poll(feed("a"), "not_modified", NOW + 3 * DAY),
        Poll(feed("a"), "changed", NOW + 4 * DAY, document=published("a", 0).document),
    ]
    found = []
    with opened(read_settings({}, tmp_path / "home"), "ingest", now=NOW) as ledger:
        ledger.configure([feed("a")])
        for number, poll in enumerate(polls):
            ledger.run_id = f"r{number}"
            ledger.record_polls([poll], ledger.feeds())
            found += ledger.store.query("SELECT last_error, entries_repeated FROM feed_health")[1]
        ledger.run_id = ledger.store.rows("reports/run", run_id=None)[0]["run_id"]
        ledger.finish("completed")
    assert found == [("HTTP 500", None), *[("HTTP 410", repeated) for repeated in (None, 2, 2, 0)]]


@pytest.mark.parametrize(
    ("runs", "read_at"),
    [
        ({0: "a=not_modified b=failed"}, "run"),
        ({-1: "a=not_modified b=failed", 0: "b=failed"}, "run"),
        ({0: "a=failed b=failed"}, None),
        ({-5: "b=not_modified", -3: "a=not_modified", 0: "a=failed b=failed"}, -3),
        ({-9: "b=failed", -3: "a=not_modified", 0: "b=failed"}, "run"),
        ({-9: "b=failed", -3: "a=not_modified c=changed", -2: "b=failed", 0: "a=failed"}, -3),
        ({-3: "a=not_modified c=not_modified", -2: "a=failed", 0: "a=failed"}, -3),
        ({-3: "a=not_modified", -2: "a=failed", 0: "b=not_modified"}, "run"),
        ({-3: "a=not_modified"}, "run"),
        ({}, "run"),
    ],
    ids=[
        "one down",
        "down as another was read",
        "all down from the first",
        "all down",
        "a dead one asked alone",
        "all but a slow one down",
        "down while a slow one is not due",
        "another is read again",
        "none due",
        "none asked",
    ],
)
def test_an_ingest_that_no_feed_answered_is_no_good_one(tmp_path, environment, runs, read_at):
    """While no feed answers, the file is as fresh as the last time that one was read; one dead feed changes nothing.

    Where one is asked about which nothing is known but that it was well, its failure counts: others are not due.
    """
    with opened(read_settings({}, tmp_path / "home"), "ingest", now=NOW) as ledger:
        ledger.configure([feed("a"), feed("b"), feed("c"), feed("never-asked")])
        for hours, polled in runs.items():
            ledger.run_id = f"r{hours}"
            at = NOW + hours * DAY / 24
            polls = [Poll(feed(name), status, at) for name, status in (each.split("=") for each in polled.split())]
            ledger.record_polls(polls, ledger.feeds())
        ledger.run_id = ledger.store.rows("reports/run", run_id=None)[0]["run_id"]
        report = ledger.finish("completed")
        (fresh,) = ledger.store.rows("reports/freshness")
    expected = report.row["ended_at"] if read_at == "run" else read_at and NOW + read_at * DAY / 24
    assert (fresh["last_success_at"], report.no_feed_answers) == (expected, read_at != "run")
