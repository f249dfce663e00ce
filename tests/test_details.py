"""What a page says of itself, on its way to analysts: stored, shown, compared with the feed, and kept up to date."""

from datetime import timedelta

import duckdb
import pytest
from builders import article, judged
from kept_pages import OLD, off_topic, on_topic, warc
from published import ask
from test_backfill import fill, poll
from test_ingest import older_cleaner
from web_site import NOW

from flows.replay import replay
from technews import explanation
from technews.payloads import from_payload, to_payload
from technews.records import Details, Origin, Precision
from technews.settings import read_settings
from technews.workers import Cleaners

HEAD = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Apple, Alibaba and AI in China: one",'
    ' "datePublished": "2026-03-01T08:00:00+08:00", "articleSection": "Chips", "isAccessibleForFree": false,'
    ' "author": [{"name": "Ada Quill"}, {"name": "Bo Lind"}], "image": "/lead.jpg"}</script>'
    '<meta property="article:modified_time" content="2026-03-02"><meta name="keywords" content="Qwen,iPhone">'
)
COLUMNS = (
    "authors, section, tags, image_url LIKE 'http%/lead.jpg', is_paywalled, page_language, title_from, author_from, "
    "published_from, published_raw, modified_from, modified_precision"
)
SAID = (
    ["Ada Quill", "Bo Lind"], "Chips", ["Qwen", "iPhone"], True, True, "en", "json_ld", "json_ld", "json_ld",
    "2026-03-01T08:00:00+08:00", "meta", "day",
)  # fmt: skip


def page_in_feed(home, site):
    """One ingest of a page that says much of itself, in a feed that dates it later."""
    poll(home, a=site.feed("/a", site.on_topic("one", head=HEAD)))


def test_what_a_page_says_of_itself_is_there_for_analysts(home, site):
    """With its origin; where the feed says something else, both values stand side by side, and which the article has."""
    page_in_feed(home, site)
    assert ask(home, f"SELECT {COLUMNS} FROM articles") == [SAID]
    (conflict,) = ask(
        home, "SELECT fields, feed_title = page_title, feed_published_at, page_published_at FROM metadata_conflicts"
    )
    assert conflict[0] == ["title", "published_at"]
    assert conflict[2] - conflict[3] == NOW - NOW.replace(month=3, day=1, hour=0, minute=0, second=0)
    known = "url, publisher, title, author, published_at, published_from"
    assert ask(home, f"SELECT {known} FROM metadata_conflicts") == ask(home, f"SELECT {known} FROM articles")
    assert ask(home, "SELECT title = page_title, published_at = page_published_at FROM metadata_conflicts") == [
        (True, True)
    ]


TITLE = "Apple, Alibaba and AI in China: one"


SPELLINGS = [
    (TITLE, "By Ada Quill, Bo Lind", []),
    (f"{TITLE} - Test Wire", "Bo Lind and Ada Quill", []),
    (f"Test Wire | {TITLE}", "Par Ada Quill et Bo Lind", []),
    (f"“{TITLE}”", "Ada Quill; Bo Lind", []),
    ("", None, []),
    ("Apple, Alibaba and AI", "Ada Quill", ["title", "author"]),
    ("Two - Test Wire", "Bo Lind, Ada Quill and Cy Moor", ["title", "author"]),
    (f"{TITLE}, and what follows", "Andy Quill", ["title", "author"]),
]


def test_what_is_but_spelt_otherwise_is_no_conflict(home, site):
    """The site's name in a title, the order of names and the words around them say nothing else."""
    page_in_feed(home, site)
    with duckdb.connect(str(home / "state" / "technews.duckdb")) as state:
        for title, author, fields in SPELLINGS:
            state.execute("UPDATE ledger.entries SET title = ?, author = ?, published_at = NULL", [title, author])
            found = state.execute("SELECT fields FROM main.metadata_conflicts").fetchall()
            assert found == ([(fields,)] if fields else []), (title, author)


def test_explain_shows_origins_and_conflicts(home, site):
    """In words and as values."""
    page_in_feed(home, site)
    ((url,),) = ask(home, "SELECT url FROM articles")
    found = explanation.explanation(read_settings(), url, whole=True)
    words = explanation.in_words(found)
    assert "published_at: 2026-03-01 00:00:00+00:00 (json_ld)" in words
    assert "published_at differs: the feed says 2026-03-0" in words
    assert "only a part of it can be read without paying" in words
    assert found["metadata"]["conflicts"] == ["title", "published_at"]


def test_articles_of_before_are_filled_by_a_replay(home, site, monkeypatch):
    """Stored without details by an older cleaner: NULL, no conflict, and a replay brings them in under the same number."""
    with monkeypatch.context() as patch:
        older_cleaner(patch)
        page_in_feed(home, site)
    with duckdb.connect(str(home / "state" / "technews.duckdb")) as state:
        state.execute("UPDATE content.article_revisions SET details = NULL, published_at = NULL")
    report = replay.fn()
    assert report.ok, report.row
    assert ask(home, f"SELECT {COLUMNS} FROM articles") == [SAID]
    assert ask(home, "SELECT revision, change, published_at IS NOT NULL FROM article_revisions") == [(1, "new", True)]


def test_an_older_version_brings_its_own(home, tmp_path):
    """What a page said of itself then stands in its own revision."""
    url = "https://a.example/1"
    later, earlier = on_topic("one", "An edit.", head=HEAD), on_topic("one", head=HEAD.replace("Chips", "World"))
    fill(warc(tmp_path / "a.warc.gz", [(url, later, OLD + timedelta(days=2))]))
    fill(warc(tmp_path / "b.warc.gz", [(url, earlier, OLD)]))
    assert ask(home, "SELECT details.section FROM article_revisions ORDER BY revision") == [("World",), ("Chips",)]


def test_a_row_in_quarantine_keeps_them():
    """A release writes what the page said."""
    said = Details(("Ada Quill",), "Chips", ("AI",), title_from=Origin.META, modified_precision=Precision.DAY)
    row = judged(article(details=said))
    assert from_payload(to_payload(row)) == row


@pytest.mark.parametrize("topic", [None, "apple-china-ai"])
def test_a_page_that_was_not_extracted_has_no_changed_text(home, tmp_path, monkeypatch, topic):
    """Its hash is that of all it shows, and is never compared with that of an article."""
    long_page = off_topic("two").replace(
        b"</article>", b"<p>The tide came in, a letter from Beijing too.</p>" * 300 + b"</article>"
    )
    with monkeypatch.context() as patch:
        patch.setattr("technews.extraction.CLEANER_VERSION", "older")
        patch.setattr("technews.workers.Cleaners", Cleaners)  # a pool that looks ahead
        fill(warc(tmp_path / "a.warc.gz", [("https://a.example/1", long_page, OLD)]))
    assert ask(home, "SELECT cleaner_version FROM content.articles") == [("older",)]
    assert ask(home, "SELECT DISTINCT unnest(evidence).field FROM decisions") == [("page",)]
    found = replay.fn(topic=topic, dry_run=True)
    assert (found.articles, found.counts) == (1, {})
