"""Feed documents: every item becomes one entry with a lasting key, whatever the format and whatever the damage."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_feeds import lines, stored

from technews.feed_drafts import visible_text
from technews.feeds import NotAFeed, read_feed
from technews.records import Feed, FeedDocument, FeedEntry, Precision

DATA = Path(__file__).parent / "data" / "feeds"
NOW = datetime(2026, 9, 30, tzinfo=UTC)
SITE = "https://orchard.example"
FEED = Feed("orchard", f"{SITE}/feed", "Orchard Wire", "en", "US", "Asia/Shanghai", timedelta(minutes=30))


def read(body: bytes | str, content_type: str | None = None) -> FeedDocument:
    """The document as served at SITE/news/feed."""
    data = body.encode() if isinstance(body, str) else body
    return read_feed(data, content_type=content_type, url=f"{SITE}/news/feed", feed=FEED, now=NOW)


def rss(*items: str, attributes: str = "") -> str:
    """An RSS 2.0 document with these items."""
    return f'<rss version="2.0"{attributes}><channel><title>Orchard Wire</title>{"".join(items)}</channel></rss>'


def item(**fields: str) -> str:
    """An RSS item with these fields."""
    return f"<item>{''.join(f'<{name}>{value}</{name}>' for name, value in fields.items())}</item>"


def atom(*entries: str, attributes: str = 'xmlns="http://www.w3.org/2005/Atom"') -> str:
    """An Atom document with these entries."""
    entry = "".join(f"<entry>{fields}</entry>" for fields in entries)
    return f"<feed {attributes}><title>Orchard Wire</title>{entry}</feed>"


def json_feed(*items: Any) -> str:
    """A JSON Feed with these items."""
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Orchard Wire", "items": items})


def only(body: str) -> FeedEntry:
    """The one entry of the document."""
    (entry,) = read(body).entries
    return entry


# ---------------------------------------------------------------- damaged documents


@pytest.mark.parametrize(
    ("name", "content_type", "titles"),
    [
        ("undeclared-prefix.xml", None, ["First", "Second"]),
        ("atom-prefixed.xml", None, ["First"]),
        ("undeclared-root-prefix.xml", None, ["First"]),
        ("gb2312-superset.xml", "text/xml", ["朱镕基传记出版", "陶喆谈新专辑"]),
        (
            "bad-byte.xml",
            "application/rss+xml; charset=utf-8",
            ["Réseau : un été chargé", "Les modèles français à l'œuvre"],
        ),
        ("control-characters.xml", None, ["First", "\ufffdSecond’s"]),
        ("bare-ampersands.xml", None, ["R&D at the orchard été &nosuch; AT&T", "Second"]),
        ("junk-around.xml", "text/html", ["First", "Second"]),
        ("cut-off.xml", None, ["First", "Second"]),
        ("cut-off-in-cdata.xml", None, ["First", "Second"]),
        ("unescaped-html.xml", None, ["First bold", "Second"]),
        ("extra-end-tags.xml", None, ["First", "Second"]),
        ("nested-items.xml", None, ["First", "Second"]),
    ],
)
def test_what_is_whole_is_read(name: str, content_type: str | None, titles: list[str]) -> None:
    """Damage of a known kind costs at most the item that it is in, and never the identity of another."""
    document = read((DATA / name).read_bytes(), content_type)
    assert document.title == "Orchard Wire"
    assert [entry.title for entry in document.entries] == titles
    assert [entry.key for entry in document.entries] == [f"n-{i}" for i in range(1, len(titles) + 1)]
    assert [entry.url.partition("?")[0] for entry in document.entries if entry.url] == [
        f"{SITE}/{i}" for i in range(1, len(titles) + 1)
    ]


def test_unescaped_html_stays_html() -> None:
    """HTML that a feed forgot to escape is the summary's markup, not lost and not text."""
    first = read((DATA / "unescaped-html.xml").read_bytes()).entries[0]
    assert first.summary == '<p>One<br>two <img src="x.png"> three'


def test_only_the_bad_byte_is_replaced() -> None:
    """A bad byte in one item becomes U+FFFD there."""
    assert read((DATA / "bad-byte.xml").read_bytes(), "text/xml; charset=utf-8").entries[0].summary == "abc\ufffddef"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param("<!doctype html><html><body>Please sign in</body></html>", "an HTML page", id="login-page"),
        pytest.param('<?xml version="1.0"?><html><body><rss/></body></html>', "an HTML page", id="xhtml"),
        pytest.param("", "an empty document", id="empty"),
        pytest.param("Too many requests", "no rss, rdf:RDF or feed element", id="plain-text"),
        pytest.param("<opml><head/><body/></opml>", "no rss, rdf:RDF or feed element", id="opml"),
        pytest.param("<urlset><url/></urlset>", "no rss, rdf:RDF or feed element", id="sitemap"),
        pytest.param("<!-- <rss> never closed", "no rss, rdf:RDF or feed element", id="root-in-a-comment"),
        pytest.param('{"error": "rate limited", "items": []}', "JSON, but no JSON Feed", id="json-error"),
        pytest.param('{"version": "https://jsonfeed.org/version/1"}', "without a list of items", id="json-no-items"),
        pytest.param('{"version": "https://jsonfeed.org/version/1", "items": [', "not valid JSON", id="json-cut-off"),
        pytest.param('{"a":' + "[" * 100_000, "JSON nested too deeply", id="json-too-deep"),
        pytest.param("<rss><channel>" + "<item>" * 50_001, "more than 50,000 items", id="too-many-items"),
    ],
)
def test_what_is_no_feed_is_refused(body: str, reason: str) -> None:
    """A document without feed raises NotAFeed with the reason, so that the poll fails instead of seeing nothing new."""
    with pytest.raises(NotAFeed, match=reason):
        read(body)


@pytest.mark.parametrize("body", [rss(), "<rss/>", atom(), json_feed()], ids=["rss", "bare-root", "atom", "json"])
def test_feed_without_entries_is_a_feed(body: str) -> None:
    """An empty feed is nothing wrong."""
    assert read(body).entries == ()


HOSTILE = {
    "entity-bomb": '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12))
    + "]>"
    + rss(item(title="&m;", link="https://orchard.example/1")),
    "external-entity": '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + rss(item(title="x&a;y", link="/1")),
    "deep-nesting": rss(item(title="x", description="<div>" * 50_000), item(title="y")),
    "open-comments": "<!--" * 200_000,
    "open-cdata": rss(item(title="x")) + "<item><![CDATA[" * 20_000,
    "open-comments-in-html": rss(item(title="x", description="&lt;!--" * 100_000)),
    "open-scripts-in-html": rss(item(title="x", description="&lt;script " * 50_000)),
    "angle-brackets": rss(item(title="<" * 200_000)),
    "ampersands": rss(item(title="&" * 200_000)),
    "many-namespaces": "<rss "
    + " ".join(f'xmlns:a{i}="urn:{i}"' for i in range(5_000))
    + "><channel>"
    + item(title="<br>", link="x") * 300
    + "</channel></rss>",
    "many-links": rss("<item>" + "<link>x</link>" * 20_000 + "</item>"),
    "huge-text": rss(item(title="x", description="a" * 12_000_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_costs_little(name: str) -> None:
    """No document takes long or expands: entities are never declared, everything open runs to the end once."""
    started = time.process_time()
    try:
        entries = read(HOSTILE[name]).entries
    except NotAFeed:
        entries = ()
    assert time.process_time() - started < 3
    assert all(len(e.title) <= 1_000 and len(e.summary) <= 500_000 for e in entries)
    assert not any("aaaa" in e.title for e in entries)


def test_many_items_take_linear_time() -> None:
    """Ten times the items take about ten times as long, in a sound document and in a damaged one."""

    def seconds(count: int, description: str) -> float:
        items = (item(guid=f"g{i}", link=f"/{i}", title="Title", description=description) for i in range(count))
        body = rss(*items)
        started = time.process_time()
        assert len(read(body).entries) == count
        return time.process_time() - started

    for description in ("Text", "Text<br>"):
        assert seconds(1_000, description) < 25 * max(seconds(100, description), 0.02)


@settings(deadline=None, max_examples=60)  # other work may slow the machine
@given(st.data())
def test_mutilated_document_never_raises_another_error(data: st.DataObject) -> None:
    """Whatever is cut out of a feed or put into it, the answer is a document or NotAFeed."""
    whole = data.draw(
        st.sampled_from([p.read_bytes() for p in sorted(DATA.iterdir())] + [json_feed({"id": 1}).encode()])
    )
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 60)))
    junk = data.draw(
        st.binary(max_size=8) | st.sampled_from([b"<", b"]]>", b"<![CDATA[", b"&", b"</item>", b"<entry>"])
    )
    try:
        document = read(whole[:start] + junk + whole[end:])
    except NotAFeed:
        return
    assert len({entry.key for entry in document.entries}) == len(document.entries)


# ---------------------------------------------------------------- identity


def keys(*items: str) -> list[tuple[str, str | None]]:
    """Key and address of each entry of an RSS document."""
    return [(entry.key, entry.url) for entry in read(rss(*items)).entries]


def test_guid_is_the_key_and_stays_when_all_else_changes() -> None:
    """The same GUID is the same entry, with another link, title or date."""
    old, new = item(guid="g", link=f"{SITE}/old", title="Old"), item(guid="g", link=f"{SITE}/new", title="New")
    assert [keys(old)[0][0], keys(new)[0][0]] == ["g", "g"]


def test_one_guid_for_two_links() -> None:
    """A GUID that one document uses for several links identifies nothing alone: the link joins it."""
    doubled = [item(guid="g", link=f"{SITE}/{i}", title="T") for i in (1, 2)]
    assert keys(*doubled) == [(f"g {SITE}/1", f"{SITE}/1"), (f"g {SITE}/2", f"{SITE}/2")]


def test_empty_guid_is_none() -> None:
    """Items with an empty GUID are told apart by their links."""
    assert [k for k, _ in keys(*(item(guid=" ", link=f"{SITE}/{i}") for i in (1, 2)))] == [f"{SITE}/1", f"{SITE}/2"]


def test_without_guid_and_link_the_content_is_the_key() -> None:
    """Texts without link are kept apart by what they say; one without text by its title."""
    found = keys(
        item(title="A", description="One"), item(title="A", description="Two"), item(title="B"), item(title="C")
    )
    assert len({key for key, _ in found}) == 4
    assert all(url is None for _, url in found)
    assert found == keys(
        item(title="A", description="One <img src='pixel?1'/>"),
        item(title="A", description="Two"),
        item(title="B"),
        item(title="C"),
    )


def test_repeated_item_collapses() -> None:
    """The same item twice is one entry, the first; one with a link is better than one without."""
    assert keys(item(guid="g", link=f"{SITE}/1"), item(guid="g", link=f"{SITE}/1")) == [("g", f"{SITE}/1")]
    assert keys(item(guid="g", title="T"), item(guid="g", link=f"{SITE}/1")) == [("g", f"{SITE}/1")]


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        pytest.param(f"<guid>{SITE}/1</guid>", f"{SITE}/1", id="permalink"),
        pytest.param(f'<guid isPermaLink="false">{SITE}/1</guid>', None, id="declared-no-link"),
        pytest.param(f'<guid ispermalink=" False ">{SITE}/1</guid>', None, id="spelt-otherwise"),
        pytest.param("<guid>at://did:plc:x/post/1</guid>", None, id="not-for-browsers"),
        pytest.param("<guid>12345</guid>", None, id="number"),
    ],
)
def test_guid_in_place_of_a_link(guid: str, url: str | None) -> None:
    """Only a GUID that is a permalink, by declaration and by scheme, stands in for a missing link."""
    assert only(rss(f"<item>{guid}<title>T</title></item>")).url == url


def test_guid_never_replaces_a_link() -> None:
    """With a link, the GUID is identity only; it is kept as written, not resolved."""
    entry = only(rss("<item><guid>20481</guid><link>https://orchard.example/1</link></item>"))
    assert (entry.guid, entry.key, entry.url) == ("20481", "20481", f"{SITE}/1")


def test_huge_guid_is_hashed() -> None:
    """An identifier of any length makes a key of bounded length, still one per identifier."""
    found = [key for key, _ in keys(item(guid="a" * 100_000), item(guid="a" * 100_001))]
    assert len(set(found)) == 2
    assert max(map(len, found)) < 100


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("links", "url"),
    [
        pytest.param('<link href="a"/>', f"{SITE}/news/a", id="relative-to-the-document"),
        pytest.param(
            '<link rel="self" href="s"/><link href="a"/><link href="b"/>', f"{SITE}/news/a", id="first-alternate"
        ),
        pytest.param(
            '<link type="application/json" href="j"/><link type="text/html" href="h"/>', f"{SITE}/news/h", id="html"
        ),
        pytest.param('<link type="application/pdf" href="p"/>', f"{SITE}/news/p", id="no-html-at-all"),
        pytest.param(
            '<link rel="enclosure">https://x.example/pic</link><link href="a"/>', f"{SITE}/news/a", id="no-href"
        ),
        pytest.param('<link rel="enclosure" href="https://x.example/pic"/>', None, id="enclosure-only"),
        pytest.param(
            '<link rel="http://www.iana.org/assignments/relation/alternate" href="a"/>', f"{SITE}/news/a", id="iana"
        ),
        pytest.param('<link href=" &#10; https://x.example/a&#10;b "/>', "https://x.example/ab", id="white-space"),
        pytest.param('<link href="javascript:alert(1)"/>', "javascript:alert(1)", id="other-schemes-stay"),
        pytest.param('<link href="//x.example/a"/>', "https://x.example/a", id="no-scheme"),
        pytest.param('<link href="//[x/a"/>', None, id="no-address"),
        pytest.param('<link href=""/>', None, id="empty"),
    ],
)
def test_atom_link(links: str, url: str | None) -> None:
    """RFC 4287 section 4.2.7: the entry's page is its first alternate of type HTML or without type."""
    assert only(atom(f"<id>urn:1</id><title>T</title>{links}")).url == url


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(item(guid="g", link="post/1"), attributes=f' xml:base="{SITE}/base/"'), id="rss"),
        pytest.param(
            rss('<item xml:base="/base/"><guid>g</guid><link>post/1</link></item>', "<item>"), id="damaged-rss"
        ),
        pytest.param(
            atom(
                '<id>g</id><link xml:base="base/" href="post/1"/>',
                attributes=f'xmlns="http://www.w3.org/2005/Atom" xml:base="{SITE}/"',
            ),
            id="atom",
        ),
    ],
)
def test_xml_base(body: str) -> None:
    """Relative links are resolved against xml:base, whatever the format (XML Base, RFC 3986)."""
    assert read(body).entries[0].url == f"{SITE}/base/post/1"


# ---------------------------------------------------------------- titles and texts


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<title>Why list&lt;Model&gt; beats map&amp;lt;</title>", "Why list<Model> beats map&lt;"),
        ('<title type="html">A &lt;b&gt;bold&lt;/b&gt; AT&amp;amp;T</title>', "A bold AT&T"),
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Less <em>is</em> &amp; more</div></title>',
            "Less is & more",
        ),
        (
            '<title type="xhtml"><x:div xmlns:x="http://www.w3.org/1999/xhtml">Less <x:i>is</x:i></x:div></title>',
            "Less is",
        ),
        ("<title>\n  Two\n  lines\t</title>", "Two lines"),
        ("<title/>", ""),
        (f"<title>{'a' * 3000}</title>", "a" * 1000),
    ],
    ids=["text", "html", "xhtml", "xhtml-prefixed", "white-space", "empty", "too-long"],
)
def test_atom_title(title: str, expected: str) -> None:
    """Titles are plain text, decoded by their type (RFC 4287 section 3.1.1)."""
    assert only(atom(f'<id>urn:1</id>{title}<link href="a"/>')).title == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("AT&amp;amp;T &amp;#8217;s &amp;lt;b&amp;gt; tag", "AT&T ’s <b> tag"),
        ("<![CDATA[AT&T <em>now</em> &eacute;]]>", "AT&T now é"),
        ("list&lt;Model&gt; and a &lt; b", "list<Model> and a < b"),
        ("苹果&amp;nbsp;AI", "苹果 AI"),
    ],
    ids=["double-escaped", "cdata", "not-markup", "no-break-space"],
)
def test_rss_title(title: str, expected: str) -> None:
    """RSS titles are decoded and lose their tags; angle brackets that are no HTML stay."""
    assert only(rss(item(guid="g", title=title))).title == expected


def test_title_of_extensions_does_not_count() -> None:
    """The titles of pictures and sources are not the item's; Dublin Core's is, where there is no other."""
    media = '<media:title xmlns:media="http://search.yahoo.com/mrss/">Picture</media:title>'
    assert only(rss(f"<item>{media}<source url='x'>Other</source><title>Own</title></item>")).title == "Own"
    assert only(rss("<item><dc:title>Dublin</dc:title></item>")).title == "Dublin"


def test_source_of_an_atom_entry_does_not_count() -> None:
    """An aggregated entry keeps its own id, title and link (RFC 4287 section 4.2.11)."""
    source = '<source><id>urn:s</id><title>Source</title><link href="s"/></source>'
    entry = only(atom(f'{source}<id>urn:1</id><title>Own</title><link href="a"/>'))
    assert (entry.key, entry.title, entry.url) == ("urn:1", "Own", f"{SITE}/news/a")


@pytest.mark.parametrize(
    ("body", "origin", "origin_url"),
    [
        pytest.param(
            rss('<item><source url="https://u:p@a.example/f">The &lt;b&gt;A&lt;/b&gt;</source></item>'),
            "The A",
            "https://a.example/f",
            id="rss",
        ),
        pytest.param(rss('<item><source url="/f"/></item>'), None, f"{SITE}/f", id="rss-without-name"),
        pytest.param(rss(item(source="A")), "A", None, id="rss-without-address"),
        pytest.param(
            atom('<id>1</id><source><title>A</title><link href="https://a.example/"/></source>'),
            "A",
            "https://a.example/",
            id="atom",
        ),
        pytest.param(rss(item(title="A")), None, None, id="none"),
    ],
)
def test_where_an_aggregator_has_an_entry_from(body: str, origin: str | None, origin_url: str | None) -> None:
    """Name and address, without a password that stood in it."""
    entry = only(body)
    assert (entry.origin, entry.origin_url) == (origin, origin_url)


@pytest.mark.parametrize(
    ("body", "categories", "enclosures"),
    [
        pytest.param(
            rss(
                "<item><category>Apple</category><category> AI\n&amp; chips </category><category>Apple</category>"
                '<category/><enclosure url="/a.mp3" type="audio/mpeg"/><enclosure url=""/></item>'
            ),
            ("Apple", "AI & chips"),
            (f"{SITE}/a.mp3",),
            id="rss",
        ),
        pytest.param(
            atom(
                '<id>1</id><category term="x" label="Chips"/><category term="ai"/><link rel="enclosure" href="a.mp3"/>'
            ),
            ("Chips", "ai"),
            (f"{SITE}/news/a.mp3",),
            id="atom",
        ),
        pytest.param(
            json_feed(
                {"id": "1", "tags": ["ai", 7.5, None, "ai"], "attachments": [{"url": "/a.mp3"}, {"url": []}, None]}
            ),
            ("ai", "7.5"),
            (f"{SITE}/a.mp3",),
            id="json",
        ),
        pytest.param(
            rss(f"<item>{''.join(f'<category>{number}</category>' for number in range(5000))}</item>"),
            tuple(map(str, range(100))),
            (),
            id="thousands",
        ),
    ],
)
def test_categories_and_enclosures(body: str, categories: tuple[str, ...], enclosures: tuple[str, ...]) -> None:
    """Each once, in order, a hundred at most; addresses are absolute."""
    entry = only(body)
    assert (entry.categories, entry.enclosures) == (categories, enclosures)


TEXTS = {
    "atom-xhtml-with-names-that-are-none": (
        atom('<id>1</id><content type="xhtml"><x:>C</x:><y:1>D</y:1></content>'),
        "",
        "<span>C</span><span>D</span>",
    ),
    "rss-both": (
        rss(item(description="&lt;p&gt;S&lt;/p&gt;", **{"content:encoded": "<![CDATA[<p>C</p>]]>"})),
        "<p>S</p>",
        "<p>C</p>",
    ),
    "rss-content-alone": (rss(item(**{"content:encoded": "&lt;p&gt;C&lt;/p&gt;"})), "", "<p>C</p>"),
    "rss-cdata": (rss(item(description="<![CDATA[a <b>b</b>]]>")), "a <b>b</b>", ""),
    "atom-text": (atom("<id>1</id><summary>a &lt; b</summary>"), "a &lt; b", ""),
    "atom-html": (atom('<id>1</id><content type="html">&lt;p&gt;C&lt;/p&gt;</content>'), "", "<p>C</p>"),
    "atom-xhtml-with-names-of-feed-elements": (
        atom(
            '<id>1</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><details><summary>S &amp; T'
            "</summary><p>C</p></details></div></content>"
        ),
        "",
        "<div><details><summary>S &amp; T</summary><p>C</p></details></div>",
    ),
    "atom-0.3": (
        atom(
            '<id>1</id><content type="text/html" mode="escaped">&lt;p&gt;C&lt;/p&gt;</content>',
            attributes='version="0.3" xmlns="http://purl.org/atom/ns#"',
        ),
        "",
        "<p>C</p>",
    ),
    "json-text": (json_feed({"id": "1", "summary": "a < b", "content_text": "c < d"}), "a &lt; b", "c &lt; d"),
    "json-html": (json_feed({"id": "1", "content_html": "<p>C</p>", "content_text": "C"}), "", "<p>C</p>"),
}


@pytest.mark.parametrize(("body", "summary", "content"), TEXTS.values(), ids=TEXTS)
def test_summary_and_content(body: str, summary: str, content: str) -> None:
    """Summary and content are HTML as served, never mixed up; plain text is escaped to HTML."""
    entry = only(body)
    assert (entry.summary, entry.content) == (summary, content)


@pytest.mark.parametrize(
    ("body", "author"),
    [
        (rss(item(title="T", author="desk@orchard.example (Jo Pippin)")), "Jo Pippin"),
        (rss("<item><dc:creator>Jo Pippin</dc:creator><dc:creator>Li Guo</dc:creator></item>"), "Jo Pippin, Li Guo"),
        (atom("<id>1</id><author><name>Jo Pippin</name><email>x@orchard.example</email></author>"), "Jo Pippin"),
        (json_feed({"id": 1, "authors": [{"name": "Jo Pippin"}, 7, {"name": "Li Guo"}]}), "Jo Pippin, Li Guo"),
        (json_feed({"id": 1, "author": {"name": "Jo Pippin"}}), "Jo Pippin"),
        (rss(item(title="T")), None),
    ],
    ids=["rss", "dublin-core", "atom", "json-1.1", "json-1.0", "none"],
)
def test_author(body: str, author: str | None) -> None:
    """The author is a name, or several; addresses are left out where a name stands beside them."""
    assert only(body).author == author


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("body", "raw", "at"),
    [
        pytest.param(
            rss("<item><dc:date>2026-01-03</dc:date><pubDate>Fri, 02 Jan 2026 09:00:00 CST</pubDate></item>"),
            "Fri, 02 Jan 2026 09:00:00 CST",
            "2026-01-02T01:00:00Z",
            id="rss-before-dublin-core",
        ),
        pytest.param(
            rss("<item><dc:date>2026-01-02T09:30:00+01:00</dc:date></item>"),
            "2026-01-02T09:30:00+01:00",
            "2026-01-02T08:30:00Z",
            id="dublin-core",
        ),
        pytest.param(
            atom("<id>1</id><updated>2026-01-03T09:00:00Z</updated><published>2026-01-02T09:00:00Z</published>"),
            "2026-01-02T09:00:00Z",
            "2026-01-02T09:00:00Z",
            id="published-before-updated",
        ),
        pytest.param(
            atom("<id>1</id><updated>2026-01-03T09:00:00Z</updated>"),
            "2026-01-03T09:00:00Z",
            "2026-01-03T09:00:00Z",
            id="updated-alone",
        ),
        pytest.param(
            json_feed({"id": 1, "date_modified": "2026-01-03T09:00:00+08:00"}),
            "2026-01-03T09:00:00+08:00",
            "2026-01-03T01:00:00Z",
            id="json",
        ),
        pytest.param(
            rss(item(pubDate="2016/6/29 15:07:41")), "2016/6/29 15:07:41", "2016-06-29T07:07:41Z", id="chinese"
        ),
    ],
)
def test_date(body: str, raw: str, at: str) -> None:
    """The date of publication, else of the update, else of Dublin Core; as written, and read in the feed's zone."""
    published = only(body).published
    assert (published.raw, published.at) == (raw, datetime.fromisoformat(at))


def test_missing_date_is_not_the_time_of_reading() -> None:
    """An item without date has none."""
    assert only(rss(item(title="T"))).published.precision is Precision.UNKNOWN


# ---------------------------------------------------------------- formats


def test_rdf() -> None:
    """RSS 1.0 keeps its items beside the channel; rdf:about is the identifier."""
    document = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        f'<channel><title>Orchard Wire</title></channel><item rdf:about="{SITE}/about-1"><title>T</title>'
        f"<link>{SITE}/1</link></item></rdf:RDF>"
    )
    assert (document.kind, document.title) == ("rdf", "Orchard Wire")
    assert [(e.key, e.url, e.title) for e in document.entries] == [(f"{SITE}/about-1", f"{SITE}/1", "T")]


def test_json_values_are_coerced_one_by_one() -> None:
    """JSON Feed 1.1: numbers as ids become text; a bad item spoils no other; surrogates and NUL become harmless."""
    body = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": ["x"], "items": [7, null, '
        '{"id": 20481, "url": "/1"}, '
        '{"id": 1e400, "external_url": "https://x.example/2", "title": "a\\ud800b\\u0000c"}, '
        f'{{"id": {"9" * 5000}, "title": ["T"]}}]}}'
    )
    document = read(body, "application/feed+json")
    assert (document.kind, document.title) == ("json", "")
    assert [(e.guid, e.url) for e in document.entries[:2]] == [("20481", f"{SITE}/1"), ("1e400", "https://x.example/2")]
    assert document.entries[1].title == "a\ufffdbc"
    assert len(document.entries) == 3


# ---------------------------------------------------------------- what is asked of readers, and what repeats

SY = ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


@pytest.mark.parametrize(
    ("head", "attributes", "wait"),
    [
        pytest.param("<ttl>60</ttl>", "", timedelta(hours=1), id="ttl"),
        pytest.param("<ttl> 0 </ttl>", "", None, id="ttl-of-zero"),
        pytest.param("<ttl>soon</ttl>", "", None, id="ttl-of-words"),
        pytest.param("<ttl>" + "9" * 5000 + "</ttl>", "", None, id="ttl-without-end"),
        pytest.param("<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", SY, timedelta(minutes=30), id="twice-an-hour"),
        pytest.param("<sy:updatePeriod>weekly</sy:updatePeriod>", SY, timedelta(days=7), id="weekly"),
        pytest.param("<sy:updateFrequency>4</sy:updateFrequency>", SY, timedelta(hours=6), id="daily-by-default"),
        pytest.param("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", SY, timedelta(hours=1), id="no-frequency"),
        pytest.param("", "", None, id="nothing"),
    ],
)  # fmt: skip
def test_how_long_readers_are_asked_to_wait(head: str, attributes: str, wait: timedelta | None) -> None:
    """RSS 2.0 `ttl` in minutes, else the syndication module of RSS 1.0; nonsense asks for nothing."""
    assert read(rss(head, attributes=attributes)).wait == wait


def test_repeated_items_are_counted() -> None:
    """What repeats a key is no entry of its own, and no silence: the document says how many there were."""
    document = read(rss(*[item(guid="g", link=f"{SITE}/1")] * 3, item(guid="h", link=f"{SITE}/2")))
    assert (len(document.entries), document.repeated) == (2, 2)


def test_forty_thousand_items_without_link_cost_little() -> None:
    """A document near the bound is read in seconds, and in little more memory than its entries take."""
    body = json_feed(*({"id": str(number), "content_text": "text " * 9} for number in range(40_000)))
    started = time.process_time()
    assert len(read(body).entries) == 40_000
    assert time.process_time() - started < 15


# ---------------------------------------------------------------- fingerprints


def test_fingerprint_sees_what_readers_see() -> None:
    """Title, link, date and visible text count; markup, pixels, scripts and white space do not."""

    def fingerprint(**changed: str) -> str:
        fields = {"title": "T", "link": "/1", "pubDate": "2026-01-02", "description": "<![CDATA[<p>One two</p>]]>"}
        return only(rss(item(guid="g", **(fields | changed)))).fingerprint

    same = "<![CDATA[<!-- 7 --><div class='b'>One\n two<img src='pixel?8'><script>9</script></div>]]>"
    assert fingerprint() == fingerprint(description=same)
    others = [{"title": "U"}, {"link": "/2"}, {"pubDate": "2026-01-03"}, {"description": "One three"}]
    assert len({fingerprint(), *(fingerprint(**other) for other in others)}) == 5


# ---------------------------------------------------------------- real feeds

# Where the number of entries is not that of the index, which counts what feedparser made of the stored bytes.
EXCEPTIONS = {
    "zh_2016_wucoding/techweb.xml": 28,  # two items without GUID, link and title have the same text
    "netnewswire/scriptingNews.rss": 48,  # two GUIDs occur twice, each time with the same link
    "feeder/com__nononsenseapps__feeder__model__rss_ukrnet.xml": 19,  # a link without GUID occurs twice
    "node-feedparser/illegally-nested.xml": 11,  # ten empty items inside of others are one entry without anything
    "feedjira/DuplicateContentAtomFeed.xml": None,  # a feed element inside of an HTML page
    "feedjira/HREFConsideredHarmfulFirstEntry.xml": None,  # an item without feed around it
    "node-feedparser/compressed.xml": None,  # gzip bytes
    "node-feedparser/invalid-characters-gzipped.xml": None,  # gzip bytes
    "feeder/com__nononsenseapps__feeder__model__muhasebetre_article.html": None,  # an HTML page
}


def test_real_feeds_are_read_whole() -> None:
    """Every item of a hundred real feeds becomes an entry; each difference is known and named above."""
    wrong = {}
    for line in lines("index.jsonl"):
        expected = EXCEPTIONS.get(line["id"], line["items"])
        try:
            found: int | None = len(read(stored(line["path"])).entries)
        except NotAFeed:
            found = None
        if found != expected:
            wrong[line["id"]] = (found, expected)
    assert wrong == {}


# Steps in which one item more changed, but its pictures alone, which no reader of the text sees.
PICTURES_ALONE = [
    ("en_macrumors_2023_iphone15/20230911T200327Z.xml.gz", (20, 5, 0, 1), (20, 5, 0, 2)),
    ("jsonfeed_ithome_2026-01/20260130T065333Z.json.gz", (555, 116, 1, 2), (555, 116, 1, 3)),
]


def shown(entry: FeedEntry) -> str:
    """The visible text of an entry."""
    return visible_text(entry.content or entry.summary)


def parts(entry: FeedEntry) -> tuple[str, str | None, str | None, str]:
    """All that a fingerprint stands for."""
    return entry.title, entry.url, entry.published.raw, shown(entry)


def test_series_of_real_versions() -> None:
    """Over successive versions of a feed, new and changed entries are exactly those that the feed brought."""
    wrong = []
    for series in lines("series_expected.jsonl"):
        known: dict[str, FeedEntry] = {}
        for step in series["steps"]:
            entries = read(stored(step["path"])).entries
            old = [(known[e.key], e) for e in entries if e.key in known]
            titles = sum(a.title != b.title for a, b in old)
            texts = sum(shown(a) != shown(b) for a, b in old)
            found = (len(entries), len(entries) - len(old), titles, texts)
            expected = tuple(step[k] for k in ("items", "new_ids", "title_changed", "content_changed"))
            wrong += [(step["path"], found, expected)] if found != expected else []
            assert all((a.fingerprint == b.fingerprint) == (parts(a) == parts(b)) for a, b in old)
            known |= {e.key: e for e in entries}
    assert wrong == [(f"feeds/series/{path}", found, expected) for path, found, expected in PICTURES_ALONE]


def test_user_names_in_links_are_not_kept() -> None:
    """User name and password of a link or guid reach no field of an entry; the rest of the address is kept whole."""
    link, guid = "https://ana:w0rd@a.example/b?c=1", "https://ana:w0rd@a.example/?p=1"
    (entry,) = read(rss(item(title="A", link=link, guid=guid))).entries
    assert (entry.url, entry.guid) == ("https://a.example/b?c=1", "https://a.example/?p=1")
    assert "w0rd" not in repr(entry)
