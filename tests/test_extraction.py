"""Cleaning: the article's text and nothing else, why a page is no article, and what hostile pages may cost."""

import functools
import gzip
import hashlib
import html
import json
import random
import re
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, entry, feed, reading
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from technews import PROJECT_ROOT
from technews.documents import parse
from technews.extraction import (
    CLEANER_VERSION,
    MAX_BODY,
    MAX_TEXT,
    Extraction,
    NotAnArticle,
    OffTopic,
    better_date,
    carries_full_text,
    content_hash,
    describe,
    extract,
    feed_text_page,
    iso_date,
    page_to_article,
    word_count,
)
from technews.publishers import Publisher, Publishers
from technews.records import (
    Article,
    DateReading,
    Details,
    Entry,
    Fetch,
    Origin,
    Outcome,
    Page,
    Precision,
    Reason,
    Rejection,
)

PAGES = Path(__file__).parent / "data" / "pages"
REAL = PROJECT_ROOT.parent / "shared" / "data"
URL = "https://ledger.example/2025/foundry-opens-second-hall"
PARAGRAPHS = [
    "The foundry at the harbour opens a second hall for packaging before the summer, its chairman told the meeting.",
    "Six hundred people are to work there; the first machines arrived last week and are being put in place by now.",
    "Three customers, whom the chairman would not name, pay half of the cost and take all that the hall will make.",
]


def document(inner: str, title: str = "Foundry opens second hall", head: str = "", lang: str = "en") -> bytes:
    """A page of the invented paper with this inside of its body."""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} - Harbour Ledger</title>{head}'
        f'</head><body><nav><a href="/">Home</a> <a href="/chips">Chips</a></nav>{inner}<footer>About us</footer>'
        "</body></html>"
    ).encode()


def story(paragraphs: list[str] = PARAGRAPHS, extra: str = "") -> str:
    """The article's element."""
    return (
        "<main><article><h1>Foundry opens second hall</h1>"
        + "".join(f"<p>{p}</p>" for p in paragraphs)
        + (f"{extra}</article></main>")
    )


def ld(**values: Any) -> str:
    """JSON-LD on a news article."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Foundry opens second hall", **values}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def text_of(body: bytes, url: str | None = URL) -> str:
    """The text of a page that is an article."""
    found = extract(body, "text/html", url)
    assert isinstance(found, Extraction), found
    return found.text


def test_one_paragraph_a_line_without_the_title() -> None:
    """Each paragraph is a line; title, navigation and footer are no part of the text."""
    assert text_of(document(story())) == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("extra", "kept", "dropped"),
    [
        pytest.param(
            "<table>"
            + "".join(
                f"<tr><td>{c}</td><td><ul><li>{n} shops</li><li>{n} vans</li></ul></td></tr>"
                for c, n in [("Lille", 4), ("Brest", 7), ("Sète", 9)]
            )
            + "</table>",
            ["Lille | 4 shops; 4 vans", "Brest | 7 shops; 7 vans"],
            [],
            id="lists-in-table-cells",
        ),
        pytest.param(
            "<table>"
            + "".join(f"<tr><td><p>{c}</p></td><td>{n}</td></tr>" for c, n in [("Lille", 4), ("Brest", 7)])
            + "</table>",
            ["Lille | 4\nBrest | 7"],
            [],
            id="paragraphs-in-table-cells",
        ),
        pytest.param(
            "<h2>Who pays</h2><p>Banks do, for now, and they ask for more.</p>",
            ["Who pays\nBanks do"],
            [],
            id="subheads",
        ),
        pytest.param(
            "<ul><li>A hall for packaging</li><li>A hall for tests</li></ul>",
            ["A hall for packaging\n", "A hall for tests"],
            [],
            id="lists",
        ),
        pytest.param(
            '<div class="paywall-box"><h3>Read on with Plus</h3><p>Subscribe now for 2.95 EUR and cancel anytime.</p>'
            "<p>Subscribe with a friend and pay 1.95 EUR a week, with a free trial of a month.</p></div>",
            [],
            ["cancel anytime", "1.95 EUR"],
            id="offer-in-the-article",
        ),
        pytest.param(
            f'<div class="paywall">{"".join(f"<p>{p} Paid part.</p>" for p in PARAGRAPHS)}</div>',
            ["Paid part."],
            [],
            id="paywall-is-also-the-name-of-the-paid-text",
        ),
        pytest.param(
            "<p>Already a subscriber? Sign in</p><p>Advertisement</p>", [], ["subscriber", "Advertisement"], id="asides"
        ),
    ],
)
def test_what_belongs_to_the_article(extra: str, kept: list[str], dropped: list[str]) -> None:
    """Tables, lists and subheads are text; offers to subscribe are not."""
    text = text_of(document(story(extra=extra)))
    assert all(phrase in text for phrase in [*PARAGRAPHS, *kept])
    assert not any(phrase in text for phrase in dropped)


@pytest.mark.parametrize("frame", ["nav", "aside", "footer"])
def test_an_article_in_an_element_that_frames_a_page(frame: str) -> None:
    """Such elements are left out, but not where the article itself stands in one (that was never closed, mostly)."""
    beside = "<p>Filed by the desk.</p>"
    assert text_of(document(f"<{frame}>{story()}</{frame}>{beside}")).startswith("\n".join(PARAGRAPHS))
    assert "Filed" not in text_of(document(f"{story()}<{frame}>{beside}</{frame}>"))


@pytest.mark.parametrize("tag", ["p", "div"])
@pytest.mark.parametrize("opened", ["<nav>", '<aside class="ad">'])
def test_an_article_in_a_frame_that_is_never_closed(tag: str, opened: str) -> None:
    """A line in a paragraph outside does not outweigh them, whatever they are made of."""
    told = [f"{paragraph} That was item {item}." for item in range(4) for paragraph in PARAGRAPHS]
    written = "".join(f"<{tag}>{paragraph}</{tag}>" for paragraph in told)
    page = f"<p>Skip to content</p>{opened}<ul><li><a href=/>Home</a></li></ul><article>{written}</article>"
    text = text_of(document(page))
    assert all(paragraph in text for paragraph in told)


def test_teaser_cards_are_not_the_text() -> None:
    """Dozens of `<article>` teasers beside the page's own article neither hide it nor join it."""
    cards = "".join(
        f'<article class="card"><h3>Story {i}</h3><p>Teaser {i} on rowing and rain.</p></article>' for i in range(60)
    )
    text = text_of(document(story(PARAGRAPHS * 3) + f"<section><h2>More</h2>{cards}</section>"))
    assert "Teaser 31" not in text
    assert PARAGRAPHS[2] in text


def test_updates_of_a_live_blog_are_the_text() -> None:
    """In a live blog the short `<article>` elements are what readers came for."""
    updates = "".join(
        f"<article><h3>10:{i:02}</h3><p>Update {i}: the vote on the second hall goes on.</p></article>"
        for i in range(20)
    )
    body = document(story(PARAGRAPHS * 3, extra=updates), head=ld(**{"@type": "LiveBlogPosting"}))
    assert "Update 7: the vote" in text_of(body)


def test_line_breaks_separate_paragraphs() -> None:
    """Old Chinese pages write paragraphs with `<br>`; each is a line of its own, and every one of them is there."""
    lines = [
        "港湾市的芯片工厂将在夏季之前启用第二座厂房，董事长在年会上宣布。",
        "首批设备上周运抵，目前正在安装，预计新增六百个岗位。",
        "三家客户预付一半费用，并将在四年内收购全部产量。",
    ]
    inner = '<div id="content">' + "<br><br>".join(f"　　{line}" for line in lines) + "</div>"
    assert text_of(document(inner, "工厂启用第二座厂房", lang="zh")).split("\n")[-3:] == lines


@pytest.mark.parametrize(
    ("inner", "head", "extractor"),
    [
        pytest.param('<div id="root"></div>', ld(articleBody="\n\n".join(PARAGRAPHS)), "json_ld", id="only-in-json-ld"),
        pytest.param(
            story(PARAGRAPHS[:1]), ld(articleBody="\n".join(PARAGRAPHS * 2)), "json_ld", id="page-shows-a-teaser"
        ),
        pytest.param(story(), ld(articleBody=PARAGRAPHS[0]), "trafilatura", id="page-shows-more"),
        pytest.param(story(), ld(articleBody="<p></p>"), "trafilatura", id="hollow"),
        pytest.param(story(), ld(articleBody=["no", {"text": 1}]), "trafilatura", id="not-a-text"),
        pytest.param(
            '<div id="root"></div>',
            ld(articleBody="".join(f"<p>{p}</p>" for p in PARAGRAPHS)),
            "json_ld",
            id="markup-inside",
        ),
        pytest.param(
            '<div id="root"></div>',
            ld(articleBody=html.escape("".join(f"<p>{p}</p>" for p in PARAGRAPHS))),
            "json_ld",
            id="escaped-markup-inside",
        ),
    ],
)
def test_text_that_the_page_states_as_json_ld(inner: str, head: str, extractor: str) -> None:
    """`articleBody` is the text where the page shows little; paragraphs stay lines."""
    found = extract(document(inner, head=head), None, URL)
    assert isinstance(found, Extraction)
    assert found.extractor == extractor
    assert found.text.split("\n")[:1] == PARAGRAPHS[:1]
    assert "<p>" not in found.text


def test_hollow_json_ld_in_a_hollow_page() -> None:
    """An empty `articleBody` in a page of one word is no error; that word is all there is."""
    body = f"<html><head>{ld(articleBody='<p></p>')}</head><body><div>Soon.</div></body></html>".encode()
    assert text_of(body, None) == "Soon."


@pytest.mark.parametrize("before", [0, 1, 24_999, 25_000, 25_001, 49_999])
def test_attributes_of_a_tag_too_long_are_dropped_wherever_it_stands(before: int) -> None:
    """A tag with 50,000 characters of attributes loses them, since the parser compares each with all others."""
    tree = parse(f"{'x' * before}<p {'a=1 ' * 12_500}>A line.</p>")
    assert tree is not None
    assert [dict(paragraph.attrib) for paragraph in tree.iter("p") if paragraph.text == "A line."] == [{}]


@pytest.mark.parametrize("opening", ["<div>", "<span>", "<section><div>", "<table><tr><td>"])
def test_nesting_deeper_than_the_parser_allows(opening: str) -> None:
    """5,000 nested elements neither hide the text inside of them nor that behind them."""
    closing = "".join(f"</{name}>" for name in reversed(re.findall(r"<(\w+)>", opening)))
    times = 5_000 // opening.count("<")
    deep = opening * times + f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>" + closing * times
    text = text_of(document(f"<article>{deep}<p>{PARAGRAPHS[2]}</p></article>"))
    assert all(paragraph in text for paragraph in PARAGRAPHS)


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param("<p>ab cd ef gh</p>" * 31_000, id="many-paragraphs"),
        pytest.param("<p>" + "word " * 300_000 + "</p>", id="one-huge-paragraph"),
        pytest.param('<script type="application/ld+json">' + "[" * 100_000 + "</script>" + story(), id="deep-json"),
        pytest.param(
            '<script type="application/ld+json">' + '{"@graph":' * 20_000 + "</script>" + story(), id="deep-graph"
        ),
        pytest.param('<div class="subscribe">' * 190 + story() + "</div>" * 190, id="nested-offers"),
        pytest.param("<h1>" + "a - b | " * 100_000 + "</h1>" + story(), id="endless-heading"),
        pytest.param("<!--" * 50_000 + story(), id="open-comments"),
    ],
)
def test_hostile_pages_are_bounded(inner: str) -> None:
    """No page takes long or gives more than a million characters, whatever is in it."""
    start = time.monotonic()
    found = extract(document(inner, title="a - b | " * 20_000), None, URL)
    assert time.monotonic() - start < 10
    assert not isinstance(found, Extraction) or (len(found.text) <= MAX_TEXT and len(found.title) <= 500)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet="<>/&;=\"'ap divscrt[]{}\x00\ud800é中", max_size=300).map(
            lambda s: s.encode("utf-8", "surrogatepass")
        ),
    )
)
def test_any_bytes_give_an_answer(body: bytes) -> None:
    """No bytes raise; text is sound (no control character, no lone surrogate)."""
    found = extract(b"<p>" + body, None, None)
    text = found.text if isinstance(found, Extraction) else found.said.title
    assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff]", text)
    assert not isinstance(found, NotAnArticle) or found.reason is not Reason.EXTRACTION_CRASHED, found


DEEP = functools.reduce(lambda inner, _: {"name": [inner]}, range(300), "Ada Quill")


@pytest.mark.parametrize("key", ["url", "@id", "mainEntityOfPage", "image", "author", "publisher", "@type"])
@pytest.mark.parametrize(
    "value",
    ["https://[site_url]/x", "//[", "http://\u2100.example/", "http://[::1", " ", "https://a.example:x/", DEEP],
    ids=["template", "bracket", "no-host-name", "unclosed", "blank", "no-port", "deep"],
)
def test_no_statement_costs_the_text(key: str, value: object) -> None:
    """A template that was never filled in, or one nested beyond reason, is passed over; the article is read."""
    other = {"url": URL, key: value}
    stated = json.dumps([{"@type": "NewsArticle", "headline": "x", **other}])
    head = f'<script type="application/ld+json">{stated}</script>'
    head += f'<link rel="canonical" href="{value if isinstance(value, str) else ""}">'
    assert text_of(document(story(), head=head)) == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("reader", ["read_outline", "with_details"])
def test_an_error_in_metadata_costs_metadata_only(monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    """Whatever else a statement may trip over, the text is read."""

    def trip(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(f"technews.pages.{reader}", trip)
    assert text_of(document(story())).endswith("\n".join(PARAGRAPHS))


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        pytest.param(b"%PDF-1.7 <html>", None, Reason.NOT_HTML, id="pdf"),
        pytest.param(b"\x89PNG\r\n<p>", "text/html", Reason.NOT_HTML, id="image-called-html"),
        pytest.param(b"<p>x</p>", "application/pdf", Reason.NOT_HTML, id="called-pdf"),
        pytest.param(b'{"a": 1}', None, Reason.NOT_HTML, id="json"),
        pytest.param(b"plain words", "text/plain", Reason.NOT_HTML, id="plain-text"),
        pytest.param(b'<?xml version="1.0"?><!-- <p> --><rss><channel/></rss>', "text/xml", Reason.NOT_HTML, id="feed"),
        pytest.param(b"", "text/html", Reason.NOT_HTML, id="nothing"),
        pytest.param(b"<html><body><script>x()</script></body></html>", None, Reason.NO_ARTICLE, id="script-only"),
        pytest.param(b"<p>" + b"x" * MAX_BODY, None, Reason.TOO_LARGE, id="too-large"),
    ],
)
def test_what_is_no_page(body: bytes, content_type: str | None, reason: Reason) -> None:
    """What cannot hold an article has a reason."""
    found = extract(body, content_type, URL)
    assert isinstance(found, NotAnArticle)
    assert found.reason is reason


def test_feeds_are_no_pages_though_a_comment_looks_like_one() -> None:
    """The first element decides, not the declaration before it."""
    found = extract(b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>', None, URL)
    assert found == NotAnArticle(Reason.NOT_HTML, "<feed>")


@pytest.mark.parametrize("file", sorted(PAGES.glob("refused/*.html")), ids=lambda file: file.stem)
def test_pages_that_are_no_article(file: Path) -> None:
    """Consent, login, not-found and listing pages are refused, in each language; the file's name is the reason."""
    found = extract(file.read_bytes(), "text/html", URL)
    assert isinstance(found, NotAnArticle)
    assert found.reason == file.name.split(".")[0]


@pytest.mark.parametrize("file", sorted(PAGES.glob("kept/*.html")), ids=lambda file: file.stem)
def test_articles_that_look_like_such_pages(file: Path) -> None:
    """Articles about consent, log-ins and missing pages stay articles, whole."""
    paragraphs = [html.unescape(p) for p in re.findall(r"<p>(.{20,}?)</p>", file.read_text(encoding="utf-8"))]
    text = text_of(file.read_bytes())
    assert all(paragraph in text for paragraph in paragraphs[:2])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://ledger.example/", Reason.LISTING_PAGE),
        ("https://consent.ledger.example/collect?next=/2025/x", Reason.LOGIN_PAGE),
        ("https://ledger.example/login?next=/2025/x", Reason.LOGIN_PAGE),
    ],
)
def test_addresses_of_no_article(url: str, reason: Reason) -> None:
    """The final address counts: home pages and gates are no articles, unless the page declares itself one."""
    plain = document("".join(f"<p>{p}</p>" for p in PARAGRAPHS))
    found = extract(plain, None, url)
    assert isinstance(found, NotAnArticle)
    assert found.reason is reason
    assert isinstance(extract(document(story(PARAGRAPHS * 2), head=ld()), None, url), Extraction)


# ------------------------------------------------------------------------------------------- assembling the article


def page_of(of: Entry, body: bytes = b"", url: str = URL, *, fetched: bool = True) -> Page:
    """A downloaded page, or the text of a feed."""
    fetch = Fetch("page", url, NOW, 12, status=200) if fetched else None
    return Page(of, url, body, "text/html", NOW, fetch=fetch)


def assembled(of: Entry, found: Extraction | NotAnArticle, *, fetched: bool = True) -> Article | Rejection:
    """What becomes of the page."""
    known = Publishers([Publisher("harbour", "Harbour Ledger", ("ledger.example",))])
    return page_to_article(page_of(of, fetched=fetched), found, known, ("en", "fr", "zh"), NOW)


def found_text(text: str = "\n".join(PARAGRAPHS), **changes: Any) -> Extraction:
    """A page that was read."""
    base: dict[str, Any] = {
        "title": "Foundry opens second hall", "text": text, "author": None, "site_name": "HL", "canonical_url": None,
        "language": "en", "published": None, "modified": None, "extractor": "trafilatura",
    }  # fmt: skip
    return Extraction(**{**base, **changes})


def test_an_article_holds_what_the_page_says() -> None:
    """Page, feed and configuration each give their part."""
    of = entry(author="Desk", published=reading(NOW))
    made = assembled(
        of,
        found_text(
            published="2026-03-01T08:00:00+01:00",
            modified="2026-03-02T09:00:00+08:00",
            canonical_url="https://other.example/x",
        ),
    )
    assert isinstance(made, Article)
    assert (made.publisher_id, made.publisher, made.author) == ("harbour", "Harbour Ledger", "Desk")
    assert made.published.at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert made.modified_at == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert (made.url, made.canonical_url) == (URL, "https://other.example/x")
    assert made.content_hash == content_hash(made.title, made.text)
    assert (made.language, made.word_count, made.extractor) == ("en", 61, "trafilatura")
    assert made.cleaner_version == CLEANER_VERSION


@pytest.mark.parametrize(
    ("url", "site_name", "name"),
    [
        ("https://news.wire.example/a", None, "The Wire"),
        ("https://news.wire.example/a", "Wire News", "Wire News"),
        ("https://other.example/a", None, "other.example"),
        ("https://www.ledger.example/a", None, "Harbour Ledger"),
    ],
    ids=["its feed's site", "the page says", "another site", "configured"],
)
@pytest.mark.parametrize("cleaned", [True, False], ids=["cleaned", "only looked at"])
def test_the_publisher_of_a_page_that_names_none(url: str, site_name: str | None, name: str, *, cleaned: bool) -> None:
    """It has the title of the entry's feed, if that is of the same site; another site's feed only lists it."""
    found = found_text(site_name=site_name) if cleaned else OffTopic("Tides", None, site_name, "en", "0f", ())
    known = Publishers([Publisher("harbour", "Harbour Ledger", ("ledger.example",))])
    made = page_to_article(page_of(entry(feed=feed(title="The Wire")), url=url), found, known, ("en",), NOW)
    assert isinstance(made, Article)
    assert made.publisher == name


def test_what_only_the_feed_says_has_it_as_its_origin() -> None:
    """The feed stands in for a silent page, and for a date that it states more exactly; the page's own is kept."""
    of = entry(title="From the feed", author="Desk", published=reading(NOW))
    made = assembled(of, found_text(title="", published="2026-02-27", details=Details(published_from=Origin.META)))
    assert isinstance(made, Article)
    said = made.details
    assert (said.title_from, said.author_from, said.published_from) == (Origin.FEED,) * 3
    assert said.authors == ("Desk",)
    assert made.published.at == NOW
    assert (said.page_published_on, said.page_published_precision) == (date(2026, 2, 27), Precision.DAY)


def test_what_the_page_says_keeps_its_origin() -> None:
    """Also where the feed says the same, or something else."""
    said = Details(
        authors=("Ada Quill",), title_from=Origin.META, author_from=Origin.JSON_LD, published_from=Origin.TIME
    )
    made = assembled(
        entry(author="Desk"),
        found_text(author="Ada Quill", published="2026-02-27T10:00:00Z", language="fr", details=said),
    )
    assert isinstance(made, Article)
    assert (made.details.title_from, made.details.author_from, made.details.published_from) == (
        Origin.META, Origin.JSON_LD, Origin.TIME,
    )  # fmt: skip
    assert (made.details.page_language, made.language) == ("fr", "en")


DENSE = "港湾市的芯片工厂将在夏季之前启用第二座厂房，董事长在年会上宣布，首批设备上周运抵。"


@pytest.mark.parametrize(
    ("text", "language", "content", "summary", "expected"),
    [
        pytest.param("Short.", "en", "", "", Reason.TOO_SHORT, id="short"),
        pytest.param("", "en", "", "", Reason.NO_ARTICLE, id="empty"),
        pytest.param("x" * 30 + " word" * 9, "en", "", "", Reason.TOO_SHORT, id="79-characters-or-fewer"),
        pytest.param(DENSE, "zh", "", "", "trafilatura", id="chinese-says-it-in-forty"),
        pytest.param("Short.", "en", f"<p>{PARAGRAPHS[0]}</p>", "", "feed", id="content-stands-in"),
        pytest.param("", "en", "<p>too short</p>", f"{PARAGRAPHS[1]} &amp; more", "feed", id="summary-stands-in"),
        pytest.param("Short.", "en", "<p>also short</p>", "<img src='x'>", Reason.TOO_SHORT, id="all-short"),
        pytest.param(
            "\n".join(PARAGRAPHS), "en", "<p>" + "feed " * 900 + "</p>", "", "trafilatura", id="page-has-enough"
        ),
    ],
)
def test_too_little_text(text: str, language: str, content: str, summary: str, expected: Reason | str) -> None:
    """Below 80 characters (40 in Chinese and Japanese) the feed's own text stands in if it is long enough."""
    of = entry(content=content, summary=summary, feed=feed(language=language))
    made = assembled(of, found_text(text, language=language))
    assert (made.reason if isinstance(made, Rejection) else made.extractor) == expected
    if isinstance(made, Rejection):
        assert made.outcome is Outcome.EMPTY
        assert made.fetch is not None


def test_what_a_page_without_text_says_is_kept() -> None:
    """A page built by scripts, whose text the feed supplies, still says who wrote it, when, and that it costs."""
    stated = ld(
        headline="Foundry opens second hall", datePublished="2026-03-01T08:30:15+08:00", articleSection="Chips",
        author={"name": "Ada Quill"}, image="/lead.jpg", isAccessibleForFree=False,
    )  # fmt: skip
    found = extract(document('<div id="app"></div>', head=stated).replace(b"About us", b""), "text/html", URL)
    assert isinstance(found, NotAnArticle)
    made = assembled(entry(content=f"<p>{PARAGRAPHS[0]}</p>", author="Desk"), found)
    assert isinstance(made, Article)
    assert (made.text, made.extractor, made.author) == (PARAGRAPHS[0], "feed", "Ada Quill")
    assert (made.published.at, made.published.raw) == (
        datetime(2026, 3, 1, 0, 30, 15, tzinfo=UTC), "2026-03-01T08:30:15+08:00",
    )  # fmt: skip
    said = made.details
    assert (said.section, said.is_paywalled, said.page_language) == ("Chips", True, "en")
    assert said.image_url == "https://ledger.example/lead.jpg"
    assert (said.title_from, said.author_from, said.published_from) == (Origin.JSON_LD,) * 3


def test_a_feed_s_text_is_no_page_s_word() -> None:
    """Where no page was read, all that is known is the feed's; what its text quotes is no date of publication."""
    byline = '<p class="byline">By <a rel="author">Bo Lind</a></p><time datetime="2026-03-01T08:00:00Z">x</time>'
    text = byline + f"<p>{PARAGRAPHS[0]}</p>"
    of = entry(title="Foundry opens second hall", content=text, author="Ada Quill", feed=feed(full_text=True))
    for each, author in ((of, "Ada Quill"), (replace(of, author=None), "Bo Lind")):
        page = feed_text_page(each, NOW)
        made = page_to_article(page, extract(page.body, page.content_type, page.url), Publishers(), ("en",), NOW)
        assert isinstance(made, Article)
        assert (made.title, made.author, made.published) == (of.title, author, of.published)
        assert made.details == Details(
            authors=(author,), title_from=Origin.FEED, author_from=Origin.FEED, published_from=Origin.FEED
        )


def test_a_title_that_nobody_states_has_no_origin() -> None:
    """Neither the page nor the feed."""
    made = assembled(entry(title=""), found_text(title=""))
    assert isinstance(made, Article)
    assert (made.title, made.details.title_from) == ("", None)


@pytest.mark.parametrize(
    "reason",
    [Reason.CONSENT_PAGE, Reason.LOGIN_PAGE, Reason.NOT_FOUND_PAGE, Reason.LISTING_PAGE, Reason.EXTRACTION_CRASHED],
)
def test_a_refused_page_is_never_replaced_by_the_feed(reason: Reason) -> None:
    """What the feed says is not what that page says."""
    made = assembled(entry(content=f"<p>{PARAGRAPHS[0]}</p>"), NotAnArticle(reason, "why"))
    assert isinstance(made, Rejection)
    assert (made.outcome, made.reason, made.detail) == (Outcome.EMPTY, reason, "why")


def test_a_page_without_text_is_replaced_by_the_feed() -> None:
    """An empty shell that scripts would fill, with the feed's full text beside it."""
    made = assembled(entry(title="From the feed", content=f"<p>{PARAGRAPHS[0]}</p>"), NotAnArticle(Reason.NO_ARTICLE))
    assert isinstance(made, Article)
    assert (made.title, made.text, made.extractor) == ("From the feed", PARAGRAPHS[0], "feed")


def test_workers_tell_the_language_of_the_text_that_they_found() -> None:
    """The model that tells it lies in the workers alone; of a text that a feed gives instead, the reader asks itself."""
    of_page = extract(document(story()), None, URL)
    assert isinstance(of_page, Extraction)
    assert of_page.spoken[0] == "en"
    told = assembled(entry(), found_text(spoken=("xx", "fr", "en")))
    other = "Die Gießerei am Hafen eröffnet vor dem Sommer eine zweite Halle. " * 9
    of_feed = assembled(replace(entry(), content=f"<p>{other}</p>"), found_text("Too short.", spoken=("fr", "en")))
    assert isinstance(told, Article)
    assert isinstance(of_feed, Article)
    assert (told.language, of_feed.language) == ("fr", "de")


def a_date(precision: Precision, hour: int = 9) -> DateReading:
    """A reading of this precision."""
    at = datetime(2026, 3, 1, hour, tzinfo=UTC) if precision is not Precision.UNKNOWN else None
    return DateReading("raw", at, at.date() if at else None, precision)


@pytest.mark.parametrize(
    ("of_page", "of_feed", "page_wins"),
    [
        (Precision.SECOND, Precision.SECOND, True),
        (Precision.DAY, Precision.SECOND, False),
        (Precision.UNKNOWN, Precision.DAY, False),
        (Precision.MINUTE, Precision.DAY, True),
        (Precision.UNKNOWN, Precision.UNKNOWN, True),
    ],
)
def test_which_date_counts(of_page: Precision, of_feed: Precision, *, page_wins: bool) -> None:
    """The page's date beats the feed's where it is as precise."""
    page, feed_date = a_date(of_page), a_date(of_feed, hour=8)
    assert better_date(page, feed_date) is (page if page_wins else feed_date)


def test_a_full_text_feed_goes_the_same_way() -> None:
    """The feed's text becomes a page, and the page an article with the entry's title, link and text."""
    of = entry(
        title="Foundry <opens> & pays", content="".join(f"<p>{p}</p>" for p in PARAGRAPHS), feed=feed(full_text=True)
    )
    assert carries_full_text(of)
    page = feed_text_page(of, NOW + timedelta(hours=1))
    made = page_to_article(page, extract(page.body, page.content_type, page.url), Publishers(), ("en",), NOW)
    assert isinstance(made, Article)
    assert (made.title, made.text, made.extractor) == (of.title, "\n".join(PARAGRAPHS), "feed")
    assert (made.url, made.fetch, made.fetched_at) == (of.url, None, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"content": "<p>Read more on our site.</p>"}, id="too-short"),
        pytest.param({"content": ""}, id="none"),
        pytest.param({"content": "<p>A note.</p>", "url": None}, id="no-link"),
        pytest.param({"content": "<p>" + "x " * 90, "feed": feed(full_text=False)}, id="not-declared"),
    ],
)
def test_entries_whose_page_is_downloaded(changes: dict[str, Any]) -> None:
    """An entry of a full-text feed that has no text worth the name is downloaded like any other."""
    assert not carries_full_text(entry(**{"feed": feed(full_text=True), **changes}))


@pytest.mark.parametrize("field", ["content", "summary"])
def test_an_entry_without_a_link_is_complete_in_itself(field: str) -> None:
    """As RSS 2.0 has it; its address is that of the feed, where a reader finds it."""
    of = entry(url=None, **{field: "".join(f"<p>{p}</p>" for p in PARAGRAPHS)})
    assert carries_full_text(of)
    page = feed_text_page(of, NOW)
    made = page_to_article(page, extract(page.body, page.content_type, page.url), Publishers(), ("en",), NOW)
    assert isinstance(made, Article)
    assert (made.text, made.url) == ("\n".join(PARAGRAPHS), of.feed.url)


def test_content_hash_is_as_documented() -> None:
    """SHA-256 over title, empty line and text, white space collapsed."""
    assert content_hash(" A\tb ", "c\n d  e") == hashlib.sha256(b"A b\n\nc d e").hexdigest()
    assert content_hash("a", "b") != content_hash("a b", "")


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("Apple’s state-of-the-art chip costs 20 dollars.", "en", 6),
        ("L'IA d'Apple, dit-on.", "fr", 3),
        ("苹果公司，iPhone 17。", "zh", 12),
        ("アップル、新製品。", "ja", 7),
        ("", "en", 0),
    ],
)
def test_words(text: str, language: str, count: int) -> None:
    """Words, or characters without white space and punctuation in Chinese and Japanese."""
    assert word_count(text, language) == count


# -------------------------------------------------------------------------------------------------------- describing


def test_what_clean_prints() -> None:
    """The keys of `technews clean`, in order, with dates as exactly as the page states them."""
    body = document(
        story(),
        head='<meta name="author" content="Ada Quill">'
        '<meta property="article:published_time" content="2025-02-13T16:05:00+08:00">'
        '<meta property="article:modified_time" content="2025-02-14">',
    )
    line = describe(body, URL, now=NOW)
    assert list(line) == [
        "url",
        "title",
        "text",
        "author",
        "published_at",
        "modified_at",
        "language",
        "publisher",
        "error",
    ]
    assert line | {"text": ""} == {
        "url": URL, "title": "Foundry opens second hall", "text": "", "author": "Ada Quill",
        "published_at": "2025-02-13T16:05:00+08:00", "modified_at": "2025-02-14", "language": "en",
        "publisher": "ledger.example", "error": None,
    }  # fmt: skip
    assert describe(b"%PDF", None, now=NOW)["error"] == "not_html: binary data"


@pytest.mark.parametrize("size", [200, 1_000, 50_000])
def test_binary_data_that_begins_like_a_page_is_none(size: int) -> None:
    """Random bytes, as of a body whose compression nobody named, are told from text by their controls."""
    noise = random.Random(size)
    assert all(
        extract(b"<html><p>" + noise.randbytes(size), "text/html; charset=utf-8", URL)
        == NotAnArticle(Reason.NOT_HTML, "binary data")
        for _ in range(20)
    )


@pytest.mark.parametrize("charset", ["utf-8", "utf-16le", "utf-16be", "gb18030", "iso-2022-jp"])
def test_text_of_no_charset_is_taken_for_binary_data(charset: str) -> None:
    """In UTF-16 the bytes of letters are controls; nor is a page with a control in each line."""
    line = "世丁七上下不世丈三" * 12 + "\v"
    body = f"<!doctype html><meta charset={charset}><article><p>{line * 20}</p></article>".encode(charset)
    found = extract(body, f"text/html; charset={charset}", URL)
    assert isinstance(found, Extraction), found
    assert "世丁七上下" in found.text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2025-02-13T16:05:00Z", "2025-02-13T16:05:00+00:00"),
        ("2025-02-13 16:05", "2025-02-13T16:05:00"),
        ("Sat Mar 20 20:39:33 +0800 2021", "2021-03-20T20:39:33+08:00"),
        ("Thu, 01 Jan 2026 09:00:00 -0530", "2026-01-01T09:00:00-05:30"),
        ("2025年2月13日", "2025-02-13"),
        ("soon", None),
        (None, None),
    ],
)
def test_dates_for_people(raw: str | None, expected: str | None) -> None:
    """ISO 8601: the offset where one is known, none where not, the day alone where no more is said."""
    assert iso_date(raw, now=NOW) == expected


# -------------------------------------------------------------------------------------------------------- real pages

needs_real = pytest.mark.skipif(
    not (REAL / "pages" / "index.jsonl").exists(), reason="no folder of real pages beside the project"
)


def words(text: str, language: str) -> Counter[str]:
    """What is compared: characters for Chinese and Japanese, else words."""
    return Counter([c for c in text if c.isalnum()] if language in ("zh", "ja") else re.findall(r"\w+", text.lower()))


def f1(text: str, gold: str, language: str) -> float:
    """F1 over words."""
    one, other = words(text, language), words(gold, language)
    return 2 * (one & other).total() / (one.total() + other.total())


@needs_real
def test_real_pages_are_read_as_well_as_by_trafilatura_alone() -> None:
    """In each language no worse than bare trafilatura, and no article is refused (over a sample)."""
    import trafilatura

    rows = [json.loads(line) for line in (REAL / "pages" / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    scores: dict[str, list[tuple[float, float]]] = {"en": [], "fr": [], "zh": []}
    for row in [row for row in rows if row["lang"] in scores and row["page_type"] == "article"][::9]:
        gold = json.loads((REAL / row["gold_file"]).read_text(encoding="utf-8")).get("text")
        body = gzip.decompress((REAL / row["path"]).read_bytes())
        found = extract(body, None, row["url"])
        assert isinstance(found, Extraction), (row["id"], found)
        if gold:
            bare = trafilatura.extract(body, url=row["url"]) or ""
            scores[row["lang"]].append((f1(found.text, gold, row["lang"]), f1(bare, gold, row["lang"])))
    for language, pairs in scores.items():
        ours, theirs = (sum(side) / len(pairs) for side in zip(*pairs, strict=True))
        assert ours >= theirs - 0.005, (language, ours, theirs)


@pytest.mark.parametrize(
    ("line", "paywalled"),
    [
        ("Subscribe to continue reading", True),
        ("This article is for subscribers only.", True),
        ("To keep reading, subscribe or log in", True),
        ("Cet article est réservé aux abonnés", True),
        ("La suite est réservée aux abonnés", True),
        ("Il vous reste 72% de cet article à lire.", True),
        ("本文为付费内容", True),
        ("订阅后即可阅读全文", True),
        ("Subscribe to our newsletter", False),
        ("The paper asks readers to subscribe to continue reading, its chairman said.", False),
        ("Abonnez-vous à notre lettre", False),
        ("本文作者为港湾市记者", False),
        ("付费会员人数增长一成", False),
    ],
)
def test_a_stub_says_that_it_is_one(line: str, *, paywalled: bool) -> None:
    """By a line that stands where the text ends; not by the same words within a sentence, nor those of a newsletter."""
    found = extract(document(f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><div>{line}</div>"), None, URL)
    assert isinstance(found, Extraction)
    assert found.details.is_paywalled is (paywalled or None)


def test_a_long_text_is_no_stub_and_the_page_s_own_word_counts() -> None:
    """Templates carry the line hidden under every article; a page that says it is free is believed."""
    line = "<div>Subscribe to continue reading</div>"
    whole = "".join(f"<p>{number}: {PARAGRAPHS[0]}</p>" for number in range(20))
    free = '<meta property="article:content_tier" content="free">'
    stub = f"<p>{PARAGRAPHS[0]}</p>{line}"
    for body, expected in ((document(whole + line), None), (document(stub, head=free), False)):
        found = extract(body, None, URL)
        assert isinstance(found, Extraction)
        assert found.details.is_paywalled is expected
