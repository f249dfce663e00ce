"""The archive's retention: what kept articles need stays, the rest expires and says so; a kill loses no pointer."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from kept_pages import OLD, on_topic, warc
from test_backfill import fill, poll

from technews import archive, retention
from technews.ledger import opened
from technews.settings import read_settings

LATER = datetime.now(UTC) + timedelta(days=100)


def ask(home, sql):
    """A question to the writer's own file."""
    with duckdb.connect(str(home / "state" / "technews.duckdb"), read_only=True) as reader:
        return reader.execute(sql).fetchall()


def expire(now=LATER):
    """One run of the retention."""
    with opened(read_settings(), "maintain", now=now) as ledger:
        done = retention.expire(ledger)
        assert ledger.finish("completed").ok
    return done


def readable(home):
    """Every pointer of a revision leads to its page."""
    rows = ask(home, "SELECT archive_file, archive_offset, url FROM content.article_revisions")
    assert rows
    return all(archive.read(home / "archive", file, offset).url == url for file, offset, url in rows)


def test_what_kept_articles_need_stays_and_the_rest_says_that_it_expired(home, site):
    """Pages of off-topic entries and feeds go after 90 days; younger ones stay; a second time nothing is left to do."""
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two"), site.on_topic("three")))
    assert expire(datetime.now(UTC) + timedelta(days=89)) == retention.Expired()
    size = sum(path.stat().st_size for path in (home / "archive").iterdir())
    done = expire()
    assert (done.files, done.records) == (1, 2)
    assert 0 < done.bytes < size
    assert readable(home)
    assert ask(
        home, "SELECT kind, count(*) FROM ledger.fetches WHERE archive_expired_at IS NOT NULL GROUP BY ALL ORDER BY 1"
    ) == [
        ("feed", 1),
        ("page", 1),
    ]
    assert ask(
        home, "SELECT count(*) FROM ledger.fetches WHERE kind = 'page' AND archive_file LIKE '%-kept1.warc.gz'"
    ) == [(2,)]
    assert [path.name.rsplit("-", 1)[1] for path in (home / "archive").iterdir()] == ["kept1.warc.gz"]
    assert expire() == retention.Expired()


def test_the_setting_says_how_long(home, site, monkeypatch):
    """TECHNEWS_ARCHIVE_DAYS."""
    monkeypatch.setenv("TECHNEWS_ARCHIVE_DAYS", "200")
    poll(home, a=site.feed("/a", site.off_topic("two")))
    assert expire().records == 0


@pytest.mark.parametrize("point", ["before the pointers move", "after they moved"])
def test_a_kill_leaves_every_pointer_good(home, site, monkeypatch, point):
    """What is left over points to nothing and goes another time."""
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two")))
    with monkeypatch.context() as patch:
        what = "technews.warehouse.Warehouse.transaction" if point.startswith("before") else "pathlib.Path.unlink"
        with opened(read_settings(), "maintain", now=LATER) as ledger:
            patch.setattr(what, lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                retention.expire(ledger)
            patch.undo()
            ledger.finish("failed")
    assert readable(home)
    expire()
    assert readable(home)
    expire(LATER + timedelta(days=400))
    assert len(list((home / "archive").iterdir())) == 1


def test_what_a_backfill_kept_stays(home, tmp_path):
    """Its archive has no requests; every record in it is of a revision."""
    fill(warc(tmp_path / "c.warc.gz", [("https://a.example/x", on_topic("x"), OLD)]))
    expire()
    assert readable(home)


def test_damaged_files_cost_only_what_is_damaged(home, site):
    """A file that was cut keeps what can be read."""
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two")))
    ((file, offset),) = ask(home, "SELECT archive_file, archive_offset FROM content.article_revisions")
    path = home / "archive" / file
    path.write_bytes(path.read_bytes()[: offset + 200])
    expire()
    ((file, offset),) = ask(home, "SELECT archive_file, archive_offset FROM content.article_revisions")
    with pytest.raises(archive.ArchiveError):
        archive.read(home / "archive", file, offset)
