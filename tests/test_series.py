"""Real feeds through the real ledger: no item of a hundred feeds is lost, and versions of a feed bring exactly their news."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import feed
from real_feeds import lines, stored

from technews.feeds import NotAFeed, read_feed
from technews.ledger import Ledger, opened
from technews.polls import Poll, PollRows
from technews.records import Feed, FeedDocument
from technews.settings import Settings, read_settings


def read(path: str, of: Feed, at: datetime) -> FeedDocument:
    """A stored document as a feed's server sent it at that time."""
    return read_feed(stored(path), content_type=None, url=of.url, feed=of, now=at)


@pytest.fixture
def settings(tmp_path: Path, environment) -> Settings:
    """A home of one's own."""
    return read_settings({}, tmp_path / "home")


def record(ledger: Ledger, polls: list[Poll]) -> PollRows:
    """Writes polls down as a run of their own, in one open ledger: opening it for each would take most of the time."""
    ledger.run_id = f"run at {polls[0].at}"
    ledger.store.run("load/open_run", run_id=ledger.run_id, flow="ingest", engine_run_id=None, started_at=ledger.now)
    return ledger.record_polls(polls, ledger.feeds())


def test_series_bring_exactly_their_news(settings):
    """Step by step: as many new entries as the version brought, none twice, none lost; a gap where all were new.

    The same version again changes nothing.
    """
    series = list(lines("series_expected.jsonl"))
    feeds = [feed(f"series-{number}") for number, _ in enumerate(series)]
    at = datetime.now(UTC) - timedelta(days=30)
    with opened(settings, "ingest", now=at) as ledger:
        first_run = ledger.run_id
        ledger.configure(feeds)
        for of, steps in zip(feeds, (each["steps"] for each in series), strict=True):
            gaps = 0
            for number, step in enumerate(steps):
                document = read(step["path"], of, datetime.now(UTC))
                for news in (step["new_ids"], 0) if number % 7 == 0 else (step["new_ids"],):
                    at += timedelta(minutes=20)
                    rows = record(ledger, [Poll(of, "changed", at, document=document)])
                    assert (len(rows.added), len(rows.reopened)) == (news, 0), step["path"]
                    gaps += len(rows.gaps_opened)
                assert number % 7 or not rows.changed, step["path"]
                assert len(document.entries) + document.repeated == step["items"], step["path"]
            assert gaps == sum(step["possible_gap"] for step in steps)
        _, there = ledger.store.query("SELECT feed_id, count(*) FROM entries GROUP BY ALL")
        ledger.run_id = first_run
        ledger.finish("completed")
    assert dict(there) == {of.id: each["unique_ids"] for of, each in zip(feeds, series, strict=True)}


def test_every_item_of_real_feeds_is_an_entry_or_counted(settings):
    """All stored feeds in one batch: what is read is written, and items that repeat a key are counted, not lost."""
    feeds, polls, items = [], [], 0
    at = datetime.now(UTC)
    for number, line in enumerate(lines("index.jsonl")):
        of = feed(f"feed-{number}")
        try:
            document = read(line["path"], of, at)
        except NotAFeed:
            continue
        feeds.append(of)
        polls.append(Poll(of, "changed", at, document=document))
        items += len(document.entries)
    assert len(polls) == 94
    with opened(settings, "ingest", now=at) as ledger:
        rows = ledger.record_polls(polls, ledger.configure(feeds))
        assert len(rows.added) == items
        assert sum(row["entries_seen"] for row in rows.polls) == items
        assert ledger.finish("completed").row["entries_new"] == items
