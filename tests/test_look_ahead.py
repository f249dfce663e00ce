"""Looking ahead: what it calls off topic no extraction would have shown to be on topic, whatever the page looks like."""

import gzip
import json
from functools import cache, partial
from typing import Any

import pytest
from builders import NOW, article, entry, feed, judged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from technews import PROJECT_ROOT
from technews.extraction import OffTopic, Told, extract, extract_unless, page_to_article
from technews.identity import KnownArticles
from technews.look_ahead import Lookout
from technews.needs import Needs
from technews.publishers import Publishers
from technews.records import Article, Outcome, Page, Reason
from technews.rules import Rules, read_rules
from technews.work import plan_work
from technews.workers import Cleaners

REAL = PROJECT_ROOT.parent / "shared" / "data"
URL = "https://ledger.example/2026/hall"
FILLER = "<p>The foundry at the harbour opens a second hall for packaging, its chairman told the meeting on Monday.</p>"


@cache
def rules() -> Rules:
    """The rules that come with the project."""
    return read_rules(PROJECT_ROOT / "config" / "topics", PROJECT_ROOT / "config" / "entities.toml")


@cache
def lookout() -> Lookout:
    """What looks ahead for them."""
    return Lookout(Needs.of(rules().topics, rules().entities))


judge = cache(lambda: rules().judge())


def told(title: str = "", content: str = "", summary: str = "", language: str = "en") -> Told:
    """What a feed told of the page."""
    return Told(title, content, summary, language)


def looked(body: bytes, url: str = URL, of: Told | None = None) -> Any:
    """The page with looking ahead."""
    return extract_unless(partial(lookout().look, of or told()), body, "text/html", url)


def document(inner: str, head: str = "", title: str = "Foundry opens second hall", lang: str = "en") -> bytes:
    """A page long enough that looking ahead is worth it; it calls itself an article."""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><meta property="og:type" content="article">'
        f"<title>{title}</title>{head}</head><body><article><h1>{title}</h1>{inner}{FILLER * 30}</article></body></html>"
    ).encode()


def facets_read(body: bytes, url: str, of: Told) -> set[tuple[str, str]]:
    """The topics' facets that show in title and text once the page is extracted; none where it is no article."""
    known = entry(title=of.title, content=of.content, summary=of.summary, feed=feed(language=of.language))
    page = Page(known, url, body, "text/html", NOW)
    made = page_to_article(page, extract(body, "text/html", url), Publishers(()), ("en", "fr", "zh"), NOW)
    if not isinstance(made, Article):
        return set()
    verdicts = judge().judge(made.title, made.text, made.language)
    return {(verdict.topic_id, facet) for verdict in verdicts for facet, count in verdict.matches.items() if count}


def assert_nothing_is_lost(body: bytes, url: str, of: Told) -> bool:
    """A page that looking ahead skips: whatever extraction shows, looking ahead has seen. True if it was skipped."""
    seen = looked(body, url, of)
    if not isinstance(seen, OffTopic):
        return False
    counted = {(v.topic_id, facet) for v in seen.verdicts for facet, count in v.matches.items() if count}
    assert facets_read(body, url, of) <= counted
    assert not any(verdict.relevant for verdict in seen.verdicts)
    return True


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared pages lie beside the project, not in it")
def test_no_real_page_is_lost() -> None:
    """Over all shared pages: what extraction shows of a skipped page was seen ahead; and most pages are skipped."""
    rows = [json.loads(line) for line in (REAL / "pages" / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    skipped = sum(
        assert_nothing_is_lost(
            gzip.decompress((REAL / row["path"]).read_bytes()),
            row["url"],
            told(row.get("title") or "", language=row["lang"]),
        )
        for row in rows
    )
    assert skipped > len(rows) // 2


WORDS = ("Apple", "Chine", "China", "AI", "IA", "iPhone", "intelligence artificielle", "artificial intelligence", "苹果", "中国",
         "人工智能", "大模型", "Alibaba", "Huawei", "阿里巴巴", "harbour", "foundry", "usine")  # fmt: skip
INLINE = (
    "b",
    "i",
    "em",
    "span",
    "a",
    "sup",
    "sub",
    "small",
    "u",
    "font",
    "mark",
    "abbr",
    "cite",
    "q",
    "time",
    "button",
)
BLOCKS = ("p", "div", "li", "td", "blockquote", "h2", "aside", "figure", "section", "pre", "noscript", "nav")


@st.composite
def torn(draw: st.DrawFn) -> str:
    """A name in markup that tears it apart, glues it to its neighbours, or puts something in its midst."""
    word = draw(st.sampled_from(WORDS))
    cut = draw(st.integers(0, len(word)))
    tag = draw(st.sampled_from(INLINE))
    inside = draw(st.sampled_from(("", "1", "[2]", " ", "x")))
    middle = draw(
        st.sampled_from(
            (f"<{tag}>{inside}</{tag}>", f"<{tag}>", "<wbr>", "&shy;", "\u200b", "<!-- x -->", "&#1;", "\n  ", "<br>")
        )
    )
    close = f"</{tag}>" if middle == f"<{tag}>" else ""
    return (
        draw(st.sampled_from(("", " ", "x", "l'", "(")))
        + word[:cut]
        + middle
        + word[cut:]
        + close
        + draw(st.sampled_from(("", " ", "2", ",")))
    )


@st.composite
def pages(draw: st.DrawFn) -> tuple[bytes, Told]:
    """A page with such names in all kinds of places, and what its feed told."""
    blocks = draw(st.lists(st.tuples(st.sampled_from(BLOCKS), st.lists(torn(), max_size=4)), max_size=6))
    inner = "".join(f"<{tag}>{''.join(names)} stands in a line of its own here.</{tag}>" for tag, names in blocks)
    body = draw(st.sampled_from(("", "Apple in China &amp; AI", "<p>人工智能</p>")))
    stated = json.dumps({"@type": "NewsArticle", "headline": draw(torn()), "articleBody": body * 60})
    head = draw(st.sampled_from(("", f'<script type="application/ld+json">{stated}</script>')))
    page = document(inner, head, draw(torn()), draw(st.sampled_from(("en", "fr", "zh", "de"))))
    return page, told(draw(torn()), draw(torn()), draw(torn()), draw(st.sampled_from(("en", "fr", "zh"))))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(pages())
def test_nothing_is_lost_however_a_page_is_written(given_page: tuple[bytes, Told]) -> None:
    """Names torn by markup, hidden, glued, in other languages, in JSON-LD or in the feed alone: all are seen ahead."""
    body, of = given_page
    assert_nothing_is_lost(body, URL, of)


@pytest.mark.parametrize(
    "inner",
    [
        "<p>Apple brings AI to China.</p>",
        "<p><span>A</span>pple brings A<b>I</b> to Chi<i>na</i>.</p>",
        "<p>App<sup>1</sup>le brings artificial<sup>[2]</sup> intelligence to Chi<sup>3</sup><sup>4</sup>na.</p>",
        "<p>苹<sup>1</sup>果在中<a>[2]</a>国推出人工<small>(3)</small>智能</p>",
        "<ul><li>Apple<li>China<li>AI</ul>",
        "<noscript><p>Apple, China, AI</p></noscript>",
    ],
)
def test_what_could_be_read_is_read(inner: str) -> None:
    """A page on which each facet may show is extracted, however its names are written."""
    assert not isinstance(looked(document(inner)), OffTopic)


@pytest.mark.parametrize("part", ["title", "content", "summary"])
def test_what_the_feed_tells_counts(part: str) -> None:
    """The feed's title and text may become the article's: a facet that shows there alone is not missing."""
    assert isinstance(looked(document("<p>Apple in China</p>")), OffTopic)
    assert not isinstance(looked(document("<p>Apple in China</p>"), of=told(**{part: "More AI"})), OffTopic)


@pytest.mark.parametrize(
    ("head", "of"),
    [
        ("", told(content="The deal brings artificial\nintelligence to its phones.")),
        (
            '<script type="application/ld+json">{"articleBody": "It brings artificial\\nintelligence to phones."}</script>',
            told(),
        ),
    ],
    ids=["feed", "json-ld"],
)
def test_a_name_that_a_line_break_parts_counts(head: str, of: Told) -> None:
    """Hard-wrapped text is judged as if it were not, so a name over two of its lines is not missing."""
    assert any(match.term.facet == "ai" for match in judge().read("", "artificial\nintelligence", "en").in_text)
    assert not isinstance(looked(document("<p>Apple in China</p>", head), of=of), OffTopic)


def test_an_off_topic_page_explains_itself() -> None:
    """Each facet with its count, its best evidence and where it stands; a reason; no text."""
    found = looked(document("<p>Apple sells iPhones in China.</p>"))
    assert isinstance(found, OffTopic)
    (verdict,) = found.verdicts
    assert verdict.reason is Reason.FACET_MISSING
    assert (verdict.relevant, verdict.score, verdict.matches["ai"]) == (False, 0.0, 0)
    assert verdict.matches["china"] >= 1
    assert {(e.facet, e.field, e.term) for e in verdict.evidence} >= {
        ("china", "page", "China"),
        ("apple", "page", "Apple"),
    }
    assert all(e.term in e.snippet for e in verdict.evidence)


def test_a_word_counts_once_though_feed_and_title_tell_it_again() -> None:
    """Counts are those of the page; other fields count only for facets that it lacks."""
    body = document("<p>Apple sells phones.</p>")
    alone = looked(body)
    again = looked(body, of=told(title="Apple, Apple and China", content="<p>Apple</p>"))
    assert isinstance(alone, OffTopic)
    assert isinstance(again, OffTopic)
    assert alone.verdicts[0].matches == {"apple": 1, "china": 0, "ai": 0}
    assert again.verdicts[0].matches == {"apple": 1, "china": 1, "ai": 0}
    assert {(e.facet, e.field) for e in again.verdicts[0].evidence} == {("apple", "page"), ("china", "feed title")}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            b"<html><head><title>Page not found</title></head><body><p>The page you requested does not exist.</p></body></html>",
            Reason.NOT_FOUND_PAGE,
        ),
        (b"<html><head><title>Foundry</title></head><body><p>Short.</p></body></html>", None),
    ],
)
def test_short_pages_are_read(body: bytes, reason: Reason | None) -> None:
    """What may be a wall, a shell or an error page is said to be one, not to be off topic."""
    found = looked(body)
    assert not isinstance(found, OffTopic)
    assert reason is None or found.reason is reason


def test_workers_look_ahead_unless_the_article_is_known() -> None:
    """With needs, a new entry's page is not extracted; a known article's is, since its revisions are kept."""
    body = document("<p>The harbour.</p>")
    new, known = entry("new"), entry("known", article_id="a1")
    pages = [Page(of, URL, body, "text/html", NOW) for of in (new, known)]
    with Cleaners(needs=Needs.of(rules().topics, rules().entities), workers=1) as cleaners:
        first, second = cleaners.extract_all(pages)
    assert isinstance(first, OffTopic)
    assert not isinstance(second, OffTopic)
    made = page_to_article(pages[0], first, Publishers(()), ("en",), NOW)
    assert isinstance(made, Article)
    assert (made.text, made.extractor, made.verdicts) == ("", "none", first.verdicts)


def test_an_off_topic_page_makes_no_revision() -> None:
    """It has no text, so it never takes the place of one."""
    unread = article(text="", extractor="none", verdicts=judged(relevant=False).verdicts)
    rows = plan_work([judged(unread, relevant=False)], KnownArticles([]), {}, Publishers(()), NOW)
    assert not rows.revisions
    assert [row["outcome"] for row in rows.outcomes.values()] == [Outcome.OFF_TOPIC]
