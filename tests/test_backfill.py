"""Backfill without the engine: new entries, versions in their place, nothing twice, taken up where it stopped."""

import multiprocessing
import os
from dataclasses import replace
from datetime import timedelta

import published
import pytest
from kept_pages import LEAD, OLD, folder, html, off_topic, on_topic, warc
from published import ask
from test_ingest import older_cleaner
from web_site import feeds_toml

from flows import backfill as flow
from flows.backfill import backfill
from flows.ingest import ingest
from flows.replay import replay
from technews import backfill_run, validation
from technews.rules import read_configuration
from technews.settings import read_settings
from technews.sources import find_sources
from technews.validation import RULES, ArticleSuite
from technews.workers import Cleaners

DAY = timedelta(days=1)
EDITED = "One more paragraph was added in the evening, when the regulator had answered."


def fill(*paths, again=False):
    """One backfill that must come to a good end: all checks passed, the counts agree."""
    report = backfill.fn(list(paths), again=again)
    assert report.ok, report.row
    return report.row


def poll(home, **feeds):
    """One ingest."""
    file = home.parent / "feeds.toml"
    file.write_text(feeds_toml(**feeds))
    report = ingest.fn(file, None, force=True)
    assert report.ok, report.row
    return report.row


OF_RUNS = {"runs", "state", "backfills", "polls"}


def contents(home):
    """Every base table, row for row, but for the books of runs."""
    return published.contents(home, OF_RUNS)


def history(home):
    """The revisions in their order: change, whether edited, whether current, day of beginning and end."""
    return ask(
        home,
        f"SELECT revision, change, contains(text, '{EDITED}'), is_current, seen_from, seen_until "
        "FROM article_revisions ORDER BY article_id, revision",
    )


# ---------------------------------------------------------------- new documents


def test_documents_become_entries_of_a_pseudo_feed(home, tmp_path):
    """Each with its one outcome; what is on topic is an article, fetched when its record says; the rest is in the ledger."""
    page = [("Content-Type", "text/html; charset=utf-8")]
    source = warc(
        tmp_path / "News 7.warc.gz",
        [
            ("https://a.example/kept", on_topic("one"), OLD),
            ("https://a.example/dropped", off_topic("two"), OLD),
            ("https://a.example/none", b"<html><body><p>Too short.</p></body></html>", OLD),
            ("https://a.example/pdf", b"%PDF-1.7", OLD, 200, [("Content-Type", "application/pdf")]),
            ("https://b.example/copy", on_topic("one"), OLD),
            ("https://a.example/kept?utm_source=x", on_topic("one"), OLD + DAY),
            ("https://a.example/404", b"not here", OLD, 404, page),
        ],
    )
    row = fill(source)
    assert (row["entries_new"], row["loaded"], row["off_topic"], row["empty"]) == (5, 2, 1, 2)
    assert ask(home, "SELECT feed_id, state, explanation FROM feed_health") == [
        ("archive:news-7", "retired", "Pages that a backfill took in: it has no feed to ask.")
    ]
    assert ask(home, "SELECT title, url, fetched_at, feed_id FROM articles ORDER BY url") == [
        ("Apple, Alibaba and AI in China: one", "https://a.example/kept", OLD, "archive:news-7"),
        ("Apple, Alibaba and AI in China: one", "https://b.example/copy", OLD, "archive:news-7"),
    ]
    before = contents(home)
    assert fill(source, again=True)["entries_new"] == 0
    assert contents(home) == before
    assert "answers with status 404" in row["message"]


def test_a_source_that_was_read_whole_is_not_read_again(home, tmp_path):
    """Unless it changed since, or --again asks for it."""
    source = warc(tmp_path / "a.warc.gz", [("https://a.example/1", on_topic("1"), OLD)])
    assert fill(source)["loaded"] == 1
    assert "0 documents" in fill(source)["message"]
    warc(source, [("https://a.example/1", on_topic("1"), OLD), ("https://a.example/2", on_topic("2"), OLD)])
    assert fill(source)["loaded"] == 1
    assert ask(home, "SELECT count(*) FROM articles") == [(2,)]


def test_an_index_that_was_added_later_is_taken_up(home, tmp_path):
    """A page without an address is read again when the index of its folder names one."""
    pages = {"a.html": on_topic("a")}
    source = folder(tmp_path / "saved", pages, [])
    assert fill(source)["empty"] == 1
    row = fill(folder(source, pages, [{"path": "a.html", "url": "https://a.example/a"}]))
    assert (row["entries_new"], row["loaded"]) == (1, 1)


def test_where_an_address_comes_from(home, tmp_path, caplog):
    """The index, else the page's canonical address; without either the document is `empty/no_url`, and never twice.

    What is wrong in the index stands in the log, line by line, and is counted in the run's message.
    """
    caplog.set_level("INFO")
    source = folder(
        tmp_path / "saved",
        {
            "a.html": on_topic("a"),
            "b.html": on_topic("b", head='<link rel="canonical" href="https://b.example/b">'),
            "c.html": on_topic("c"),
        },
        [{"path": "a.html", "url": "https://a.example/a", "fetched_at": "2026-01-05T08:00:00Z"}, {"path": 5}],
    )
    row = fill(source)
    assert "index.jsonl:2: no JSON object with a path, such as {" in caplog.text
    assert row["message"].startswith("1 line of index.jsonl with faults (line 2); 3 documents; ")
    assert "; 1 without an address, which an index.jsonl can name" in row["message"]
    assert ask(home, "SELECT url, outcome, reason FROM entries ORDER BY url NULLS LAST") == [
        ("https://a.example/a", "loaded", "on_topic"),
        ("https://b.example/b", "loaded", "on_topic"),
        (None, "empty", "no_url"),
    ]
    nameless = "SELECT detail FROM entries WHERE outcome = 'empty'"
    assert ask(home, nameless) == [(f"no usable one in record, index or page: {source / 'c.html'}",)]
    before = contents(home)
    fill(source, again=True)
    assert contents(home) == before


def test_what_is_kept_lies_in_the_archive(home, tmp_path):
    """Its page outlives the source that it came from, and can be read again."""
    from technews.archive import read

    source = folder(
        tmp_path / "saved", {"a.html": on_topic("a", head='<link rel=canonical href="https://a.example/a">')}
    )
    fill(source)
    ((file, offset),) = ask(home, "SELECT archive_file, archive_offset FROM content.article_revisions")
    assert read(home / "archive", file, offset).body == (source / "a.html").read_bytes()


# ---------------------------------------------------------------- what ingest has


def test_a_backfill_of_the_own_archive_changes_no_row(home, site):
    """Pages of every outcome, feeds and robots.txt: ingest has been there."""
    site.pages["/empty"] = (200, {"Content-Type": "text/html"}, b"<html><body><p>Nothing.</p></body></html>")
    pages = [site.on_topic("one"), site.off_topic("two"), site.base + "/empty", site.base + "/missing"]
    poll(home, a=site.feed("/a", *pages), b=site.feed("/b", pages[0] + "?from=b"))
    before = contents(home)
    row = fill(home / "archive")
    assert contents(home) == before
    assert (row["entries_new"], row["loaded"], row["rechecked"]) == (0, 0, 0)
    assert "4 read before" in row["message"]
    fill(home / "archive", again=True)
    assert contents(home) == before


def test_the_archive_of_a_lost_home_fills_a_new_one(home, site, tmp_path, monkeypatch):
    """Its pages are documents like any other: the same articles, with the same texts."""
    poll(home, a=site.feed("/a", site.on_topic("one"), site.off_topic("two")))
    monkeypatch.setenv("TECHNEWS_HOME", str(tmp_path / "new"))
    fill(home / "archive")
    question = "SELECT url, title, text, content_hash FROM articles"
    assert ask(tmp_path / "new", question) == ask(home, question)
    assert ask(tmp_path / "new", "SELECT outcome FROM entries ORDER BY 1") == [("loaded",), ("off_topic",)]


def test_what_waits_or_failed_is_left_alone(home, site, tmp_path):
    """An entry that is pending or gone keeps its outcome; the document is an entry of its own."""
    poll(home, a=site.feed("/a", site.base + "/missing"))
    fill(warc(tmp_path / "c.warc.gz", [(site.base + "/missing", on_topic("m"), OLD)]))
    assert ask(home, "SELECT feed_id, outcome FROM entries ORDER BY 1") == [("a", "gone"), ("archive:c", "loaded")]


# ---------------------------------------------------------------- histories


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_versions_of_a_page_make_one_history_in_any_order(home, tmp_path, order):
    """An edited page seen twice gives two revisions of one article, in the order of their time."""
    url = "https://a.example/x"
    versions = [
        (url, on_topic("x"), OLD),
        (url, on_topic("x", EDITED), OLD + DAY),
        (url, on_topic("x", EDITED), OLD + 2 * DAY),
    ]
    source = warc(tmp_path / "c.warc.gz", [versions[n] for n in order])
    row = fill(source)
    assert row["entries_new"] == 1
    assert history(home) == [
        (1, "new", False, False, OLD, OLD + DAY),
        (2, "text", True, True, OLD + DAY, None),
    ]
    before = contents(home)
    fill(source, again=True)
    assert contents(home) == before


def test_versions_in_one_batch_become_what_they_become_one_by_one(home, tmp_path, monkeypatch):
    """Texts that return, pages that left the topic and are back, no pages, the same page by another address: no matter."""
    url = "https://a.example/x"
    bodies = [
        off_topic("x"),
        on_topic("x"),
        on_topic("x", EDITED),
        on_topic("x"),
        b"%PDF-1.7",
        off_topic("x"),
        on_topic("x", "It was put right at night."),
    ]
    pages = [(url, body, OLD + n * DAY) for n, body in enumerate(bodies)]
    pages = [pages[n] for n in (3, 1, 5, 4, 2, 0, 6, 3)]
    pages[2:2] = [("https://a.example/copy", on_topic("x"), OLD), ("https://a.example/copy", off_topic("x"), OLD + DAY)]
    source = warc(tmp_path / "c.warc.gz", pages)
    questions = {
        "history": "SELECT * EXCLUDE (run_id, recorded_at, archive_file, archive_offset) FROM content.article_revisions",
        "decisions": "SELECT * EXCLUDE (run_id, decided_at) FROM content.decisions",
        "outcomes": "SELECT entry_id, outcome, reason, "
        "row_number() OVER (PARTITION BY entry_id ORDER BY history_number) FROM ledger.entry_history",
        "articles": "SELECT article_id, entry_id, content_hash FROM content.articles",
        "mentions": "SELECT * FROM content.mentions",
        "looks": "SELECT entry_id, result FROM ledger.rechecks",
    }
    found = []
    for place, batch in (("together", 400), ("alone", 1)):
        monkeypatch.setenv("TECHNEWS_HOME", str(tmp_path / place))
        monkeypatch.setattr(backfill_run, "BATCH", batch)
        fill(source)
        found.append({name: sorted(map(str, ask(tmp_path / place, sql))) for name, sql in questions.items()})
    assert found[0] == found[1]
    assert len(found[0]["history"]) > 3


def test_many_versions_of_one_page_are_settled_in_their_batch(home, tmp_path, monkeypatch):
    """None waits: the memory for a batch is bounded, and what was read is written down after each."""
    monkeypatch.setattr(backfill_run, "BATCH", 5)
    pages = [("https://a.example/x", off_topic(str(n)), OLD + n * DAY) for n in range(20)]
    source = warc(tmp_path / "c.warc.gz", pages)
    honest, settled = backfill_run.BackfillRun.settle, []
    with monkeypatch.context() as patch:

        def settle(run, batch, items):
            if len(settled) == 2:
                raise KeyboardInterrupt
            honest(run, batch, items)
            settled.append(len(items))

        patch.setattr(backfill_run.BackfillRun, "settle", settle)
        with pytest.raises(KeyboardInterrupt):
            backfill.fn([source])
    assert settled == [5, 5]
    assert fill(source)["message"].startswith("10 documents")
    assert ask(home, "SELECT outcome, count(*) FROM entries GROUP BY ALL") == [("off_topic", 1)]


def test_the_workers_have_the_next_batch_while_one_is_settled(home, tmp_path, monkeypatch):
    """And no more than that one: what lies in memory is bounded."""
    monkeypatch.setattr(backfill_run, "BATCH", 5)
    source = warc(tmp_path / "c.warc.gz", [(f"https://a.example/{n}", off_topic(str(n)), OLD) for n in range(15)])
    done = []
    for name in ("recognized", "settle"):
        honest = getattr(backfill_run.BackfillRun, name)

        def noted(run, *given, name=name, honest=honest):
            done.append(name)
            return honest(run, *given)

        monkeypatch.setattr(backfill_run.BackfillRun, name, noted)
    assert fill(source)["off_topic"] == 15
    assert done == ["recognized", "recognized", "settle", "recognized", "settle", "settle"]


def test_the_workers_of_a_known_source_start_with_the_first_page_that_is_to_be_read(home, tmp_path, monkeypatch):
    """Those of a new one at once: they load what they need while the first documents are sought."""
    monkeypatch.setattr("technews.workers.Cleaners", Cleaners)  # not the pool that all tests share
    source = warc(tmp_path / "c.warc.gz", [("https://a.example/1", off_topic("1"), OLD)])

    def at_work():
        return {child.pid for child in multiprocessing.active_children()} - before

    def begun(path, *, again=False):
        settings = read_settings()
        feeds, rules = read_configuration(settings, None, None)
        with backfill_run.backfill_run(settings, rules, feeds, find_sources([path])) as run:
            run.begin(again=again)
            found = bool(at_work())
            run.recognized(run.next_documents())
            found = found, bool(at_work())
            run.finish("completed", None)
        return found

    before = {child.pid for child in multiprocessing.active_children()}
    assert begun(source) == (True, True)
    fill(source)
    assert begun(source, again=True) == (False, False)
    os.utime(source, (1, 1))  # changed, so read from its start
    assert begun(source) == (False, False)


def test_the_suite_is_made_while_the_workers_read_on(home, tmp_path, monkeypatch):
    """It loads for seconds: with the first article whose title shows all facets, and never where nothing is on topic."""
    done = []
    for name in ("clean", "validate"):
        honest = getattr(flow, name)

        def noted(*given, name=name, honest=honest):
            result = honest(*given)
            done.append(name)
            return result

        monkeypatch.setattr(flow, name, noted)

    made = validation.ArticleSuite
    monkeypatch.setattr(validation, "ArticleSuite", lambda: done.append("suite") or made())
    fill(warc(tmp_path / "a.warc.gz", [("https://a.example/1", off_topic("1"), OLD)]))
    assert done == ["clean", "validate"]
    fill(warc(tmp_path / "b.warc.gz", [(f"https://b.example/{n}", on_topic(str(n)), OLD) for n in range(3)]))
    assert done[2:] == ["suite", "clean", "validate"]


def test_an_older_version_goes_into_the_history_of_what_ingest_loaded(home, site, tmp_path):
    """In its place; the current text, decision and entry stay; what reads the same only began earlier."""
    site.article("/x", "Apple, Alibaba and AI in China: x", *(f"{p} (x)" for p in LEAD), EDITED)
    poll(home, a=site.feed("/a", site.base + "/x"))
    kept = ask(home, "SELECT text, fetched_at, entry_id FROM articles")
    before = [(site.base + "/x", on_topic("x"), OLD), (site.base + "/x", on_topic("x", EDITED), OLD + DAY)]
    row = fill(warc(tmp_path / "c.warc.gz", before))
    assert row["entries_new"] == 0
    assert "2 older versions" in row["message"]
    assert history(home) == [(1, "new", False, False, OLD, OLD + DAY), (2, "text", True, True, OLD + DAY, None)]
    assert ask(home, "SELECT text, fetched_at, entry_id FROM articles") == kept


def test_a_newer_version_is_a_second_look(home, tmp_path):
    """It becomes the current revision, with its own decision; off topic, the article leaves."""
    url = "https://a.example/x"
    fill(warc(tmp_path / "a.warc.gz", [(url, on_topic("x"), OLD)]))
    row = fill(warc(tmp_path / "b.warc.gz", [(url, on_topic("x", EDITED), OLD + DAY)]))
    assert (row["entries_new"], row["rechecked"]) == (0, 1)
    assert [line[:4] for line in history(home)] == [(1, "new", False, False), (2, "text", True, True)]
    row = fill(warc(tmp_path / "c.warc.gz", [(url, off_topic("x"), OLD + 2 * DAY)]))
    assert ask(home, "SELECT outcome, reason FROM entries") == [("off_topic", "page_changed")]
    assert ask(home, "SELECT count(*) FROM articles") == [(0,)]
    fill(warc(tmp_path / "d.warc.gz", [(url, on_topic("x", EDITED), OLD + 3 * DAY)]))
    assert ask(home, "SELECT outcome, reason FROM entries") == [("loaded", "page_changed")]


@pytest.mark.parametrize("edited", [False, True])
def test_what_an_upgrade_made_of_a_page_is_no_version(home, tmp_path, monkeypatch, edited):
    """Was the stored text made by another cleaner, its archived page is cleaned again first, and that is compared."""
    url = "https://a.example/x"
    with monkeypatch.context() as patch:
        older_cleaner(patch)
        fill(
            warc(
                tmp_path / "a.warc.gz", [(url, on_topic("x", "The last paragraph is lost by the older cleaner."), OLD)]
            )
        )
    body = on_topic("x", "The last paragraph is lost by the older cleaner.", *([EDITED] if edited else []))
    fill(warc(tmp_path / "b.warc.gz", [(url, body, OLD + DAY), (url, body, OLD - DAY)]))
    assert len(history(home)) == (3 if edited else 1)


def test_a_released_older_version_goes_into_its_place(home, tmp_path, monkeypatch):
    """Set aside when it was read, let pass by mended rules: a revision in the history, not the current one."""
    from technews.releases import OLDER, release
    from technews.rules import read_rules
    from technews.settings import read_settings

    url = "https://a.example/x"
    fill(warc(tmp_path / "a.warc.gz", [(url, on_topic("x"), OLD + DAY)]))
    strict = tuple(
        replace(rule, arguments={**rule.arguments, "max_value": 500}) if rule.name == "text_length" else rule
        for rule in RULES
    )
    with monkeypatch.context() as patch:
        patch.setattr("technews.validation.ArticleSuite", lambda: ArticleSuite(strict))
        source = warc(tmp_path / "b.warc.gz", [(url, on_topic("x", EDITED, "And more. " * 30), OLD)])
        fill(source)
        before = contents(home)
        fill(source, again=True)
        assert contents(home) == before
    ((name, status),) = ask(home, "SELECT quarantine_id, status FROM quarantine")
    assert (status, len(history(home))) == ("open", 1)
    settings = read_settings()
    report = release(
        settings, read_rules(settings.topics_dir, settings.entities_file), name, ("tester", ""), lambda _: False
    )
    assert (report.ok, report.row["message"]) == (True, OLDER)
    assert history(home) == [(1, "new", True, False, OLD, OLD + DAY), (2, "text", False, True, OLD + DAY, None)]
    assert ask(home, "SELECT outcome FROM entries") == [("loaded",)]


# ---------------------------------------------------------------- stopping, and hostile input


def test_a_damaged_source_is_read_up_to_the_damage_and_degrades_the_run(home, tmp_path):
    """Said in the run's message; the rest of the sources is read."""
    first = warc(tmp_path / "a.warc.gz", [(f"https://a.example/{n}", off_topic(str(n)), OLD) for n in range(3)])
    first.write_bytes(first.read_bytes()[:-100])
    second = warc(tmp_path / "b.warc.gz", [("https://b.example/b", on_topic("b"), OLD)])
    row = fill(first, second)
    assert (row["status"], row["off_topic"], row["loaded"]) == ("degraded", 2, 1)
    assert "a.warc.gz is cut off or damaged at byte" in row["message"]


def test_a_stopped_backfill_is_closed_and_the_next_goes_on_behind_it(home, tmp_path, monkeypatch):
    """What was settled is not read again; all is there at the end, once."""
    monkeypatch.setattr(backfill_run, "BATCH", 5)
    source = warc(tmp_path / "c.warc.gz", [(f"https://a.example/{n}", off_topic(str(n)), OLD) for n in range(20)])
    settled = []
    with monkeypatch.context() as patch:
        honest = backfill_run.BackfillRun.settle

        def settle(run, batch, items):
            if len(settled) == 2:
                raise KeyboardInterrupt
            honest(run, batch, items)
            settled.append(items)

        patch.setattr(backfill_run.BackfillRun, "settle", settle)
        with pytest.raises(KeyboardInterrupt):
            backfill.fn([source])
    row = fill(source)
    assert (row["entries_new"], row["off_topic"]) == (10, 10)
    assert ask(home, "SELECT status, entries_new, reconciled FROM runs ORDER BY started_at, run_id") == [
        ("cancelled", 10, True),
        ("completed", 10, True),
    ]


def test_an_ingest_runs_between_two_batches(home, site, tmp_path, monkeypatch):
    """It is not held up, it does not take the backfill for dead, and the books of both agree."""
    monkeypatch.setattr(backfill_run, "BATCH", 4)
    source = warc(tmp_path / "c.warc.gz", [(f"https://a.example/{n}", off_topic(str(n)), OLD) for n in range(12)])
    site.pages["/later"] = (503, {}, b"busy")
    poll(home, a=site.feed("/a", site.base + "/later", site.on_topic("before")))
    honest = backfill_run.BackfillRun.settle
    rows = []

    def settle(run, batch, items):
        rows.append(poll(home, a=site.feed("/a", site.on_topic(f"x{len(rows)}"))))
        return honest(run, batch, items)

    monkeypatch.setattr(backfill_run.BackfillRun, "settle", settle)
    row = fill(source)
    assert [r["loaded"] for r in rows] == [1, 1, 1]
    assert row["off_topic"] == 12
    assert ask(home, "SELECT DISTINCT status, reconciled FROM runs") == [("completed", True)]


def test_files_whose_names_are_no_text_are_taken_like_others(home, tmp_path):
    """Pages, WARC files and folders named in another encoding; what is wrong with one is said; nothing is read twice."""
    place = tmp_path / os.fsdecode(b"archiv\xe9")
    link = '<link rel="canonical" href="https://a.example/{}">'
    warc(place / os.fsdecode(b"crawl\xff.warc.gz"), [("https://a.example/w", on_topic("w"), OLD)])
    dropped = off_topic("d").replace(b"</head>", f"{link.format('d')}</head>".encode())
    pages = {name: on_topic(name[:1], head=link.format(name[:1])) for name in ("a.html", os.fsdecode(b"b\xe9.html"))}
    folder(place, {**pages, os.fsdecode(b"c\xe9.html.gz"): b"not packed", os.fsdecode(b"d\xe9.html"): dropped})
    row = fill(place)
    assert (row["status"], row["loaded"], row["off_topic"]) == ("degraded", 3, 1)
    assert "c\\xe9.html.gz: " in row["message"]
    assert ask(home, "SELECT source FROM ledger.documents WHERE url LIKE '%/b'") == [
        (f"file://{tmp_path}/archiv%E9/b%E9.html",)
    ]
    before = contents(home)
    assert "0 documents" in fill(place)["message"]
    fill(place, again=True)
    assert contents(home) == before
    assert "could not be seen" not in replay.fn().row["message"]


@pytest.mark.parametrize(
    "title",
    ["<script>alert(1)</script>", "'; DROP TABLE ledger.entries; --", "😀 \u202e" + "x" * 3000],
)
def test_hostile_pages_cost_nothing_but_themselves(home, tmp_path, title):
    """Markup, SQL and oddities in titles and addresses: each document has its outcome."""
    source = warc(
        tmp_path / "c.warc.gz",
        [
            ("https://a.example/\u00e9?" + "q" * 3000, on_topic("long address"), OLD),
            ("ftp://a.example/x", off_topic("scheme"), OLD),
            ("https://a.example/t", html(title, *LEAD), OLD),
            ("https://a.example/ok", on_topic("ok"), OLD),
        ],
    )
    row = fill(source)
    assert row["entries_new"] == 4
    assert ask(home, "SELECT count(*) FROM articles WHERE url = 'https://a.example/ok'") == [(1,)]


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["backfill", "no/such/folder"], "no/such/folder"),
        (["backfill"], "Missing argument"),
        (["replay", "--topic", "unknown"], "choose: apple-china-ai"),
        (["replay", "--since", "yesterday"], "write 2026-03-01"),
        (["replay", "--dry-run"], "nothing has been published yet"),
        (["replay"], "nothing has been loaded"),
    ],
)
def test_bad_usage_is_refused_before_anything_is_started(technews, arguments, words):
    """One line that says what would be right."""
    answer = technews(*arguments)
    assert answer.code == (1 if "--dry-run" in arguments else 2)
    assert answer.err.strip().count("\n") == 0
    assert words in answer.err
