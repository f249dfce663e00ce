"""What pages say about themselves: title, author, dates, site, language and canonical address, each as it is stated."""

import json
from typing import Any

import pytest

from technews.documents import Element, fragment_text, json_ld, parse, strings, visible_text
from technews.metadata import Metadata, main_statement, read_outline, with_details

URL = "https://www.ledger.example/2025/foundry"
TITLE = "Foundry opens second hall"


def read(head: str = "", body: str = "<p>Text.</p>", url: str | None = URL, root: str = "<html>") -> Metadata:
    """The metadata of a page with this head and body."""
    tree = tree_of(f"<!doctype html>{root}<head>{head}</head><body>{body}</body></html>")
    stated = json_ld(tree)
    return with_details(read_outline(tree, url, stated), tree, url, stated)


def tree_of(source: str) -> Element:
    """The parsed page."""
    tree = parse(source)
    assert tree is not None
    return tree


def ld(value: Any) -> str:
    """A JSON-LD script."""
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def news(**values: Any) -> str:
    """JSON-LD on a news article."""
    return ld({"@context": "https://schema.org", "@type": "NewsArticle", **values})


def meta(name: str, content: str) -> str:
    """A meta element."""
    return f'<meta {"property" if ":" in name else "name"}="{name}" content="{content}">'


SITE = meta("og:site_name", "Harbour Ledger")


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        pytest.param(f"<title>{TITLE} - Harbour Ledger</title>{SITE}", "", TITLE, id="site-behind"),
        pytest.param(f"<title>Harbour Ledger | {TITLE}</title>{SITE}", "", TITLE, id="site-before"),
        pytest.param(
            f"<title>{TITLE} | Chips | Harbour Ledger</title>{SITE}", f"<h1>{TITLE}</h1>", TITLE, id="section-and-site"
        ),
        pytest.param(f"<title>{TITLE} – ledger.example</title>", "", TITLE, id="domain-behind"),
        pytest.param(f"<title>{TITLE} - Le Phare</title>", "", TITLE, id="unknown-site"),
        pytest.param(
            "<title>工厂启用第二座厂房_科技频道_港湾网</title>", "", "工厂启用第二座厂房", id="chinese-portal"
        ),
        pytest.param("<title>工厂启用第二座厂房-港湾网</title>", "", "工厂启用第二座厂房", id="chinese-hyphen"),
        pytest.param(
            "<title>Chips - and what they cost us</title>", "", "Chips - and what they cost us", id="dash-in-title"
        ),
        pytest.param(
            "<title>State-of-the-art memory for all</title>", "", "State-of-the-art memory for all", id="hyphens"
        ),
        pytest.param(f"{news(headline=TITLE)}<title>x</title>", "", TITLE, id="headline"),
        pytest.param(news(headline="Foundry opens sec…") + meta("og:title", TITLE), "", TITLE, id="headline-cut-short"),
        pytest.param(
            news(headline="Foundry: SEO words") + meta("og:title", TITLE),
            f"<h1>{TITLE}</h1>",
            TITLE,
            id="what-readers-see",
        ),
        pytest.param(news(headline="Hall &amp; foundry&#39;s"), "", "Hall & foundry's", id="entities"),
        pytest.param(
            "<title>Why list&lt;Model&gt; beats map&lt;</title>", "", "Why list<Model> beats map<", id="angle-brackets"
        ),
        pytest.param(meta("og:title", f"&lt;b&gt;{TITLE}&lt;/b&gt;"), "", TITLE, id="inline-markup"),
        pytest.param(
            f"<title>{TITLE} - Harbour Ledger</title>{SITE}",
            "<h1>In other languages<div>Alpha <p>Beta",
            TITLE,
            id="broken-heading",
        ),
        pytest.param(SITE + "<title>Harbour Ledger</title>", f"<h1>{TITLE}</h1>", TITLE, id="title-is-the-site"),
        pytest.param("", f"<h1>{TITLE}</h1>", TITLE, id="heading-only"),
        pytest.param("", "<h1>One thing</h1><h1>Another thing</h1>", "", id="two-headings-only"),
        pytest.param("<title>  Foundry \n opens\u200b second\x00 hall </title>", "", TITLE, id="white-space"),
        pytest.param("<title></title>", "", "", id="none"),
    ],
)
def test_title(head: str, body: str, expected: str) -> None:
    """The title as stated and seen, without the site's name; a broken heading never wins."""
    assert read(head, body).title == expected


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        pytest.param(news(datePublished="2025-03-01T10:00:00+08:00"), "", "2025-03-01T10:00:00+08:00", id="json-ld"),
        pytest.param(
            meta("article:published_time", "2025-03-01T10:00:00Z"), "", "2025-03-01T10:00:00Z", id="open-graph"
        ),
        pytest.param(
            meta("dc.date", "2023-01-02"), "<p>Accepted 16 December 2022.</p>", "2023-01-02", id="dublin-core"
        ),
        pytest.param(meta("DC.date.issued", "2023-01-02"), "", "2023-01-02", id="upper-case"),
        pytest.param(
            news(datePublished="{{date}}") + meta("pubdate", "2025-03-01"), "", "2025-03-01", id="placeholder"
        ),
        pytest.param(
            news(datePublished="2025-03-01") + meta("pubdate", "2025-03-01 10:30"),
            "",
            "2025-03-01 10:30",
            id="time-of-day-elsewhere",
        ),
        pytest.param(
            news(datePublished="2025-03-01") + meta("pubdate", "2025-03-09 10:30"),
            "",
            "2025-03-01",
            id="another-day-is-another-date",
        ),
        pytest.param(
            ld({"@graph": [{"@type": "WebPage", "datePublished": "2025-03-01T10:00:00Z"}]}),
            "",
            "2025-03-01T10:00:00Z",
            id="web-page",
        ),
        pytest.param(
            "", '<time datetime="2025-03-01T10:00:00Z">1 March</time>', "2025-03-01T10:00:00Z", id="time-element"
        ),
        pytest.param(
            "",
            "".join(f'<aside><time datetime="2025-04-0{i}T10:00:00Z">x</time></aside>' for i in range(1, 6))
            + '<article><time datetime="2025-03-01T10:00:00Z">x</time></article>',
            "2025-03-01T10:00:00Z",
            id="time-of-the-article-not-of-a-list",
        ),
        pytest.param(
            "",
            '<span itemprop="datePublished" content="2025-03-01T10:00:00Z"></span>',
            "2025-03-01T10:00:00Z",
            id="microdata",
        ),
        pytest.param(
            "",
            '<div class="info"><span>2025年03月01日 17:22</span> 来源：港湾网</div>',
            "2025年03月01日 17:22",
            id="chinese-date-line",
        ),
        pytest.param(
            meta("date", "2025-03-01"),
            '<span class="time">2025-03-01 08:24:06</span>',
            "2025-03-01 08:24:06",
            id="shown-more-exactly",
        ),
        pytest.param("", "<p>No date at all.</p>", None, id="none"),
    ],
)
def test_published(head: str, body: str, expected: str | None) -> None:
    """The first statement that can be read, with the time of day where any statement of that day has it."""
    assert read(head, body).published == expected


def test_a_date_in_the_address_is_the_last_resort() -> None:
    """Without any statement the date is guessed, to the day."""
    head = '<link rel="canonical" href="https://ledger.example/2025/03/01/foundry">'
    assert (read(head).published or "")[:10] == "2025-03-01"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(
            meta("article:modified_time", "2025-03-02T10:00:00+08:00"), "2025-03-02T10:00:00+08:00", id="open-graph"
        ),
        pytest.param(
            news(dateModified="2025-03-02T10:00:00Z") + meta("og:updated_time", "2025-03-05"),
            "2025-03-02T10:00:00Z",
            id="json-ld",
        ),
        pytest.param('<meta http-equiv="date" content="2025-03-02">', None, id="none"),
    ],
)
def test_modified(head: str, expected: str | None) -> None:
    """The modification date as stated."""
    assert read(head).modified == expected


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        pytest.param(news(author={"@type": "Person", "name": "Ada Quill"}), "", "Ada Quill", id="person"),
        pytest.param(news(author=[{"name": "Ada Quill"}, {"name": "Bo Lind"}]), "", "Ada Quill, Bo Lind", id="two"),
        pytest.param(news(author="By Ada Quill"), "", "Ada Quill", id="by"),
        pytest.param(news(author={"name": ["Ada Quill", "Ada Quill"]}), "", "Ada Quill", id="twice"),
        pytest.param(
            news(author="https://ledger.example/ada") + meta("author", "Ada Quill"),
            "",
            "Ada Quill",
            id="an-address-is-no-name",
        ),
        pytest.param(meta("author", "105092"), "", None, id="a-number-is-no-name"),
        pytest.param(meta("article:author", "作者：林一"), "", "林一", id="chinese-by"),
        pytest.param("", '<p class="byline"><a rel="author" href="/ada">Ada Quill</a></p>', "Ada Quill", id="byline"),
        pytest.param("", "", None, id="none"),
    ],
)
def test_author(head: str, body: str, expected: str | None) -> None:
    """Names only, in the order in which the page gives them."""
    assert read(head, body or "<p>Text.</p>").author == expected


@pytest.mark.parametrize(
    ("head", "url", "expected"),
    [
        ('<link rel="canonical" href="/a/b?x=1#c">', URL, "https://www.ledger.example/a/b?x=1#c"),
        ('<link rel="Canonical nofollow" href=" https://other.example/x ">', URL, "https://other.example/x"),
        (
            '<link rel="canonical" href="https://[broken">' + meta("og:url", "https://ledger.example/y"),
            URL,
            "https://ledger.example/y",
        ),
        ('<link rel="canonical" href="/relative">', None, None),
        ('<link rel="canonical" href="javascript:x()">', URL, None),
        ('<link rel="canonical" href="">', URL, None),
        ('<link rel="alternate" href="/z">', URL, None),
    ],
)
def test_canonical_address(head: str, url: str | None, expected: str | None) -> None:
    """Absolute, resolved against the final address; no other scheme than http(s), nothing broken."""
    assert read(head, url=url).canonical_url == expected


@pytest.mark.parametrize(
    ("root", "head", "expected"),
    [
        ('<html lang="zh-Hant-HK">', "", "zh"),
        ('<html xml:lang="fr_FR">', "", "fr"),
        ("<html>", '<meta http-equiv="content-language" content="en-GB, fr">', "en"),
        ("<html>", meta("og:locale", "fr_CA"), "fr"),
        ('<html lang="xx">', news(headline="x", inLanguage="en"), "en"),
        ("<html>", "", None),
    ],
)
def test_language(root: str, head: str, expected: str | None) -> None:
    """The page's own statement as an ISO 639-1 code."""
    assert read(head, root=root).language == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (SITE, "Harbour Ledger"),
        (news(headline="x", publisher={"@type": "Organization", "name": "Ledger Group"}), "Ledger Group"),
        (ld({"@type": "WebSite", "name": "Ledger"}), "Ledger"),
        (meta("og:site_name", "@ledger"), "ledger"),
        (meta("og:site_name", "https://ledger.example"), None),
        ("", None),
    ],
)
def test_site_name(head: str, expected: str | None) -> None:
    """What the page calls its site."""
    assert read(head).site_name == expected


@pytest.mark.parametrize(
    ("free", "paid"), [(False, True), ("False", True), (True, False), ("https://schema.org/False", True)]
)
def test_paywall(free: object, *, paid: bool) -> None:
    """By `isAccessibleForFree`, however it is spelt."""
    assert read(news(headline="x", isAccessibleForFree=free)).is_paywalled is paid


def test_the_page_s_own_article_among_several() -> None:
    """Of several articles in JSON-LD the one that names this address counts; lists of others are not entered."""
    others = {"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Other", "url": URL}]}
    stated = [
        others,
        {"@type": "NewsArticle", "headline": "Elsewhere", "url": "https://www.ledger.example/2025/else"},
        {"@type": ["NewsArticle"], "headline": "Here", "mainEntityOfPage": {"@id": f"{URL}?utm_source=feed"}},
    ]
    found = json_ld(tree_of(f"<html><head>{ld(stated)}</head><body>x</body></html>"))
    assert len(found) == 3
    assert main_statement(found, URL)["headline"] == "Here"
    assert main_statement(found, None)["headline"] == "Elsewhere"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{not json", id="broken"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("null", id="null"),
        pytest.param('{"@graph": [1, "x", null, [[]]]}', id="odd-members"),
        pytest.param(
            '{"@type": {"a": 1}, "headline": 5, "author": [[["x"]]], "datePublished": {"@value": 7}}', id="odd-values"
        ),
    ],
)
def test_json_ld_of_any_shape(text: str) -> None:
    """What is no JSON, or JSON of another shape, is passed over."""
    found = read(f'<script type="application/ld+json">{text}</script>{meta("og:title", TITLE)}')
    assert found.title == TITLE


def test_json_ld_as_pages_write_it() -> None:
    """Comments, CDATA marks, raw line ends and a trailing semicolon around the JSON do no harm."""
    text = '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Foundry\topens second hall"};\n//]]>'
    assert read(f'<script type="application/ld+json; charset=utf-8">{text}</script>').title == TITLE


def test_visible_text_is_what_a_reader_sees() -> None:
    """Blocks are lines, inline elements are not; scripts, styles and templates are unseen."""
    tree = tree_of(
        "<body><p>One <b>two</b>\n three</p><script>x()</script>tail<ul><li>a<li>b</ul><style>y</style><br>c</body>"
    )
    assert visible_text(tree) == "One two three\ntail\na\nb\nc"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("a &amp; b", "a & b"),
        ("plain\ntwo", "plain\ntwo"),
        ("<p>x</p><p>y", "x\ny"),
        ("&lt;p&gt;x&lt;/p&gt;", "x"),
        ("", ""),
        ("<img src=x>", ""),
    ],
)
def test_fragments(markup: str, expected: str) -> None:
    """Fragments of feeds as text."""
    assert fragment_text(markup) == expected


def test_strings_of_json_ld_values() -> None:
    """Texts, members and names."""
    assert strings([" a ", {"name": "b"}, {"@value": "c"}, 5, None, ["d"], {"name": {"name": "e"}}]) == [
        "a",
        "b",
        "c",
        "e",
    ]
