"""What a finished batch means for the warehouse: identity, revisions, outcomes, quarantine. Pure decisions."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, TEXT, article, entry, judged, reading

from technews.extraction import content_hash
from technews.identity import KnownArticle, KnownArticles, Revision, identify, new_addresses
from technews.payloads import from_payload, to_payload
from technews.publishers import Publishers
from technews.records import Details, Origin, Outcome, Reason, Rejection, Violation
from technews.work import plan_work


def plan(*items, known=(), quarantined=None):
    """The rows of a batch."""
    return plan_work(items, KnownArticles(known), quarantined or {}, Publishers(), NOW)


def known_as(of, outcome=Outcome.LOADED, *, article_id="a1", current=True) -> KnownArticle:
    """What the ledger knows after this article was loaded."""
    revision = Revision(
        of.title, of.text, of.author, of.published.at, of.canonical_url, of.content_hash, of.cleaner_version
    )
    urls = frozenset(url for _, url in new_addresses(of, KnownArticles([])))
    return KnownArticle(
        article_id, of.entry.entry_id, outcome, "wire.example", of.content_hash, urls, revision if current else None
    )


def seen_again(of, **changes):
    """The same entry, loaded before, read again."""
    return replace(of, entry=replace(of.entry, outcome=Outcome.LOADED, article_id="a1"), **changes)


def rewritten(of, text: str = TEXT + "\nA correction was added at the end of the piece."):
    """The article with another text."""
    return replace(of, text=text, content_hash=content_hash(of.title, text))


# ---------------------------------------------------------------- identity


def test_a_first_page_is_minted_and_keeps_all_its_addresses():
    """One article, known from now on under link, final and canonical address."""
    page = article(url="https://wire.example/final", canonical_url="https://wire.example/canonical")
    rows = plan(judged(page))
    assert len(rows.articles) == 1
    assert {(row["kind"], row["url"]) for row in rows.urls} == {
        ("link", "https://wire.example/e1"),
        ("final", "https://wire.example/final"),
        ("canonical", "https://wire.example/canonical"),
    }
    assert rows.outcomes["e1"]["outcome"] == "loaded"


def test_two_entries_of_one_page_in_one_batch_make_one_article():
    """The second is a duplicate of the first, whichever comes first."""
    rows = plan(
        judged(article(entry("e1", url="https://wire.example/x"))),
        judged(article(entry("e2", url="https://wire.example/x?utm_source=feed"))),
    )
    assert len(rows.articles) == 1
    assert rows.outcomes["e2"]["outcome"] == "duplicate"
    assert rows.outcomes["e2"]["duplicate_of"] == "e1"


def test_a_duplicate_of_an_off_topic_page_is_a_duplicate_too():
    """Off-topic pages have an identity as well."""
    rows = plan(judged(relevant=False), judged(article(entry("e2", url="https://wire.example/e1")), relevant=False))
    assert rows.outcomes["e2"]["outcome"] == "duplicate"
    assert rows.revisions == {}


@pytest.mark.parametrize(
    ("canonical", "why"),
    [
        ("https://template.example/first-post", "another site: evidence of syndication, no identity"),
        ("https://wire.example/", "a home page is no article"),
        ("https://wire.example/login?next=/a", "a login page is no article"),
    ],
)
def test_a_canonical_address_that_is_no_identity(canonical, why):
    """Two pages that name it stay two articles."""
    first = article(entry("e1"), canonical_url=canonical)
    second = rewritten(article(entry("e2"), canonical_url=canonical))
    assert len(plan(judged(first), judged(second)).articles) == 2, why


def test_a_canonical_address_that_another_text_holds_is_no_identity():
    """A site that names one canonical for all its pages would else have one article."""
    shared = "https://wire.example/shared"
    first = article(entry("e1"), canonical_url=shared)
    second = rewritten(article(entry("e2"), canonical_url=shared))
    rows = plan(judged(first), judged(second))
    assert len(rows.articles) == 2
    assert sum(row["url"] == shared for row in rows.urls) == 1


def test_a_changed_slug_with_the_same_canonical_is_the_same_article():
    """The headline was edited, and with it link and GUID; the canonical address stayed."""
    first = article(entry("e1"), canonical_url="https://wire.example/77")
    second = article(entry("e2", url="https://wire.example/new-slug"), canonical_url="https://wire.example/77")
    assert plan(judged(first), judged(second)).outcomes["e2"]["outcome"] == "duplicate"


def test_the_same_text_on_the_same_site_is_the_same_page():
    """Campaign parameters that nobody has a list of change nothing; on another site it is another publication."""
    first = article(entry("e1", url="https://wire.example/a"))
    second = article(entry("e2", url="https://wire.example/a?whatever=9"))
    elsewhere = article(entry("e3", url="https://other.example/a"))
    rows = plan(judged(first), judged(second), judged(elsewhere))
    assert rows.outcomes["e2"]["reason"] == "same_text"
    assert rows.outcomes["e3"]["outcome"] == "loaded"


def test_a_known_link_wins_over_everything():
    """Ids are looked up, never computed anew."""
    page = article()
    found = identify(page, KnownArticles([known_as(page)]))
    assert found
    assert found[0].article_id == "a1"


# ---------------------------------------------------------------- second looks


def test_an_unchanged_page_makes_no_revision():
    """Looking again is not news."""
    page = article()
    rows = plan(judged(seen_again(page)), known=[known_as(page)])
    assert (rows.revisions, rows.outcomes, rows.decisions) == ({}, {}, [])
    assert rows.rechecked["e1"]["result"] == "unchanged"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"author": "Desk"}, "metadata"),
        ({"canonical_url": "https://wire.example/other"}, "metadata"),
        ({"published": reading(NOW + timedelta(days=1))}, "metadata"),
        ({"published": reading(NOW + timedelta(days=1)), "details": Details(published_from=Origin.FEED)}, None),
        ({"modified_at": NOW + timedelta(days=1)}, None),
        ({"fetched_at": NOW + timedelta(days=1)}, None),
    ],
    ids=["author", "canonical", "date on the page", "date in the feed alone", "modified alone", "fetched alone"],
)
def test_what_makes_a_revision(change, expected):
    """Text, title, author, date and canonical address of the page do; what only the feed or we say does not."""
    page = article()
    rows = plan(judged(seen_again(page, **change)), known=[known_as(page)])
    assert (rows.revisions["a1"]["change"] if rows.revisions else None) == expected


def test_an_edited_text_is_a_revision_of_the_same_article():
    """One article, two revisions; the outcome stays."""
    page = article()
    rows = plan(judged(rewritten(seen_again(page))), known=[known_as(page)])
    assert rows.revisions["a1"]["change"] == "text"
    assert rows.outcomes == {}
    assert rows.rechecked["e1"]["result"] == "revised"


def test_a_page_that_left_the_topic_is_off_topic_and_keeps_its_history():
    """loaded → off_topic because the page changed."""
    page = article()
    rows = plan(judged(rewritten(seen_again(page)), relevant=False), known=[known_as(page)])
    assert rows.outcomes["e1"]["outcome"] == "off_topic"
    assert rows.outcomes["e1"]["reason"] == "page_changed"
    assert "a1" in rows.revisions


def test_a_reopened_off_topic_page_that_is_on_topic_now_is_loaded():
    """Its first revision is written then."""
    page = replace(article(), entry=entry(article_id="a1"))
    rows = plan(judged(rewritten(page)), known=[known_as(page, Outcome.OFF_TOPIC, current=False)])
    assert rows.outcomes["e1"]["outcome"] == "loaded"
    assert rows.revisions["a1"]["change"] == "new"
    assert rows.articles == []


@pytest.mark.parametrize(
    ("outcome", "reason", "result", "withdrawn"),
    [
        (Outcome.GONE, Reason.HTTP_410, "withdrawn", True),
        (Outcome.PENDING, Reason.TIMEOUT, "failed", False),
        (Outcome.EMPTY, Reason.TOO_SHORT, "failed", False),
        (Outcome.BLOCKED, Reason.HTTP_403, "failed", False),
    ],
)
def test_loaded_is_never_left_because_a_later_look_failed(outcome, reason, result, withdrawn):
    """404 and 410 mark the article as withdrawn; everything else changes nothing but the record of the look."""
    rejection = Rejection(entry(outcome=Outcome.LOADED, article_id="a1"), outcome, reason, retry_at=NOW)
    rows = plan(rejection, known=[known_as(article())])
    assert rows.outcomes == {}
    assert rows.rechecked["e1"]["result"] == result
    assert bool(rows.touched.get("a1", {}).get("withdrawn_at")) is withdrawn


def test_an_invalid_new_revision_is_quarantined_alone():
    """The article stays as it was."""
    page = rewritten(seen_again(article()))
    rejection = Rejection(
        page.entry, Outcome.QUARANTINED, Reason.INVALID, violations=(Violation("r", "c", "v"),), judged=judged(page)
    )
    rows = plan(rejection, known=[known_as(article())])
    assert len(rows.quarantine) == 1
    assert (rows.outcomes, rows.revisions) == ({}, {})


def test_a_duplicate_that_shows_another_text_has_the_original_looked_at_again():
    """The publisher has changed the page: the entry that speaks for it brings the revision."""
    page = article()
    other = rewritten(article(entry("e2", url="https://wire.example/e1")))
    assert set(plan(judged(other), known=[known_as(page)]).recheck_later) == {"e1"}


def test_an_entry_takes_over_from_one_that_speaks_no_more():
    """The first entry's link is gone, the page lives on under another: it is not lost."""
    page = article()
    other = article(entry("e2", url="https://wire.example/e1"))
    rows = plan(judged(other), known=[known_as(page, Outcome.GONE)])
    assert rows.outcomes["e2"]["outcome"] == "loaded"
    assert rows.touched["a1"]["entry_id"] == "e2"


# ---------------------------------------------------------------- rejections and quarantine


def test_a_failed_attempt_stays_pending_and_is_counted():
    """Attempts are spent one by one, unless the host was not even asked."""
    spent = Rejection(entry(attempts=2), Outcome.PENDING, Reason.TIMEOUT, retry_at=NOW)
    row = plan(spent).outcomes["e1"]
    assert (row["outcome"], row["attempts"], row["next_attempt_at"]) == ("pending", 3, NOW)
    assert plan(replace(spent, spent=False)).outcomes["e1"]["attempts"] == 2


def test_the_same_invalid_row_is_quarantined_once():
    """Reading the same again adds nothing; after a decision it is a new case."""
    item = Rejection(
        entry(), Outcome.QUARANTINED, Reason.INVALID, violations=(Violation("r", "c", "v"),), judged=judged()
    )
    first = plan(item).quarantine[0]["quarantine_id"]
    assert plan(item, quarantined={first: "open"}).quarantine == []
    assert plan(item, quarantined={first: "released"}).quarantine[0]["quarantine_id"] == f"{first}-2"


def test_a_payload_comes_back_whole():
    """What is kept in quarantine can be loaded from it."""
    row = judged(article(title="Ein “title” 苹果 🍎\n"))
    assert from_payload(to_payload(row)) == row


def test_a_payload_names_its_values():
    """Analysts reach into it by name."""
    (verdict,) = json.loads(to_payload(judged(article())))["verdicts"]
    assert (verdict["topic_id"], verdict["evidence"][0]["term"]) == ("apple-china-ai", "Apple")


def test_a_released_row_says_so():
    """quarantined → loaded, with the reason."""
    page = article(entry(outcome=Outcome.QUARANTINED))
    assert plan(judged(page)).outcomes["e1"]["reason"] == "released"


def test_an_off_topic_entry_says_what_came_nearest():
    """The reason is that of the topic with the smallest distance to its threshold."""
    assert plan(judged(relevant=False)).outcomes["e1"]["reason"] == "facet_missing"


def test_a_payload_of_unsound_text_loses_only_the_unsound_characters():
    """A lone surrogate may be the very reason why the row is set aside: it must not stop that."""
    row = judged(article(author="De\ud800sk"))
    assert from_payload(to_payload(row)).article.author == "De\ufffdsk"
