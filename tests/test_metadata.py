"""What pages say about themselves: title, author, dates, site, language and canonical address, each as it is stated."""

import json
import re
from typing import Any

import pytest
from builders import NOW
from htmldate.extractors import get_external_parser
from lxml import etree
from trafilatura.xpaths import AUTHOR_XPATHS

from technews.authors import _BYLINE, _NAMED_BY, authors_of, in_a_line
from technews.documents import Element, fragment_text, json_ld, parse, strings, visible_text
from technews.languages import COMMON
from technews.metadata import Metadata, main_statement, read_outline, with_details
from technews.records import Origin

URL = "https://www.ledger.example/2025/foundry"
TITLE = "Foundry opens second hall"


def read(head: str = "", body: str = "<p>Text.</p>", url: str | None = URL, root: str = "<html>") -> Metadata:
    """The metadata of a page with this head and body."""
    tree = tree_of(f"<!doctype html>{root}<head>{head}</head><body>{body}</body></html>")
    stated = json_ld(tree)
    return with_details(read_outline(tree, url, stated), tree, url, stated, NOW)


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
        pytest.param("", "<p>It is about a rule from 2023, and about nothing else.</p>", None, id="a year in the text"),
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
    assert in_a_line(read(head, body or "<p>Text.</p>").details.authors) == expected


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
    ("free", "paid"),
    [
        (False, True),
        ("False", True),
        (True, False),
        ("https://schema.org/False", True),
        (" False ", True),
        ([False], True),
        ([], None),
        ({"@type": "Boolean", "@value": "false"}, True),
        ([{"@value": True}], False),
        ({"odd": [False]}, None),
    ],
)
def test_paywall(free: object, *, paid: bool | None) -> None:
    """By `isAccessibleForFree`, however it is spelt."""
    expected = None if paid is None else not paid
    assert read(news(headline="x", isAccessibleForFree=free)).is_free is expected
    assert read(news(headline="x") + ld({"@type": "WebPage", "isAccessibleForFree": free})).is_free is expected


@pytest.mark.parametrize(
    ("head", "free"),
    [
        pytest.param(
            news(headline="x", hasPart={"isAccessibleForFree": False, "cssSelector": ".paid"}), False, id="a-part"
        ),
        pytest.param(
            news(headline="x", isAccessibleForFree=True, hasPart=[{"isAccessibleForFree": "False"}]), False, id="parts"
        ),
        pytest.param(meta("article:content_tier", "locked"), False, id="tier"),
        pytest.param(meta("article:content_tier", "free"), True, id="free-tier"),
        pytest.param(news(headline="x", hasPart=["odd", None, 7]), None, id="odd"),
        pytest.param("", None, id="silent"),
    ],
)
def test_paywall_of_parts_and_tiers(head: str, *, free: bool | None) -> None:
    """A part that costs makes the whole paywalled; a page that says nothing is neither."""
    assert read(head).is_free is free


@pytest.mark.parametrize(
    ("head", "section"),
    [
        (news(headline="x", articleSection=["Chips", "World"]), "Chips"),
        (news(headline="x", articleSection=" Chips &amp; \n Tools "), "Chips & Tools"),
        (meta("article:section", "科技"), "科技"),
        (news(headline="x", articleSection="word " * 50) + meta("article:section", "Chips"), "Chips"),
        (news(headline="x", articleSection={"@type": 5}), None),
        ("", None),
    ],
)
def test_section(head: str, section: str | None) -> None:
    """The first that is a name; what is as long as a sentence is none."""
    assert read(head).details.section == section


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        pytest.param(news(headline="x", keywords="chips, AI ,chips"), ("chips", "AI"), id="in-a-line"),
        pytest.param(news(headline="x", keywords=["chips", "AI,tools"]), ("chips", "AI", "tools"), id="list"),
        pytest.param(meta("article:tag", "chips") + meta("article:tag", "AI"), ("chips", "AI"), id="an-element-each"),
        pytest.param(meta("keywords", "芯片，人工智能、工厂"), ("芯片", "人工智能", "工厂"), id="chinese-commas"),
        pytest.param(
            news(headline="x", keywords="chips") + meta("keywords", "seo"), ("chips",), id="the-better-place-alone"
        ),
        pytest.param(meta("keywords", " , ,"), (), id="nothing"),
        pytest.param("", (), id="none"),
    ],
)
def test_tags(head: str, tags: tuple[str, ...]) -> None:
    """Each once, in the page's order, of the most reliable place that names any."""
    assert read(head).details.tags == tags


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(news(headline="x", image="/a.jpg"), "https://www.ledger.example/a.jpg", id="relative"),
        pytest.param(
            news(headline="x", image={"url": "https://i.example/b.png"}), "https://i.example/b.png", id="object"
        ),
        pytest.param(news(headline="x", image=[{"@id": 5}, "https://i.example/c"]), "https://i.example/c", id="list"),
        pytest.param(meta("og:image", "//i.example/d e.jpg"), "https://i.example/d%20e.jpg", id="meta"),
        pytest.param('<link rel="image_src" href="f.gif">', "https://www.ledger.example/2025/f.gif", id="link"),
        pytest.param(
            news(headline="x", image="javascript:alert(1)") + meta("og:image", "https://i.example/g"),
            "https://i.example/g",
            id="script",
        ),
        pytest.param(meta("og:image", "data:image/png;base64,AAAA"), None, id="data"),
        pytest.param(meta("og:image", "https://user:word@i.example/h"), None, id="with-a-user"),
        pytest.param(meta("og:image", "https://i.example/" + "x" * 5_000), None, id="endless"),
        pytest.param(meta("og:image", "https://[broken"), None, id="broken"),
        pytest.param(
            news(headline="x", image={"@type": "ImageObject", "@id": f"{URL}#lead", "contentUrl": "/i.jpg"}),
            "https://www.ledger.example/i.jpg",
            id="content-url",
        ),
        pytest.param(news(headline="x", image={"url": ["", "/j.jpg"]}), "https://www.ledger.example/j.jpg", id="urls"),
        pytest.param(
            news(headline="x", image={"@id": f"{URL}#lead"}) + meta("og:image", "/k.jpg"),
            "https://www.ledger.example/k.jpg",
            id="reference-to-nothing",
        ),
        pytest.param(
            news(headline="x", image=[None, "", " ", "#top", URL]) + meta("og:image", " "), None, id="blank-or-the-page"
        ),
        pytest.param(
            f'<link rel="canonical" href="{URL}-whole">' + news(headline="x", image=f"{URL}-whole"),
            None,
            id="canonical",
        ),
    ],
)
def test_lead_image(head: str, expected: str | None) -> None:
    """An address of the web that can be asked for; no other scheme, nothing broken or endless."""
    assert read(head).details.image_url == expected


GRAPH = [
    {
        "@type": "NewsArticle", "@id": "#article", "headline": TITLE, "image": {"@id": "#lead"},
        "author": [{"@id": "#ada"}, {"@type": "Person", "@id": "#bo"}], "publisher": {"@id": "#paper"},
        "mainEntityOfPage": {"@id": "#page"},
    },
    {"@type": "WebPage", "@id": "#page", "url": URL, "mainEntity": {"@id": "#article"}, "datePublished": "2025-03-02"},
    {"@type": "Person", "@id": "#ada", "name": "Ada Quill", "worksFor": {"@id": "#paper"}},
    {"@type": "Person", "@id": "#bo", "name": "Bo Lind"},
    {"@type": "Organization", "@id": "#paper", "name": "Harbour Ledger", "employee": [{"@id": "#ada"}]},
    {"@type": "ImageObject", "@id": "#lead", "url": "https://i.example/lead.jpg", "contentUrl": "https://i.example/x"},
]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(ld({"@graph": GRAPH}), id="one-graph"),
        pytest.param("".join(map(ld, GRAPH)), id="a-script-each"),
        pytest.param(
            ld({**GRAPH[0], "publisher": {"@id": "#paper", "name": "Harbour Ledger"}}) + ld(GRAPH[1:4]) + ld(GRAPH[5]),
            id="some-embedded",
        ),
        pytest.param(
            ld(GRAPH[0]) + ld({"@type": "WebPage", "primaryImageOfPage": GRAPH[5], "mentions": [*GRAPH[2:5]]}),
            id="defined-within-another",
        ),
    ],
)
def test_references_are_followed(head: str) -> None:
    """Publisher, authors and image that the article only names are what the page says of them elsewhere."""
    said = read(head + "<title>Foundry opens second hall - Harbour Ledger</title>")
    assert said.site_name == "Harbour Ledger"
    assert said.details.authors == ("Ada Quill", "Bo Lind")
    assert said.details.image_url == "https://i.example/lead.jpg"


def test_references_in_a_circle() -> None:
    """And one to itself, and many to one: each is followed once."""
    many = [{"@id": "#a"}] * 10_000
    head = ld([{"@type": "NewsArticle", "@id": "#a", "headline": TITLE, "author": many, "name": {"@id": "#a"}}])
    said = read(head)
    assert (said.title, said.details.authors) == (TITLE, ())


def test_what_a_page_states_is_bounded() -> None:
    """Ten thousand tags, names and images, each of any length, leave a row that can be stored and read."""
    many = [f"name {number}" for number in range(10_000)]
    said = read(
        news(headline="x" * 9_000, keywords=many, author=many, articleSection=many, image=many)
        + "".join(meta("article:tag", name * 100) for name in many)
    )
    assert len(said.details.tags) == 50
    assert len(said.details.authors) == 20
    assert len(said.title) <= 500
    assert max(map(len, said.details.tags)) <= 100


@pytest.mark.parametrize(
    ("head", "body", "field", "origin"),
    [
        (news(headline=TITLE), "", "title_from", Origin.JSON_LD),
        (meta("og:title", TITLE), "", "title_from", Origin.META),
        (f"<title>{TITLE}</title>", "", "title_from", Origin.PAGE),
        ("", f"<h1>{TITLE}</h1>", "title_from", Origin.PAGE),
        ("", "", "title_from", None),
        (news(author="Ada Quill"), "", "author_from", Origin.JSON_LD),
        (meta("author", "Ada Quill"), "", "author_from", Origin.META),
        ("", '<p class="byline"><a rel="author" href="/ada">Ada Quill</a></p>', "author_from", Origin.PAGE),
        (news(datePublished="2025-03-02"), "", "published_from", Origin.JSON_LD),
        (meta("article:published_time", "2025-03-02"), "", "published_from", Origin.META),
        ("", '<time datetime="2025-03-02T10:00Z">x</time>', "published_from", Origin.TIME),
        ("", "<span>2025-03-02 10:00</span>", "published_from", Origin.PAGE),
        ("", "<p>Text.</p><footer>Posted on March 2, 2025</footer>", "published_from", Origin.HTMLDATE),
        (news(headline="x", dateModified="2025-03-02"), "", "modified_from", Origin.JSON_LD),
        (meta("article:modified_time", "2025-03-02"), "", "modified_from", Origin.META),
        ("", "", "modified_from", None),
    ],
)
def test_origins(head: str, body: str, field: str, origin: Origin | None) -> None:
    """Where each piece of metadata was found is known."""
    assert getattr(read(head, body or "<p>Text.</p>").details, field) is origin


@pytest.mark.parametrize(
    "sentence",
    ["Posted on 2 March 2025", "Publié le 2 mars 2025", "Veröffentlicht am 2. März 2025"],
)
def test_a_date_in_a_sentence_is_read_in_the_common_languages_alone(sentence: str) -> None:
    """No page waits until two hundred languages were tried on each of its sentences that names a year."""
    assert (read("", f"<p>Text.</p><p>{sentence}</p>").published or "")[:10] == "2025-03-02"
    assert tuple(get_external_parser().languages) == COMMON


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("2025-03-02", "2025-03-02T10:00Z", "2025-03-02T10:00Z", id="a-time-of-day"),
        pytest.param("2025-03-02", "2025-03-03T10:00Z", "2025-03-02", id="of-another-day"),
        pytest.param("2025-03-02T10:00Z", "2025-03-02T10:00:31Z", "2025-03-02T10:00:31Z", id="seconds"),
        pytest.param("2025-03-02T10:00:31Z", "2025-03-02T18:00:31+08:00", "2025-03-02T18:00:31+08:00", id="own-zone"),
        pytest.param("2025-03-02T10:00:31Z", "2025-03-02T11:00:31Z", "2025-03-02T10:00:31Z", id="another-time"),
        pytest.param("2025-03-02T10:00:31Z", "2025-03-02", "2025-03-02T10:00:31Z", id="only-the-day"),
        pytest.param("2025-03-02", "2025-03-02T06:30+08:00", "2025-03-02T06:30+08:00", id="a-night-elsewhere"),
        pytest.param("2025-03-02", "2025-03-02T23:30-05:00", "2025-03-02T23:30-05:00", id="an-evening-elsewhere"),
        pytest.param("2025-03-02", "2025-03-03T06:30+08:00", "2025-03-02", id="another-day-as-written"),
        pytest.param("2025-03-02T18:00:31", "2025-03-02T18:00:31+08:00", "2025-03-02T18:00:31+08:00", id="the-zone"),
        pytest.param("2025-03-02T10:00:31", "2025-03-02T18:00:31+08:00", "2025-03-02T18:00:31+08:00", id="from-utc"),
        pytest.param("2025-03-02T18:00", "2025-03-02T10:00:31Z", "2025-03-02T18:00", id="perhaps-another-time"),
        pytest.param("2025-03-02T10:00Z", "2025-03-02T10:00:31", "2025-03-02T10:00Z", id="no-zone-is-less"),
        pytest.param("2099-03-02T10:00Z", "2025-03-02T10:00Z", "2025-03-02T10:00Z", id="in-the-future"),
        pytest.param("2099-03-02T10:00Z", "soon", "2099-03-02T10:00Z", id="nothing-but-the-future"),
    ],
)
def test_the_most_exact_statement_of_the_first_date(first: str, second: str, expected: str) -> None:
    """The first place decides the date; another one may say the same more exactly, in seconds and with the zone."""
    said = read(news(datePublished=first) + meta("article:published_time", second))
    assert said.published == expected


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


@pytest.mark.parametrize("expression", [*AUTHOR_XPATHS], ids=["specific", "generic", "last resort"])
def test_no_byline_of_the_library_is_passed_over(expression):
    """Whatever it takes for a byline is looked for before it is asked: each of its words, and each attribute."""
    quoted = re.findall(r"'([^']+)'", re.sub(r"\[(\w)\w\]", r"\1", expression.path))  # [Aa] as A
    literals = {word for words in quoted for word in words.split("|")}
    assert {word for word in literals if not _BYLINE.search(word)} <= {"me"}  # the text of an element <rel>
    asked = set(re.findall(r"@([\w-]+)", expression.path))
    assert literals
    assert asked <= {each.path.removeprefix("//@") for each in _NAMED_BY}
    assert set(re.findall(r"\|//(\w+)", expression.path)) <= {"author"}
    assert set(re.findall(r"or (\w+)=", expression.path)) <= {"rel"}


@pytest.mark.parametrize("byline", ["<author>Ada Quill</author>", "<p><rel>me</rel>Ada Quill</p>"])
def test_a_byline_may_be_an_element_by_name(byline):
    """Two elements that HTML has not, and that the library takes for one all the same."""
    names, origin = authors_of(tree_of(f"<html><body>{byline}<p>Text.</p></body></html>"), {}, {})
    assert (len(names), origin) == (1, Origin.PAGE)


def test_seeking_a_byline_leaves_the_page_as_it_was():
    """The page is read for its text afterwards, bylines in figures and comments included."""
    tree = tree_of('<html><body><figure class="author">Ada Quill</figure><p class="comments">x</p></body></html>')
    before = etree.tostring(tree)
    authors_of(tree, {}, {})
    assert etree.tostring(tree) == before
