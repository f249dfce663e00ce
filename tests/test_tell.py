"""What an operator reads in the engine: names of runs and artifacts, in which text from the web does nothing."""

import re

import pytest

from tasks.engine import failed_name
from tasks.tell import (
    artifacts,
    bars,
    feeds_markdown,
    funnel_markdown,
    inert,
    kept_markdown,
    maintenance_markdown,
    run_name,
    validation_markdown,
)
from technews.ledger import RunReport
from technews.records import Outcome

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](//e.example/p.png) | `c` <img src=x> \n# h https://e.example"


def row(**changes) -> dict:
    """A run's row."""
    counts = dict.fromkeys(
        (
            "entries_seen",
            "entries_new",
            "due",
            "reopened",
            "rechecked",
            "feeds_failed",
            "feeds_not_modified",
            *map(str, Outcome),
        ),
        0,
    )
    return (
        {
            "run_id": "r1",
            "flow": "ingest",
            "status": "completed",
            "reconciled": True,
            "message": None,
            "feeds_polled": 12,
        }
        | counts
        | changes
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entries_new": 41, "loaded": 3, "feeds_failed": 1}, "41 new, 3 kept, 1 feed down"),
        ({}, "nothing new in 12 feeds"),
        ({"feeds_polled": 1}, "nothing new in 1 feed"),
        ({"feeds_polled": 0}, "no feed was due"),
        ({"feeds_polled": 0, "due": 2, "gone": 1, "empty": 1}, "2 tried again, none kept"),
        ({"feeds_failed": 2, "status": "degraded"}, "⚠ degraded · 2 feeds down"),
        ({"entries_new": 1, "status": "failed"}, "✗ failed · 1 new, 0 kept"),
        ({"rechecked": 4, "quarantined": 2}, "4 looked at again, 2 quarantined"),
        (
            {"flow": "backfill", "feeds_polled": 0, "message": "1,200 documents; 1,190 taken up", "loaded": 12},
            "1,200 documents; 1,190 taken up, 12 kept",
        ),
        (
            {"flow": "replay", "feeds_polled": 0, "message": "5 articles; 3 brought up to date", "status": "degraded"},
            "⚠ degraded · 5 articles; 3 brought up to date",
        ),
    ],
)
def test_a_run_is_named_by_what_it_did(changes, expected):
    """The list of runs says what and how much, and tells a degraded or failed run at a glance."""
    assert run_name(RunReport(row(**changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"feeds_polled": 0}, "no feed was due: no feed answers"),
        ({"feeds_failed": 2, "status": "degraded"}, "⚠ degraded · 2 feeds down: no feed answers"),
    ],
)
def test_a_run_says_that_no_feed_answers(changes, expected):
    """Also one in which none was due: by that the alarm for silence tells it from a good run."""
    assert run_name(RunReport(row(**changes), no_feed_answers=True)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"feeds_polled": 0}, set()),
        ({"feeds_not_modified": 12}, {"feeds"}),
        ({"entries_seen": 40}, {"feeds", "funnel"}),
        ({"feeds_polled": 0, "due": 3, "pending": 3}, {"funnel"}),
        ({"rechecked": 1}, {"feeds", "funnel"}),
        ({"feeds_failed": 12, "status": "degraded"}, {"feeds", "funnel"}),
        ({"entries_new": 1, "quarantined": 1}, {"feeds", "funnel"}),
    ],
)
def test_the_newest_artifacts_are_telling_ones(changes, expected):
    """A run in which nothing happened leaves none: the engine shows the newest of each, which would be all zeros."""
    assert artifacts(RunReport(row(**changes))).keys() == expected
    assert artifacts(RunReport(row(**changes), validated=1)).keys() == expected | {"validation"}


def test_validation_counts_all_rows_that_were_held_against_the_rules():
    """Also of what was looked at again, or turned out to be known: as many as the run's log says."""
    aside = {"rule": "r", "column_name": "c", "rows": 2, "example": "q1", "title": "t", "value": "v"}
    assert validation_markdown(RunReport(row(), validated=7)) == "7 rows held against the rules; none was set aside."
    assert validation_markdown(RunReport(row(), validated=7, set_aside=(aside,))).startswith(
        "Set aside, whole: 2 of 7 rows.\n"
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Flow run encountered an exception: UsageError: /x/feeds.toml: no such file",
            "✗ failed · /x/feeds.toml: no such file",
        ),
        ("the counts do not agree", "✗ failed · the counts do not agree"),
        ("x" * 200, f"✗ failed · {'x' * 80}"),
    ],
)
def test_a_failed_run_is_named_by_why_it_failed(message, expected):
    """The list of runs says the cure or the reason, not the engine's words around it."""
    assert failed_name(message) == expected


def unescaped(page: str) -> str:
    """What Markdown would act on."""
    return re.sub(r"\\.", "", page)


def test_text_from_the_web_does_nothing():
    """No markup, link, image or address in any artifact, and no value breaks out of its line."""
    kept = {"title": HOSTILE, "publisher": HOSTILE, "language": "en", "score": 0.9, "threshold": 0.5, "entry_id": "e1"}
    evidence = [{"facet": "a", "term": HOSTILE}]
    feed = {
        "feed_id": "f", "state": "failing", "trend": [0, 4], "entries_7d": 4, "last_success_at": None,
        "explanation": HOSTILE,
    }  # fmt: skip
    aside = {"rule": "r", "column_name": "c", "rows": 1, "example": "q1", "title": HOSTILE, "value": HOSTILE}
    report = RunReport(row(message=HOSTILE), set_aside=(aside,), findings=(("c", "warn", "m", 1),), checked=True)
    for page in (
        kept_markdown([kept | {"because": evidence}]),
        feeds_markdown([feed]),
        validation_markdown(report),
        funnel_markdown(report),
        maintenance_markdown(report, [("b.duckdb", 1 << 20)]),
    ):
        bare = unescaped(page)
        for word in ("<script", "<img", "](", "![", "https://", "javascript:", "\n# "):
            assert word not in bare, page
        for table in re.findall(r"(?m)(?:^\|.*\n?)+", bare):
            assert len({line.count("|") for line in table.splitlines()}) == 1, f"as many cells as the head: {table}"


def test_inert_keeps_letters_of_all_languages():
    """Only marks are escaped."""
    assert inert("苹果 été") == "苹果 été"


def test_bars_show_a_trend():
    """The largest day is the highest bar, a day without entries a point."""
    assert bars([0, 1, 4, 8]) == "·▁▄█"
    assert bars([0, 0]) == "··"
    assert bars([]) == ""
