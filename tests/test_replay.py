"""Replay without the engine: today's cleaner and rules over kept pages, with and without writing."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW
from kept_pages import OLD, off_topic, on_topic, warc
from published import ask
from test_backfill import contents, fill, poll
from test_ingest import older_cleaner
from web_site import OFF_TOPIC, ON_TOPIC, feeds_toml

from flows.ingest import ingest
from flows.replay import replay
from technews import extraction, replay_run, replay_words
from technews.settings import UsageError

DAY = timedelta(days=1)
NARROW = """
id = "narrow"
title = "Ferries"
enabled = true
threshold = 0.1
[weights]
base = 1.0
[facet.ferries]
strong.en = ["ferries"]
"""


def again(**options):
    """One replay that must come to a good end."""
    report = replay.fn(**options)
    assert report.ok, report.row
    return report.row


def new_rules(home, *topics):
    """Rules that nothing meets: one more facet, which no page shows."""
    for topic in topics:
        file = home.parent / "config" / "topics" / f"{topic}.toml"
        file.write_text(file.read_text() + '\n[facet.never]\nstrong.en = ["zebrafish larvae"]\n')


def standing(home):
    """How the entries stand."""
    return ask(home, "SELECT outcome, reason, count(*) FROM entries GROUP BY ALL ORDER BY ALL")


def test_nothing_out_of_date_is_nothing_to_do(home, site):
    """A replay of what today's rules and cleaner made looks at nothing and changes nothing."""
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two")))
    before = contents(home)
    assert "0 articles" in again()["message"]
    assert contents(home) == before
    assert replay.fn(dry_run=True).articles == 0


def test_new_rules_let_articles_in_and_out_as_the_dry_run_said(home, site, tmp_path):
    """With evidence; the archive holds the text of what comes in; in and out again leaves what there was."""
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two"), site.base + "/gone"))
    fill(warc(tmp_path / "c.warc.gz", [("https://a.example/x", off_topic("kept elsewhere"), OLD)]))
    kept = ask(home, "SELECT article_id, title, text, revision FROM articles")
    original = (home.parent / "config" / "topics" / "apple-china-ai.toml").read_text()

    new_rules(home, "apple-china-ai")
    found = replay.fn(dry_run=True)
    assert found.counts == {"newly out": 1}
    (out,) = found.differences
    assert (out.what, out.article_id, out.before > out.after or out.evidence != ()) == ("newly out", kept[0][0], True)
    assert not out.by_threshold
    before = contents(home)
    assert contents(home) == before, "a dry run writes nothing"
    assert again()["reconciled"]
    assert ask(home, "SELECT count(*) FROM articles") == [(0,)]
    assert ("off_topic", "replayed", 1) in standing(home)

    (home.parent / "config" / "topics" / "apple-china-ai.toml").write_text(original)
    found = replay.fn(dry_run=True)
    assert found.counts == {"newly in": 1}
    assert {e.facet for e in found.differences[0].evidence} == {"apple", "china", "ai"}
    again()
    assert ask(home, "SELECT article_id, title, text, revision FROM articles") == kept
    assert ask(home, "SELECT count(*) FROM mentions") > [(0,)]
    assert "0 articles" in again()["message"]


def test_a_dry_run_names_a_threshold_that_turned_a_decision(home, site):
    """The score may be the same, and no word have changed; the other way round, too."""
    poll(home, a=site.feed("/a", site.on_topic("one")))
    file = home.parent / "config" / "topics" / "apple-china-ai.toml"
    original = file.read_text()
    file.write_text(re.sub(r"(?m)^threshold = .*$", "threshold = 1.0", original))
    found = replay.fn(dry_run=True)
    (out,) = found.differences
    assert (out.what, out.by_threshold, out.threshold_after) == ("newly out", True, 1.0)
    assert out.before == out.after
    assert f"  turned by the threshold: {out.threshold_before:.3f} → 1.000\n" in replay_words.in_words(found)
    again()
    file.write_text(original)
    (back,) = replay.fn(dry_run=True).differences
    assert (back.what, back.by_threshold, back.threshold_before) == ("newly in", True, 1.0)


def test_what_was_off_topic_comes_in_with_the_text_of_its_page(home, site, tmp_path):
    """From the archive, and from where a backfill read it; its revision is what was served when it was fetched."""
    poll(home, a=site.feed("/a", site.off_topic("two")))
    source = warc(tmp_path / "c.warc.gz", [("https://a.example/x", off_topic("elsewhere"), OLD)])
    fill(source)
    (home.parent / "config" / "topics" / "narrow.toml").write_text(NARROW)
    row = again(topic="narrow")
    assert ask(
        home,
        "SELECT title, change, revision FROM articles JOIN article_revisions USING (article_id, title, revision) ORDER BY 1",
    ) == [
        ("A quiet day: elsewhere", "new", 1),
        ("A quiet day: two", "new", 1),
    ]
    assert ask(home, "SELECT seen_from FROM article_revisions WHERE title LIKE '%elsewhere'")[0][0] == OLD
    assert row["reconciled"]


def test_what_cannot_be_seen_is_counted_and_left(home, site, tmp_path):
    """Off-topic pages that are gone; a loaded article is judged by the text that is stored."""
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two")))
    shutil.rmtree(home / "archive")
    new_rules(home, "apple-china-ai")
    row = again()
    assert "1 that could not be seen: their pages are not there any more" in row["message"]
    assert standing(home) == [("off_topic", "facet_missing", 1), ("off_topic", "replayed", 1)]


def test_one_topic_alone_leaves_the_others_as_they_are(home, site):
    """`--topic` brings only its own decisions up to date."""
    (home.parent / "config" / "topics" / "narrow.toml").write_text(NARROW)
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two")))
    assert ask(home, "SELECT count(*) FROM articles") == [(2,)]
    new_rules(home, "apple-china-ai", "narrow")
    again(topic="apple-china-ai")
    assert ask(home, "SELECT topics FROM articles") == [(["narrow"],)]
    again()
    with pytest.raises(UsageError, match="no such topic is enabled; choose: apple-china-ai"):
        replay.fn(topic="unknown")


def test_since_leaves_older_pages_alone(home, tmp_path):
    """By the time of fetching."""
    fill(
        warc(
            tmp_path / "c.warc.gz",
            [("https://a.example/1", on_topic("1"), OLD), ("https://a.example/2", on_topic("2"), OLD + 9 * DAY)],
        )
    )
    new_rules(home, "apple-china-ai")
    again(since="2026-01-10")
    assert ask(home, "SELECT url FROM articles") == [("https://a.example/1",)]


def test_a_changed_cleaner_gives_new_texts_and_no_revision(home, site, monkeypatch):
    """The text under the same number, said to be; decision and offsets are about it; an edit is still an edit."""
    with monkeypatch.context() as patch:
        older_cleaner(patch)
        poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two")))
    found = replay.fn(dry_run=True)
    assert found.counts == {"changed text": 1}
    assert "→" in found.differences[0].text
    again()
    assert ask(
        home, "SELECT revision, change, contains(text, 'Huawei'), recleaned_at IS NOT NULL FROM article_revisions"
    ) == [(1, "new", True, True)]
    assert ask(
        home, "SELECT count(*) FROM articles JOIN decisions USING (entry_id, content_hash) WHERE is_current"
    ) == [(1,)]
    assert "0 articles" in again()["message"]


def full_text(site, *more, title="Apple, Alibaba and AI in China", text=ON_TOPIC):
    """A feed that carries the article itself."""
    text = "".join(f"<p>{p}</p>" for p in (*text, *more))
    item = f"<item><title>{title}</title><guid>1</guid><link>{site.base}/x</link><content:encoded><![CDATA[{text}]]></content:encoded></item>"
    body = f"<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>T</title>{item}</channel></rss>"
    site.pages["/a"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())


def test_the_text_of_a_full_text_feed_lies_in_its_document(home, site, monkeypatch):
    """The revision points there, so that a changed cleaner reads it again and an edit is told from an upgrade."""
    file = home.parent / "feeds.toml"
    home.parent.mkdir(exist_ok=True)
    file.write_text(feeds_toml(a=site.base + "/a") + "full_text = true\n")
    full_text(site)
    with monkeypatch.context() as patch:
        older_cleaner(patch)
        assert ingest.fn(file, None, force=True).ok
    ((place, offset),) = ask(home, "SELECT archive_file, archive_offset FROM content.article_revisions")
    assert ask(home, f"SELECT kind FROM fetches WHERE archive_file = '{place}' AND archive_offset = {offset}") == [
        ("feed",)
    ]
    again()
    assert ask(home, "SELECT revision, contains(text, 'Huawei'), extractor FROM articles") == [(1, True, "feed")]
    with monkeypatch.context() as patch:
        older_cleaner(patch)
        full_text(site, "One more paragraph was added in the evening, long after the others.", "And a last one.")
        assert ingest.fn(file, None, force=True).ok
    again()
    assert [
        line[0] for line in ask(home, "SELECT contains(text, 'And a last') FROM article_revisions ORDER BY revision")
    ] == [False, True]


def test_what_a_full_text_feed_carried_off_topic_is_seen_by_a_new_topic(home, site):
    """No page was ever asked for: the text that decides lies in the feed."""
    file = home.parent / "feeds.toml"
    home.parent.mkdir(exist_ok=True)
    file.write_text(feeds_toml(a=site.base + "/a") + "full_text = true\n")
    full_text(site, title="Ferries", text=OFF_TOPIC * 3)
    assert ingest.fn(file, None, force=True).row["off_topic"] == 1
    (home.parent / "config" / "topics" / "narrow.toml").write_text(NARROW)
    assert "could not be seen" not in again()["message"]
    assert ask(home, "SELECT relevant FROM decisions WHERE is_current AND topic_id = 'narrow'") == [(True,)]


def test_an_article_that_changes_meanwhile_is_left_to_the_next_replay(home, site, monkeypatch):
    """An ingest that runs between reading and writing wins."""
    page = site.on_topic("one")
    poll(home, a=site.feed("/a", page))
    new_rules(home, "apple-china-ai")
    honest = replay_run.ReplayRun.bring_up_to_date

    def later(run, items):
        site.article("/one", "Apple, Alibaba and AI in China: one", *ON_TOPIC, "Added while the replay was at work.")
        poll(home, a=site.feed("/a", page, dates=lambda _: NOW + timedelta(hours=1)))
        honest(run, items)

    with monkeypatch.context() as patch:
        patch.setattr(replay_run.ReplayRun, "bring_up_to_date", later)
        assert "changed meanwhile" in again()["message"]
    assert again()["reconciled"]


def test_times_are_read_or_refused():
    """Days, times, spans; all else with what would be right."""
    now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert replay_run.read_since("30d", now) == now - timedelta(days=30)
    assert replay_run.read_since("12h", now) == now - timedelta(hours=12)
    assert replay_run.read_since("2026-03-01", now) == datetime(2026, 3, 1, tzinfo=UTC)
    assert replay_run.read_since("2026-03-01T08:00+08:00", now) == datetime(2026, 3, 1, tzinfo=UTC)
    assert replay_run.read_since(None, now) is None
    for bad in ("yesterday", "", "-3d", "99999d9", "0001-01-01T00:00+14:00"):
        with pytest.raises(UsageError, match="--since"):
            replay_run.read_since(bad, now)


def test_an_invalid_text_is_set_aside_and_the_article_stays(home, site, monkeypatch):
    """What today's cleaner makes of a page may break a rule: the row goes to quarantine once, the article stays as it was."""
    with monkeypatch.context() as patch:
        older_cleaner(patch)
        poll(home, a=site.feed("/a", site.on_topic("one")))
    honest = extraction.page_to_article

    def poisoned(page, *rest):
        return replace(honest(page, *rest), title="")

    monkeypatch.setattr("technews.extraction.page_to_article", poisoned)
    again()
    assert ask(home, "SELECT count(*) FROM articles") == [(1,)]
    assert ask(home, "SELECT count(*) FROM quarantine") == [(1,)]
    before = contents(home)
    assert "1 in quarantine, not looked at: `technews quarantine release`" in again()["message"]
    assert contents(home) == before
    assert "1 in quarantine" in replay_words.in_words(replay.fn(dry_run=True))
    assert "quarantine" not in again(since="2126-01-01")["message"]
