"""The main job as a whole, over real HTTP, without the engine: promises that hold between two runs."""

import re
import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import published
import pytest
from builders import NOW
from published import ask
from web_site import OFF_TOPIC, ON_TOPIC, feeds_toml

from demo.newsroom import Newsroom
from flows.ingest import ingest
from technews import PROJECT_ROOT, extraction
from technews.diagnosis import diagnose
from technews.extraction import content_hash
from technews.ledger import opened
from technews.rules import read_rules
from technews.runlock import Held, run_lock
from technews.settings import read_settings
from technews.warehouse import Warehouse, failing_rows
from technews.web import Web
from technews.workers import Cleaners

# What belongs to a run, not to the news: these may differ when the same is read again.
OF_RUNS = {"runs", "fetches", "freshness", "run_outcomes", "feed_health", "polls"}


@pytest.fixture(scope="module")
def worker_pool():
    """One pool for all runs of these tests, which looks ahead as an ingest's own does."""
    needs = read_rules(PROJECT_ROOT / "config" / "topics", PROJECT_ROOT / "config" / "entities.toml").needs()
    with Cleaners(workers=1, needs=needs) as cleaners:
        yield cleaners


def run(home: Path, force: bool = True, now=None, **feeds: str):
    """One ingest over these feeds; the row of the run."""
    file = home.parent / "feeds.toml"
    file.write_text(feeds_toml(**feeds))
    return ingest.fn(file, None, force=force, now=now)


def contents(home: Path) -> dict[str, Counter]:
    """Every base table, row for row, but for those of runs."""
    return published.contents(home, OF_RUNS | {"state", "feeds"})


# ---------------------------------------------------------------- the whole newsroom


def test_the_newsroom_twice_and_its_second_edition(tmp_path, monkeypatch):
    """Every entry has one outcome; an edited article has two revisions, a moved date none; the same again adds nothing."""
    with Newsroom(0, slow=0.1) as newsroom:
        home = tmp_path / "home"
        monkeypatch.setenv("TECHNEWS_HOME", str(home))
        monkeypatch.setenv("TECHNEWS_ALLOW_HOSTS", newsroom.allow_hosts)
        monkeypatch.setenv("TECHNEWS_HOST_PAUSE", "0")
        feeds = tmp_path / "feeds.toml"
        newsroom.write_feeds(feeds)
        first = ingest.fn(feeds, None, force=True)
        assert first.ok
        assert first.row["entries_new"] == first.row["entries_seen"] > 50
        before = contents(home)
        again = ingest.fn(feeds, None, force=True)
        assert (again.row["entries_new"], again.row["rechecked"]) == (0, 0)
        assert contents(home) == before

        newsroom.edition = 2
        second = ingest.fn(feeds, None, force=True)
        assert second.ok
        assert second.row["rechecked"] >= 2
        revised = ask(home, "SELECT publisher, revision FROM articles WHERE revision > 1")
        assert revised == [("Saltmarsh Wire", 2)]
        assert ask(home, "SELECT count(*) FROM article_revisions WHERE change = 'text'") == [(1,)]
        after = contents(home)
        assert ingest.fn(feeds, None, force=True).ok
        assert contents(home) == after

        outcomes = dict(ask(home, "SELECT outcome, count(*) FROM entries GROUP BY ALL"))
        assert outcomes.keys() >= {"loaded", "off_topic", "duplicate", "gone", "blocked", "empty", "quarantined"}
        assert ask(home, "SELECT DISTINCT status, reconciled FROM runs") == [("completed", True)]
        with Warehouse(home / "warehouse.duckdb", read_only=True) as published:
            assert failing_rows(published, None) == [], "every check over everything, after four runs"
        assert ask(home, "SELECT rule, column_name FROM quarantine") == [("text_length", "text")]
        for path in newsroom.requests:
            assert "tidepool" not in path or path.endswith(("feed.xml", "robots.txt", ".json", ".atom", "feed")), path
        assert ask(home, "SELECT count(*) FROM article_revisions WHERE text LIKE '%</%'") == [(0,)]


# ---------------------------------------------------------------- feeds that cannot be read


def test_a_run_whose_feeds_are_all_unreachable_is_degraded(home):
    """It ran and reconciled: some feeds may be down, and the spans without them are rows."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    report = run(home, a=f"http://127.0.0.1:{port}/feed", b="http://no-such-host.invalid/feed")
    assert (report.row["status"], report.row["reconciled"], report.row["feeds_failed"]) == ("degraded", True, 2)
    assert report.ok
    gaps = ask(home, "SELECT feed_id, cause, gap_until FROM coverage_gaps ORDER BY ALL")
    assert gaps == [("a", "unreachable", None), ("b", "unreachable", None)]
    assert "2 of 2 feeds" in report.row["message"]


def test_a_feed_that_answers_304_or_the_same_bytes_is_not_modified(home, site):
    """Conditional requests work, and a server without validators is seen through."""
    page = site.off_topic("x")
    feeds = {"tagged": site.feed("/tagged", page, etag='"1"'), "plain": site.feed("/plain", page)}
    run(home, **feeds)
    report = run(home, **feeds)
    assert report.row["feeds_not_modified"] == 2
    assert ask(home, "SELECT status, count(*) FROM fetches WHERE kind = 'feed' GROUP BY ALL ORDER BY ALL") == [
        (200, 3),
        (304, 1),
    ]


def test_a_link_that_was_dropped_once_is_not_forgotten(home, site):
    """An item without its link changes nothing; the GUID with another link is another entry, and no revision."""
    first, second = site.on_topic("pears-of-the-valley"), site.on_topic("regulator-decides")

    def listed(link: str, title: str) -> str:
        item = f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>G</guid></item>"
        body = f"<rss version='2.0'><channel><title>T</title>{item}</channel></rss>".encode()
        site.pages["/f"] = (200, {"Content-Type": "application/rss+xml"}, body)
        return site.base + "/f"

    run(home, a=listed(first, "Pears of the valley"))
    report = run(home, a=listed("", "Pears of the valley"))
    assert (report.row["reopened"], report.row["rechecked"]) == (0, 0)
    assert ask(home, "SELECT url, changed_at FROM entries") == [(first, None)]
    run(home, a=listed(second, "The regulator decides"))
    assert ask(home, "SELECT url, outcome FROM entries ORDER BY first_seen_at") == [
        (first, "loaded"),
        (second, "loaded"),
    ]
    assert ask(home, "SELECT revision FROM article_revisions") == [(1,), (1,)]


def test_a_retired_feed_is_polled_no_more_and_its_pending_entries_are_finished(home, site):
    """A feed that left the configuration loses nothing that was seen of it."""
    late = {"status": 503}
    site.pages["/late"] = lambda _: (late["status"], {"Content-Type": "text/html"}, b"later")
    run(home, old=site.feed("/old", site.base + "/late"), kept=site.feed("/kept"))
    assert ask(home, "SELECT outcome FROM entries") == [("pending",)]
    site.on_topic("late")
    run(home, kept=site.base + "/kept", now=NOW + timedelta(days=3650))
    assert ask(home, "SELECT outcome FROM entries") == [("loaded",)]
    assert site.hits["/old"] == 1
    assert ask(home, "SELECT feed_id FROM feeds WHERE retired_at IS NOT NULL") == [("old",)]


def test_a_run_with_another_homes_feeds_is_degraded(home, site):
    """It does what it is told, but a wrong TECHNEWS_CONFIG shows at a glance; going back to known feeds is no mistake."""
    mine = {name: site.feed(f"/{name}") for name in ("one", "two", "three")}
    assert run(home, **mine).row["status"] == "completed", "the first feeds of a home replace none"
    report = run(home, other=site.feed("/other"))
    assert report.row["status"] == "degraded"
    assert report.row["message"].startswith(
        "every feed was replaced by new ones; if TECHNEWS_CONFIG or --feeds is wrong, correct it"
    )
    assert ask(home, "SELECT feed_id FROM feeds WHERE retired_at IS NULL") == [("other",)]
    assert run(home, other=site.base + "/other").row["status"] == "completed"
    assert run(home, **mine).row["status"] == "completed"
    assert run(home, **mine, new=site.base + "/other").row["status"] == "completed"
    assert run(home, new=site.base + "/other").row["status"] == "completed"
    assert run(home, newer=site.base + "/other").row["status"] == "completed", "one feed for another is a trial"


# ---------------------------------------------------------------- pages


def test_a_moved_date_in_the_feed_alone_makes_no_revision(home, site):
    """The entry is looked at again; the page is the same."""
    page = site.on_topic("x")  # the page itself states no date
    run(home, a=site.feed("/a", page))
    report = run(home, a=site.feed("/a", page, dates=lambda _: NOW + timedelta(hours=3)))
    assert report.row["rechecked"] == 1
    assert ask(home, "SELECT count(*) FROM article_revisions") == [(1,)]


def older_cleaner(monkeypatch) -> None:
    """As if the last version of the cleaner had lost the last paragraph of every page."""
    honest = extraction.page_to_article

    def older(page, *rest):
        article = honest(page, *rest)
        text = article.text.rsplit("\n", 1)[0]
        return replace(article, text=text, content_hash=content_hash(article.title, text), cleaner_version="older")

    monkeypatch.setattr("technews.extraction.page_to_article", older)


@pytest.mark.parametrize(("edited", "revisions"), [(False, 1), (True, 2)], ids=["the same page", "an edited page"])
def test_what_our_own_upgrade_makes_of_a_page_is_no_revision(home, site, monkeypatch, edited, revisions):
    """The archived page is cleaned again and that is compared: the new text replaces the old under the same number."""
    with monkeypatch.context() as patch:
        older_cleaner(patch)
        run(home, a=site.feed("/a", site.on_topic("x")))
    if edited:
        site.article(
            "/x", "Apple, Alibaba and AI in China: x", *ON_TOPIC, "One more paragraph was added in the evening."
        )
    report = run(home, a=site.feed("/a", site.base + "/x", dates=lambda _: NOW + timedelta(hours=1)))
    assert report.ok
    rows = ask(
        home, "SELECT revision, text LIKE '%Huawei%', recleaned_at IS NOT NULL FROM article_revisions ORDER BY 1"
    )
    assert rows == [(1, True, True), (2, True, False)][:revisions]
    assert ask(
        home, "SELECT count(*) FROM articles JOIN decisions USING (entry_id, content_hash) WHERE is_current"
    ) == [(1,)]
    assert run(home, a=site.base + "/a").row["rechecked"] == 0


def test_a_withdrawn_article_stays_with_the_time_of_its_withdrawal(home, site):
    """410 on a second look: what was published is not unsaid, and comes back if the page does."""
    page = site.on_topic("x")
    run(home, a=site.feed("/a", page))
    served = site.pages.pop("/x")
    run(home, a=site.feed("/a", page, dates=lambda _: NOW + timedelta(hours=1)))
    ((outcome, withdrawn),) = ask(
        home, "SELECT outcome, withdrawn_at IS NOT NULL FROM entries JOIN articles USING (article_id)"
    )
    assert (outcome, withdrawn) == ("loaded", True)
    site.pages["/x"] = served
    run(home, a=site.feed("/a", page, dates=lambda _: NOW + timedelta(hours=2)))
    assert ask(home, "SELECT withdrawn_at FROM articles") == [(None,)]


def test_the_log_says_what_became_of_each_batch(home, site, caplog):
    """What the lines on loading count adds up to the entries of the run, duplicates and second looks told apart."""
    page = site.on_topic("x")
    with caplog.at_level("INFO", "technews"):
        row = run(home, a=site.feed("/a", page, site.off_topic("y")), b=site.feed("/b", f"{page}?utm_source=b")).row
    counts = re.findall(r"(\d+) (\w+)", " ".join(m.partition("entr")[2] for m in caplog.messages if m[:6] == "load: "))
    found = Counter()
    for number, outcome in counts:
        found[outcome] += int(number)
    assert found == {outcome: row[outcome] for outcome in ("loaded", "off_topic", "duplicate")}
    caplog.clear()
    site.article("/x", "Apple picks Qwen for China's AI", "It was changed.", *ON_TOPIC)
    with caplog.at_level("INFO", "technews"):
        run(home, a=site.feed("/a", page, dates=lambda _: NOW + timedelta(hours=1)))
    assert "load: 1 entry: 1 looked at again" in caplog.messages


def test_the_time_of_a_run_has_an_end(home, site, monkeypatch):
    """What is not reached stays pending and spends no attempt; the next run takes it up."""
    page = site.on_topic("x")
    feed = site.feed("/a", page)
    run(home, a=feed)
    feed = site.feed("/a", page, site.on_topic("y"))
    with monkeypatch.context() as patch:
        patch.setattr("flows.ingest.read_settings", lambda: replace(read_settings(), run_limit=timedelta()))
        report = run(home, a=feed)
    assert report.row["status"] == "degraded"
    assert report.row["reconciled"]
    assert run(home, a=feed).row["loaded"] == 1
    assert ask(home, "SELECT max(attempts) FROM entries") == [(0,)]


def test_an_entry_that_no_run_could_start_for_a_week_is_given_up(home, site, monkeypatch):
    """Its host is too slow; a week of runs that did not get to it is enough, and it says why.

    A week in which no host answered, or the machine was off, is not.
    """
    feed = site.feed("/a", site.on_topic("x"))
    honest = Web.request_pages
    monkeypatch.setattr(
        Web, "request_pages", lambda self, entries: honest(self, [e for e in entries if "never" in e.title])
    )
    monkeypatch.setattr("technews.ledger.NETWORK_GAP", timedelta(days=7))  # fewer runs than its two days would need
    for days in (0, 8, 14):
        assert run(home, a=feed, now=NOW + timedelta(days=days)).row["pending"] == 1
    report = run(home, a=feed, now=NOW + timedelta(days=16))
    assert (report.row["unreachable"], report.row["reconciled"]) == (1, True)
    assert ask(home, "SELECT outcome, reason FROM entries") == [("unreachable", "host_too_slow")]


def test_hostile_text_is_inert_in_the_warehouse(home, site):
    """SQL, markup and broken Unicode in titles are text."""
    page = site.article(
        "/h", "'; DROP TABLE entries; -- <script>alert(1)</script> \u202e", *(f"{p} h" for p in OFF_TOPIC)
    )
    assert run(home, a=site.feed("/a", page)).ok
    assert ask(home, "SELECT count(*) FROM entries") == [(1,)]


# ---------------------------------------------------------------- one bad row


def poisoned(monkeypatch, key: str) -> None:
    """Cleaning leaves a lone surrogate in the author of one page: DuckDB refuses the whole batch with it."""
    honest = extraction.page_to_article

    def leaky(page, *rest):
        article = honest(page, *rest)
        return replace(article, author="\ud800") if page.url.endswith(f"/{key}") else article

    monkeypatch.setattr("technews.extraction.page_to_article", leaky)


@pytest.mark.parametrize("good", [12, 0], ids=["among 12 good ones", "alone in its batch"])
def test_a_poisonous_row_costs_only_itself(home, site, monkeypatch, good):
    """The good ones are loaded, it is quarantined whole, and the next run is clean."""
    pages = [site.on_topic(f"good-{number}") for number in range(good)] + [site.on_topic("bad")]
    poisoned(monkeypatch, "bad")
    report = run(home, a=site.feed("/a", *pages))
    assert report.ok
    assert (report.row["loaded"], report.row["quarantined"]) == (good, 1)
    ((rule, title),) = ask(home, "SELECT rule, payload->>'$.article.title' FROM quarantine")
    assert (rule, title) == ("error", "Apple, Alibaba and AI in China: bad")
    following = run(home, a=site.base + "/a")
    assert (following.row["status"], following.row["quarantined"]) == ("completed", 0)


def test_a_broken_store_fails_the_run_and_loses_nothing(home, site, monkeypatch):
    """Does even the built-in good row fail, it is the store: nobody is quarantined for that."""
    feed = site.feed("/a", site.on_topic("x"))
    with monkeypatch.context() as patch:
        patch.setattr("technews.work.revision_row", lambda *_: {"article_id": object()})
        with pytest.raises(Exception, match=r"cast|convert|Unable"):
            run(home, a=feed)
    assert run(home, a=feed).row["loaded"] == 1
    assert ask(home, "SELECT status FROM runs ORDER BY started_at") == [("failed",), ("completed",)]
    assert ask(home, "SELECT count(*) FROM quarantine") == [(0,)]


# ---------------------------------------------------------------- the lock and the books


def test_a_second_ingest_ends_at_once(home, site):
    """It says who holds the lock and changes nothing, not even a row in `runs`."""
    run(home, a=site.feed("/a"))
    before = ask(home, "FROM runs")
    with run_lock(home / "state" / "run.lock", "ingest", "other"), pytest.raises(Held, match="ingest run other"):
        run(home, a=site.base + "/a")
    assert ask(home, "FROM runs") == before


def test_a_run_whose_counts_do_not_agree_is_failed(home, site):
    """The books are made anew from the history: a lost row shows."""
    run(home, a=site.feed("/a", site.off_topic("x")))
    with opened(read_settings(), "ingest") as ledger:
        ledger.store.query(
            "INSERT INTO ledger.entries SELECT * REPLACE ('e-lost' AS entry_id, 'lost' AS entry_key, $run AS first_run_id) "
            "FROM ledger.entries",
            {"run": ledger.run_id},
        )
        report = ledger.finish("completed")
    assert (report.row["status"], report.row["reconciled"]) == ("failed", False)
    assert "do not agree" in report.row["message"]


def test_a_run_that_leaves_a_broken_row_is_failed(home, site):
    """An error among the checks fails the run before anything is published."""
    run(home, a=site.feed("/a", site.on_topic("x")))
    with opened(read_settings(), "ingest") as ledger:
        ledger.store.query("UPDATE content.article_revisions SET revision = 5")
        ledger.store.query("UPDATE ledger.state SET commit_number = commit_number + 1")
    with opened(read_settings(), "ingest") as ledger:
        report = ledger.finish("completed")
        assert report.row["status"] == "failed"
        assert failing_rows(ledger.store, None)
    assert ask(home, "SELECT count(*) FROM runs") == [(1,)], "readers keep the last state that passed"
    found = {finding.what: finding for finding in diagnose(read_settings(), None, None, {}, {})}
    assert not found["publishing"].ok
    assert "failed: Revisions of an article" in found["publishing"].says


# ---------------------------------------------------------------- cases that broke it once


def sound(home: Path) -> None:
    """Every check over everything finds nothing, and no run failed."""
    with Warehouse(home / "warehouse.duckdb", read_only=True) as published:
        assert failing_rows(published, None) == []
    assert {status for (status,) in ask(home, "SELECT status FROM runs")} <= {"completed", "degraded"}


def test_the_same_words_in_other_paragraphs_are_decided_anew(home, site):
    """The hash sees through line breaks, the judge does not: decision and outcome go together all the same."""
    site.article("/x", "Apple, Alibaba and AI in China", " ".join(ON_TOPIC))
    run(home, a=site.feed("/a", site.base + "/x"))
    site.article("/x", "Apple, Alibaba and AI in China", *[part for p in ON_TOPIC for part in p.split(", ")])
    assert run(home, a=site.feed("/a", site.base + "/x", dates=lambda _: NOW + timedelta(hours=1))).ok
    sound(home)


def test_a_topic_that_is_switched_off_decides_no_longer(home, site):
    """Its decisions stay, but are not the present ones once the entry is decided again."""
    topics = home.parent / "config" / "topics"
    second = (topics / "apple-china-ai.toml").read_text().replace('"apple-china-ai"', '"second"')
    (topics / "second.toml").write_text(second)
    assert run(home, a=site.feed("/a", site.on_topic("x"))).ok
    assert ask(home, "SELECT topics FROM articles") == [(["apple-china-ai", "second"],)]
    (topics / "second.toml").unlink()
    site.article("/x", "Apple, Alibaba and AI in China: x", *ON_TOPIC, "A line was added in the evening.")
    assert run(home, a=site.feed("/a", site.base + "/x", dates=lambda _: NOW + timedelta(hours=1))).ok
    assert ask(home, "SELECT topics FROM articles") == [(["apple-china-ai"],)]
    sound(home)


def test_a_link_that_is_mended_in_the_feed_is_followed(home, site):
    """The old address was queued before the feed showed the new one: the entry waits for its new page."""

    def feed(link: str) -> str:
        body = f"<rss version='2.0'><channel><title>T</title><item><title>x</title><guid>g</guid><link>{link}</link></item></channel></rss>"
        site.pages["/a"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())
        return site.base + "/a"

    site.pages["/old"] = (503, {}, b"")
    now = datetime.now(UTC)
    run(home, a=feed(site.base + "/old"))
    del site.pages["/old"]
    run(home, a=feed(site.on_topic("new")), now=now + timedelta(days=1))
    run(home, a=site.base + "/a", now=now + timedelta(days=2))
    assert ask(home, "SELECT outcome, url FROM entries") == [("loaded", site.base + "/new")]
    sound(home)


def rss_of(site, *items: str) -> str:
    """Serves a feed with these items; returns its address."""
    body = f"<rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>"
    site.pages["/a"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())
    return site.base + "/a"


def rss_item(title: str, link: str, guid: str = "g") -> str:
    """An item of such a feed."""
    return f"<item><title>{title}</title><guid isPermaLink='false'>{guid}</guid><link>{link}</link></item>"


def test_a_recycled_guid_is_another_entry(home, site):
    """A GUID that leads to another page brings a new article; the old one keeps its text, and nothing is lost."""
    first, second = site.on_topic("first"), site.on_topic("second")
    for item in (rss_item("One piece", first), rss_item("Quite another", second), rss_item("Quite another", second)):
        run(home, a=rss_of(site, item))
    assert ask(home, "SELECT url, outcome FROM entries ORDER BY first_seen_at, url") == [
        (first, "loaded"),
        (second, "loaded"),
    ]
    assert ask(home, "SELECT count(*), max(revision) FROM article_revisions") == [(2, 1)]
    sound(home)


def test_a_feed_down_for_three_runs_and_back(home, site):
    """One gap, closed at the end, and at each step a next poll that follows from the failures so far."""
    link = site.off_topic("x")
    waits = []
    for status in (200, 503, 503, 503, 200):
        site.feed("/a", link)
        if status != 200:
            site.pages["/a"] = (status, {}, b"")
        run(home, a=site.base + "/a")
        ((asked, following, interval),) = ask(
            home, "SELECT last_attempt_at, next_poll_at, \"interval\" FROM feed_health WHERE feed_id = 'a'"
        )
        assert 0.9 * interval <= following - asked <= 1.1 * interval + timedelta(seconds=1)
        waits.append(interval)
        if status != 200:
            assert ask(home, "SELECT cause, gap_until FROM coverage_gaps") == [("unreachable", None)]
    assert waits[1:4] == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    assert waits[0] == waits[4] == timedelta(days=1)  # its one entry is months old
    assert ask(home, "SELECT count(*), count(gap_until) FROM coverage_gaps") == [(1, 1)]
    sound(home)


def test_a_changed_slug_is_no_other_article(home, site):
    """The same page under a new slug and the same GUID stays one article, whether the feed shows it or the page does."""
    old, mended = site.on_topic("apple-and-alibba-in-china"), site.base + "/apple-and-alibaba-in-china"
    moved = site.base + "/quite-elsewhere"
    for path in (mended, moved):
        site.pages[path.removeprefix(site.base)] = site.pages["/apple-and-alibba-in-china"]
    for title, link in (("Apple and Alibba", old), ("Apple and Alibaba", mended), ("Rewritten altogether", moved)):
        run(home, a=rss_of(site, rss_item(title, link)))
    assert ask(home, "SELECT url, outcome FROM entries ORDER BY first_seen_at, url") == [
        (mended, "loaded"),
        (moved, "duplicate"),
    ]
    assert ask(home, "SELECT count(*), max(revision) FROM article_revisions") == [(1, 1)]
    sound(home)


def test_a_duplicate_whose_link_changes_is_read_anew(home, site):
    """It repeated another's page under its old link; under the new one it is an article of its own."""
    one, other = site.on_topic("the-first-of-both-pieces"), site.on_topic("the-first-of-two-pieces")
    run(home, a=rss_of(site, rss_item("First", one, "1")))
    run(home, a=rss_of(site, rss_item("First", one, "1"), rss_item("Second", one, "2")))
    assert ask(home, "SELECT guid, outcome FROM entries ORDER BY guid") == [("1", "loaded"), ("2", "duplicate")]
    run(home, a=rss_of(site, rss_item("First", one, "1"), rss_item("Second", other, "2")))
    assert ask(home, "SELECT guid, outcome, url FROM entries ORDER BY guid") == [
        ("1", "loaded", one),
        ("2", "loaded", other),
    ]
    assert ask(home, "SELECT count(*), max(revision) FROM article_revisions") == [(2, 1)]
    sound(home)


def test_an_entry_whose_page_is_gone_does_not_take_another_with_it(home, site):
    """Another feed brings the page under another link: that entry speaks for it, and duplicates follow it."""
    site.off_topic("x")
    copy = site.pages["/x"]
    run(home, a=site.feed("/a", site.base + "/x"), c=site.feed("/c", site.base + "/x?from=c"))
    del site.pages["/x"]
    site.pages["/y"] = copy
    later = NOW + timedelta(hours=1)
    run(
        home,
        a=site.feed("/a", site.base + "/x", dates=lambda _: later),
        c=site.base + "/c",
        b=site.feed("/b", site.base + "/y"),
    )
    site.on_topic("y")
    run(home, a=site.base + "/a", b=site.feed("/b", site.base + "/y", dates=lambda _: later), c=site.base + "/c")
    run(home, a=site.base + "/a", b=site.base + "/b", c=site.base + "/c")
    assert ask(home, "SELECT count(*) FROM articles") == [(1,)]
    sound(home)


def test_what_repeated_a_page_that_is_gone_is_read_for_itself(home, site):
    """Its own link may still lead there: it is asked as soon as the other's end is known, and speaks for the article."""
    site.off_topic("x")
    copy = site.pages["/x"]
    run(home, a=site.feed("/a", site.base + "/x"))
    site.pages["/y"] = copy
    run(home, a=site.base + "/a", b=site.feed("/b", site.base + "/y"))
    del site.pages["/x"]
    later = NOW + timedelta(hours=1)
    run(home, a=site.feed("/a", site.base + "/x", dates=lambda _: later), b=site.base + "/b")
    assert ask(home, "SELECT feed_id, reason FROM entries ORDER BY 1") == [("a", "http_404"), ("b", "original_gone")]
    site.on_topic("y")
    run(home, a=site.base + "/a", b=site.base + "/b")
    assert ask(home, "SELECT feed_id, outcome FROM entries ORDER BY feed_id") == [("a", "gone"), ("b", "loaded")]
    assert ask(home, "SELECT url FROM articles") == [(site.base + "/y",)]
    sound(home)


@pytest.mark.parametrize("text_stays", [True, False])
def test_what_repeated_a_page_that_was_withdrawn_is_read_for_itself(home, site, text_stays):
    """The same text is the article's, which is there again; another one is an article of its own. Then all is quiet."""
    site.on_topic("x")
    site.pages["/y"] = site.pages["/x"]
    run(home, a=site.feed("/a", site.base + "/x"))
    run(home, a=site.base + "/a", b=site.feed("/b", site.base + "/y"))
    del site.pages["/x"]
    if not text_stays:
        site.on_topic("y")
    later = NOW + timedelta(hours=1)
    run(home, a=site.base + "/a", b=site.feed("/b", site.base + "/y", dates=lambda _: later))
    assert ask(home, "SELECT feed_id, reason FROM entries ORDER BY 1") == [("a", "on_topic"), ("b", "original_gone")]
    assert ask(home, "SELECT withdrawn_at IS NULL FROM articles") == [(False,)]
    for _ in range(2):
        run(home, a=site.base + "/a", b=site.base + "/b")
        found = ask(home, "SELECT feed_id, outcome FROM entries ORDER BY feed_id")
        assert found == [("a", "loaded"), ("b", "duplicate" if text_stays else "loaded")]
        articles = ask(home, "SELECT url, withdrawn_at IS NULL FROM articles ORDER BY url")
        assert articles == [(site.base + "/x", text_stays), *([] if text_stays else [(site.base + "/y", True)])]
        sound(home)
    assert (site.hits["/x"], site.hits["/y"]) == (2, 2)


def test_what_a_feed_says_beside_is_kept_with_the_entry(home, site):
    """Categories, enclosures and origin are columns of `entries`, and follow a change."""

    def serve(title: str, *categories: str) -> None:
        named = "".join(f"<category>{category}</category>" for category in categories)
        beside = f'{named}<enclosure url="/a.mp3"/><source url="https://a.example/f">A</source>'
        link = site.off_topic("a")
        body = f"<rss><channel><title>T</title><item><title>{title}</title><link>{link}</link>{beside}</item></channel></rss>"
        site.pages["/a"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())
        run(home, a=site.base + "/a")

    beside = "SELECT categories, enclosures, origin, origin_url FROM entries"
    serve("T", "ai", "chips")
    assert ask(home, beside) == [(["ai", "chips"], [f"{site.base}/a.mp3"], "A", "https://a.example/f")]
    serve("Another title")
    assert ask(home, beside) == [([], [f"{site.base}/a.mp3"], "A", "https://a.example/f")]
    sound(home)


def test_entries_without_a_link_are_complete_in_themselves(home, site):
    """Each text is an article, found again at the next poll and by replays; what is but a title ends as before."""

    def text(number: int, more: str = "") -> str:
        words = "".join(f"<p>{p} (part {number}) {more}</p>" for p in ON_TOPIC)
        return f"<item><title>Part {number}: Apple, Alibaba and AI in China</title><guid>{number}</guid><description><![CDATA[{words}]]></description></item>"

    def serve(*items: str) -> None:
        body = f"<rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>"
        site.pages["/a"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())

    serve(text(1), text(2), "<item><title>A title</title><guid>3</guid></item>")
    run(home, a=site.base + "/a")
    assert ask(home, "SELECT loaded, empty FROM runs") == [(2, 1)]
    assert ask(home, "SELECT DISTINCT url FROM articles") == [(site.base + "/a",)]
    assert ask(home, "SELECT reason FROM entries WHERE outcome = 'empty'") == [("no_link",)]
    run(home, a=site.base + "/a")
    serve(text(1), text(2, "It was corrected."))
    run(home, a=site.base + "/a")
    assert ask(home, "SELECT entries_new, rechecked FROM runs ORDER BY started_at") == [(3, 0), (0, 0), (0, 1)]
    assert ask(home, "SELECT revision, count(*) FROM article_revisions GROUP BY ALL ORDER BY ALL") == [(1, 2), (2, 1)]
    assert ask(home, "SELECT count(*) FROM content.article_revisions WHERE archive_file IS NULL") == [(0,)]
    sound(home)


def test_texts_of_a_full_text_feed_under_one_link_are_each_kept(home, site):
    """A live page whose items are whole texts of their own: the link is not what tells them apart."""
    items = "".join(
        f"<item><title>Part {n}: Apple, Alibaba and AI in China</title><guid>{n}</guid><link>{site.base}/live</link>"
        f"<content:encoded><![CDATA[{''.join(f'<p>{p} (part {n})</p>' for p in ON_TOPIC)}]]></content:encoded></item>"
        for n in range(3)
    )
    body = f"<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>T</title>{items}</channel></rss>"
    site.pages["/a"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())
    file = home.parent / "feeds.toml"
    file.write_text(feeds_toml(a=site.base + "/a") + "full_text = true\n")
    assert ingest.fn(file, None, force=True).row["loaded"] == 3
    assert site.hits["/live"] == 0
    sound(home)


def test_a_clock_that_was_set_back_does_not_disorder_revisions(home, site):
    """A later look is a later revision, whatever the clock says."""
    page = site.on_topic("x")
    run(home, a=site.feed("/a", page))
    with opened(read_settings(), "test") as ledger:
        ledger.store.query("UPDATE content.article_revisions SET seen_from = seen_from + INTERVAL 1 HOUR")
        ledger.finish("completed")
        ledger.publish()
    site.article("/x", "Apple, Alibaba and AI in China: x", *ON_TOPIC, "A line was added in the evening.")
    assert run(home, a=site.feed("/a", page, dates=lambda _: NOW + timedelta(hours=1))).ok
    assert ask(home, "SELECT max(revision) FROM article_revisions") == [(2,)]
    sound(home)


def test_a_page_that_two_entries_show_changed_is_looked_at_once(home, site):
    """A page that turns off topic while a second entry brings it leaves nothing to be looked at for ever."""
    page = site.on_topic("x")
    run(home, a=site.feed("/a", page))
    site.off_topic("x")
    later = NOW + timedelta(hours=1)
    run(home, a=site.feed("/a", page + "?v=2", page, dates=lambda _: later))
    for _ in range(2):
        assert run(home, a=site.base + "/a").ok
    assert ask(home, "SELECT count(*) FROM entries WHERE recheck_at IS NOT NULL") == [(0,)]
    sound(home)
