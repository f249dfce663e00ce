"""How a run ended, as the command line says it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_tell import row

from technews.ledger import RunReport
from technews.run_summary import run_in_words


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"entries_seen": 60, "entries_new": 9, "loaded": 2, "pending": 7, "feeds_not_modified": 3},
            [
                "  feeds: 12 polled, 3 not modified, 0 failed",
                "  entries: 60 seen, 9 new, 0 looked at again",
                "  outcomes: 7 pending, 2 loaded",
            ],
        ),
        (
            {"feeds_polled": 0},
            [
                "  feeds: 0 polled, 0 not modified, 0 failed",
                "  no feed was due; the next is at 2026-03-02 11:00 UTC; `technews run --force` asks all of them now",
                "  entries: 0 seen, 0 new, 0 looked at again",
                "  outcomes: none",
            ],
        ),
        (
            {"flow": "replay", "message": "5 articles; 3 newly in", "loaded": 3, "pending": 7},
            ["  5 articles; 3 newly in", "  entries: 0 new, 0 looked at again", "  outcomes: 3 loaded"],
        ),
        (
            {"flow": "backfill", "message": "9 documents", "entries_new": 9, "off_topic": 9, "pending": 7},
            ["  9 documents", "  entries: 9 new, 0 looked at again", "  outcomes: 9 off_topic"],
        ),
        ({"flow": "maintain", "message": "state 3.0 MB, before 4.0"}, ["  state 3.0 MB, before 4.0"]),
    ],
    ids=["ingest", "none due", "replay", "backfill", "maintain"],
)
def test_a_run_in_words_says_what_it_did(changes, lines):
    """Entries that wait are an ingest's; a replay or backfill that leaves them alone does not count them."""
    feeds = tuple({"next_poll_at": datetime(2026, 3, 2, hour, tzinfo=UTC)} for hour in (12, 11))
    first, *middle, last = run_in_words(RunReport(row(**changes), feeds=feeds), 2.4, Path("/w.duckdb")).splitlines()
    assert first == "run r1: completed in 2 s, the counts agree"
    assert middle == lines
    assert last == "  warehouse: /w.duckdb"
