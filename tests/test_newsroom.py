"""The demo newsroom serves what the demo promises: real feeds and pages, near misses, trouble, and two editions."""

import contextlib
import gzip
import html
import http.client
import json
import re
import socket
import struct
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
import trafilatura
from protego import Protego

from demo.editions import path_of
from demo.newsroom import DEFAULT_PORT, Newsroom, PortTaken
from demo.sources import read_library
from technews.declared_feeds import read_feeds
from technews.feed_finding import linked_feeds

LIBRARY = read_library()
FIRST = {piece.key: piece for piece in LIBRARY.in_edition(1)}
SECOND = {piece.key: piece for piece in LIBRARY.in_edition(2)}
REAL_FEEDS = Path(__file__).parents[2] / "shared" / "data" / "feed_urls.jsonl"
EDITED = "saltmarsh-wire/apple-alibaba-china-ai"
MOVED = "bramley-notes/apple-intelligence-mandarin"


@pytest.fixture(scope="module")
def running() -> Iterator[Newsroom]:
    """A newsroom on free ports whose slow page is not slow."""
    with Newsroom(0, slow=0.0) as room:
        yield room


@pytest.fixture
def newsroom(running: Newsroom) -> Newsroom:
    """The newsroom in its first edition, asked for nothing yet."""
    running.edition = 1
    running.requests.clear()
    return running


def get(url: str, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and bytes as they came, without the comfort of a client library."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def declared(newsroom: Newsroom) -> list[dict[str, Any]]:
    """The newsroom's feeds as the configuration names them."""
    return list(tomllib.loads(newsroom.feeds_toml())["feed"])


def entries(newsroom: Newsroom, feed: dict[str, Any]) -> list[dict[str, Any]]:
    """A feed's entries with their link, id, title, dates and summary."""
    _, headers, body = get(feed["url"])
    if "json" in headers["Content-Type"]:
        items = json.loads(body)["items"]
        return [{**item, "link": item["url"], "summary": item["content_html"]} for item in items]
    return list(feedparser.parse(body, response_headers={"content-type": headers["Content-Type"]}).entries)


def all_entries(newsroom: Newsroom) -> dict[tuple[str, str], dict[str, Any]]:
    """Every entry of the present edition by feed and id."""
    return {(feed["id"], entry["id"]): entry for feed in declared(newsroom) for entry in entries(newsroom, feed)}


def page_url(newsroom: Newsroom, key: str) -> str:
    """Where an article is."""
    piece = FIRST[key]
    return newsroom.bases[piece.outlet] + path_of(piece, LIBRARY)


def page(newsroom: Newsroom, key: str) -> str:
    """An article's page as text, its escapes resolved."""
    gbk = LIBRARY.outlets[FIRST[key].outlet].charset == "gb2312"
    return html.unescape(get(page_url(newsroom, key))[2].decode("gb18030" if gbk else "utf-8"))


def main_text(newsroom: Newsroom, key: str) -> str:
    """The article's text as an extractor reads it from the page."""
    return trafilatura.extract(get(page_url(newsroom, key))[2]) or ""


def test_size(newsroom: Newsroom) -> None:
    """At least 8 feeds in three languages and four formats, about 60 entries, at least 30 articles written for it."""
    feeds = declared(newsroom)
    kinds = {feedparser.parse(get(feed["url"])[2]).version or "json" for feed in feeds if not feed["full_text"]}
    assert len(feeds) >= 8
    assert {feed["language"] for feed in feeds} == {"en", "fr", "zh"}
    assert kinds == {"rss20", "rss10", "atom10"}
    assert json.loads(get(next(f["url"] for f in feeds if f["full_text"]))[2])["version"].endswith("1.1")
    assert 55 <= len(all_entries(newsroom)) <= 75
    assert len([piece for piece in FIRST.values() if not piece.syndicates]) >= 30


@pytest.mark.parametrize("feed", [channel.id for channel in LIBRARY.channels])
def test_feed_is_whole(newsroom: Newsroom, feed: str) -> None:
    """Every feed is well formed, and every entry has title, id, absolute link and a date."""
    table = next(table for table in declared(newsroom) if table["id"] == feed)
    _, headers, body = get(table["url"])
    if "json" not in headers["Content-Type"]:
        assert not feedparser.parse(body, response_headers={"content-type": headers["Content-Type"]}).bozo
    for entry in entries(newsroom, table):
        assert entry["title"]
        assert entry["id"]
        assert entry["link"].startswith("http://127.0.0.1:")
        assert entry.get("published") or entry.get("updated") or entry.get("date_published")


@pytest.mark.parametrize("edition", [1, 2])
def test_every_link_answers(newsroom: Newsroom, edition: int) -> None:
    """Every link in every feed leads to a page, but for the one article that was taken down (404)."""
    newsroom.edition = edition
    links = {entry["link"] for entry in all_entries(newsroom).values()}
    missing = [link for link in links if get(link)[0] != 200]
    assert missing == [page_url(newsroom, "bramley-notes/siri-china-rumour")]
    assert get(missing[0])[0] == 404


def test_outlets_are_hosts_of_their_own(newsroom: Newsroom) -> None:
    """Each outlet has its own host and port, named for the setting that allows private addresses."""
    hosts = newsroom.allow_hosts.split(",")
    assert len(set(hosts)) == len(LIBRARY.outlets) >= 8
    assert {urlsplit(feed["url"]).netloc for feed in declared(newsroom)} == set(hosts)


def test_configuration_is_accepted(newsroom: Newsroom, tmp_path: Path) -> None:
    """The written feeds file passes the pipeline's own reading of `feeds.toml`."""
    newsroom.write_feeds(tmp_path / "config" / "feeds.toml")
    feeds = read_feeds(tmp_path / "config" / "feeds.toml")
    assert [feed.id for feed in feeds] == [channel.id for channel in LIBRARY.channels]
    assert [feed.id for feed in feeds if feed.full_text] == ["tidepool-letters"]


@pytest.mark.parametrize("key", [EDITED, MOVED, "northgate-courier/five-things", "quai-des-puces/siri-dma",
                                 "xingcha-keji/apple-alibaba", "lidao-shuma/apple-alibaba-hk"])  # fmt: skip
def test_page_reads_as_an_article(newsroom: Newsroom, key: str) -> None:
    """In every layout an extractor finds the whole article, and none of what stands around it."""
    text, piece = main_text(newsroom, key), FIRST[key]
    assert all(part.removeprefix("## ") in text for part in piece.text)
    assert LIBRARY.outlets[piece.outlet].note not in text
    assert not any(teaser in text for teaser in LIBRARY.outlets[piece.outlet].teasers)


@pytest.mark.parametrize("key", sorted(FIRST))
def test_every_page_misleads_and_says_that_it_is_invented(newsroom: Newsroom, key: str) -> None:
    """Beside each article stand headlines of other articles, and each page says that its outlet is invented."""
    piece = FIRST[key]
    outlet = LIBRARY.outlets[piece.outlet]
    body = page(newsroom, key)
    if not piece.missing:
        siblings = [other.title for other in FIRST.values() if other.outlet == outlet.id and other.key != key]
        assert any(sibling in body for sibling in siblings)
    assert outlet.note in body
    assert re.search("invented|inventé|虚构|虛構", outlet.note)


def test_gbk_pages(newsroom: Newsroom) -> None:
    """One outlet sends GBK, names it gb2312 in the markup alone, and its feed is in GBK as well."""
    _, headers, body = get(page_url(newsroom, "xingcha-keji/apple-alibaba"))
    assert headers["Content-Type"] == "text/html"
    assert b"charset=gb2312" in body
    assert FIRST["xingcha-keji/apple-alibaba"].title in body.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    feed = get(newsroom.bases["xingcha-keji"] + "/rss.xml")[2]
    assert feed.startswith(b'<?xml version="1.0" encoding="gb2312"?>')
    assert FIRST["xingcha-keji/apple-alibaba"].title in feed.decode("gb18030")
    assert "<pubDate>2026-03-02 10:20:00</pubDate>" in feed.decode("gb18030")


def test_date_in_time_alone(newsroom: Newsroom) -> None:
    """One layout dates its pages in a <time> element and nowhere else."""
    body = get(page_url(newsroom, MOVED))[2].decode()
    assert body.count("2026-03-02T09:15:00-08:00") == 1
    assert '<time class="published" datetime="2026-03-02T09:15:00-08:00">' in body


def test_robots(newsroom: Newsroom) -> None:
    """One article lies under a path that its outlet's robots.txt closes; all others are open."""
    closed = []
    for key, piece in FIRST.items():
        rules = Protego.parse(get(newsroom.bases[piece.outlet] + "/robots.txt")[2].decode())
        if not rules.can_fetch(page_url(newsroom, key), "technews"):
            closed.append(key)
    assert closed == ["quai-des-puces/enquete-serveurs-apple-chine"]


@pytest.mark.parametrize("where", ["feed", "page"])
def test_conditional_requests(newsroom: Newsroom, where: str) -> None:
    """A known tag or date is answered by 304 without body, until the next edition; a tag wins over a date."""
    base = newsroom.bases["saltmarsh-wire"]
    url = base + "/feeds/asia.xml" if where == "feed" else page_url(newsroom, EDITED)
    _, headers, _ = get(url)
    tag, date = headers["ETag"], headers["Last-Modified"]
    known: list[dict[str, str]] = [
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", {tag.removeprefix("W/")}'},
        {"If_Modified_Since": date},
    ]
    assert [get(url, **headers)[::2] for headers in known] == [(304, b"")] * 3
    assert get(url, If_None_Match='"other"', If_Modified_Since=date)[0] == 200
    assert get(url, If_Modified_Since="yesterday")[0] == 200
    newsroom.edition = 2
    assert [get(url, **headers)[0] for headers in known] == [200] * 3


def test_compression(newsroom: Newsroom) -> None:
    """Bytes are compressed for who accepts gzip, and for nobody else."""
    url = page_url(newsroom, EDITED)
    _, plain_headers, plain = get(url, Accept_Encoding="identity")
    _, headers, packed = get(url, Accept_Encoding="gzip, deflate")
    assert "Content-Encoding" not in plain_headers
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_head(newsroom: Newsroom) -> None:
    """HEAD has the headers of GET and not a byte after them."""
    parts = urlsplit(page_url(newsroom, EDITED))
    request = f"HEAD {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as connection:
        connection.sendall(request.encode())
        answer = connection.makefile("rb").read()
    length = len(get(page_url(newsroom, EDITED), Accept_Encoding="identity")[2])
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert f"Content-Length: {length}".encode() in answer
    assert answer.endswith(b"\r\n\r\n")


def test_slow_page() -> None:
    """One page answers after the seconds of the setting, while others answer at once."""
    with Newsroom(0, slow=0.3) as room:
        get(page_url(room, EDITED))  # the first request makes the edition
        started = time.monotonic()
        assert get(page_url(room, EDITED))[0] == 200
        quick = time.monotonic() - started
        assert get(page_url(room, "fil-d-amarrage/analyse-iphone-ia-chine"))[0] == 200
        assert quick < 0.3 <= time.monotonic() - started


def test_client_that_goes_away(capfd: pytest.CaptureFixture[str]) -> None:
    """A client that hangs up before the slow page comes disturbs neither the output nor the next client."""
    with Newsroom(0, slow=0.1) as room:
        url = page_url(room, "fil-d-amarrage/analyse-iphone-ia-chine")
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
            connection.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            # Closing with a linger time of 0 resets the connection instead of ending it.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert get(url)[0] == 200
    assert capfd.readouterr() == ("", "")


def test_page_without_text(newsroom: Newsroom) -> None:
    """One page holds a player and no paragraph, and its feed entry says no more than the title."""
    body = get(page_url(newsroom, "bramley-notes/keynote-video"))[2].decode()
    content = body.split('<div class="entry-content">')[1].split("</article>")[0]
    assert "iframe" in content
    assert "<p>" not in content
    entry = all_entries(newsroom)["bramley-notes", "tag:bramley-notes.example,2026:keynote-video"]
    assert not entry.get("summary")


def test_page_to_be_quarantined(newsroom: Newsroom) -> None:
    """One live page on the topic has more text than any article may have, but fits into a download."""
    text = main_text(newsroom, "saltmarsh-wire/live-shanghai-developer-day")
    assert len(text) > 500_000
    assert len(get(page_url(newsroom, "saltmarsh-wire/live-shanghai-developer-day"))[2]) < 2_000_000


def test_one_event_in_three_languages() -> None:
    """Several outlets tell one event in English, French and Chinese within a day."""
    told = [piece for piece in FIRST.values() if "alibaba" in piece.slug and piece.published.day == 2]
    assert {LIBRARY.outlets[piece.outlet].language[:2] for piece in told} == {"en", "fr", "zh"}
    assert len({piece.outlet for piece in told}) >= 6


def test_syndication(newsroom: Newsroom) -> None:
    """Three pages repeat another outlet's text word for word; one of them names the original as canonical."""
    copies = [piece for piece in FIRST.values() if piece.syndicates]
    assert len(copies) == 3
    for copy in copies:
        assert copy.text == FIRST[copy.syndicates].text
        assert copy.outlet != FIRST[copy.syndicates].outlet
    named = [piece.key for piece in copies if page_url(newsroom, piece.syndicates) in page(newsroom, piece.key)]
    assert named == ["northgate-courier/apple-alibaba-china-ai"]


def test_links_in_two_feeds(newsroom: Newsroom) -> None:
    """The same link stands in two feeds of one outlet; two feeds of another name the same pages by other links."""
    links = {feed["id"]: {entry["link"] for entry in entries(newsroom, feed)} for feed in declared(newsroom)}
    assert len(links["quai-une"] & links["quai-ia"]) >= 3
    assert not links["saltmarsh-technology"] & links["saltmarsh-asia"]
    bare = {link.split("?")[0] for link in links["saltmarsh-asia"]}
    assert len(links["saltmarsh-technology"] & bare) >= 3
    assert all("utm_source=" in link for link in links["saltmarsh-asia"])


def test_full_text_feed(newsroom: Newsroom) -> None:
    """The full-text feed carries every paragraph of its articles, so that nobody needs the pages."""
    feed = next(feed for feed in declared(newsroom) if feed["full_text"])
    for entry in entries(newsroom, feed):
        piece = FIRST["tidepool-letters/" + entry["id"].rsplit(":", 1)[1]]
        assert entry["summary"].count("<p>") == len(piece.text)


def test_second_edition_adds_a_few() -> None:
    """The second edition keeps every article of the first and adds a few new ones, in all three languages."""
    added = set(SECOND) - set(FIRST)
    assert set(FIRST) <= set(SECOND)
    assert len(added) == 4
    assert {LIBRARY.outlets[SECOND[key].outlet].language[:2] for key in added} == {"en", "fr", "zh"}
    assert all(SECOND[key].published > max(piece.published for piece in FIRST.values()) for key in added)


def test_second_edition_changes_two_entries(newsroom: Newsroom) -> None:
    """Of the known entries only the edited article's (in both feeds) and the one with a moved date change."""
    before = all_entries(newsroom)
    newsroom.edition = 2
    after = all_entries(newsroom)
    changed = {key for key, entry in before.items() if after[key] != entry}
    assert {(feed, entry.rsplit(":", 1)[1]) for feed, entry in changed} == {
        ("saltmarsh-technology", "apple-alibaba-china-ai"),
        ("saltmarsh-asia", "apple-alibaba-china-ai"),
        ("bramley-notes", "apple-intelligence-mandarin"),
    }


def test_edited_article(newsroom: Newsroom) -> None:
    """The edited article keeps link, id and title; its text, its summary and its date in the feed are new."""
    key = ("saltmarsh-technology", "tag:saltmarsh-wire.example,2026:apple-alibaba-china-ai")
    before, text = all_entries(newsroom)[key], main_text(newsroom, EDITED)
    newsroom.edition = 2
    after = all_entries(newsroom)[key]
    assert (after["link"], after["title"]) == (before["link"], before["title"])
    assert after["published_parsed"] > before["published_parsed"]
    assert after["summary"] != before["summary"]
    assert main_text(newsroom, EDITED) != text
    assert '"datePublished": "2026-03-02T01:40:00+00:00", "dateModified": "2026-03-07' in page(newsroom, EDITED)


def test_moved_date(newsroom: Newsroom) -> None:
    """The moved date stands in the feed alone: the page's text and date stay, only headlines beside it change."""
    key = ("bramley-notes", "tag:bramley-notes.example,2026:apple-intelligence-mandarin")
    before, text, whole = all_entries(newsroom)[key], main_text(newsroom, MOVED), page(newsroom, MOVED)
    newsroom.edition = 2
    after = all_entries(newsroom)[key]
    assert after["published_parsed"] > before["published_parsed"]
    assert after["summary"] == before["summary"]
    assert main_text(newsroom, MOVED) == text
    assert page(newsroom, MOVED) != whole
    assert 'datetime="2026-03-02T09:15:00-08:00"' in page(newsroom, MOVED)


def test_dates_are_fixed() -> None:
    """All dates lie in one past week, so that a run in any later year gives the same rows."""
    dates = [at for piece in LIBRARY.pieces for at in (piece.published, piece.updated, piece.moved) if at]
    assert datetime(2026, 3, 2, tzinfo=UTC) <= min(dates)
    assert max(dates) < datetime(2026, 3, 9, tzinfo=UTC)


def test_articles_are_short_and_whole() -> None:
    """Articles have 3 to 9 paragraphs and a header that says why they are there."""
    for piece in FIRST.values():
        if not (piece.missing or piece.grow_to) and piece.text:
            assert 3 <= len([part for part in piece.text if not part.startswith("## ")]) <= 9, piece.key
    folder = Path(__file__).parents[1] / "demo" / "articles"
    for path in folder.glob("*/*.md"):
        assert path.read_text(encoding="utf-8").startswith("+++\n# "), path


def test_requests_are_counted(newsroom: Newsroom) -> None:
    """Requests are counted by outlet and path, without query, answered or not."""
    get(newsroom.bases["saltmarsh-wire"] + "/robots.txt?again")
    get(newsroom.bases["saltmarsh-wire"] + "/robots.txt")
    get(newsroom.bases["lidao-shuma"] + "/nowhere")
    assert newsroom.requests == Counter({"saltmarsh-wire/robots.txt": 2, "lidao-shuma/nowhere": 1})


def test_front_page(newsroom: Newsroom) -> None:
    """An outlet's front page lists its articles for whoever looks by browser."""
    status, _, body = get(newsroom.bases["quai-des-puces"] + "/")
    own = [piece for piece in FIRST.values() if piece.outlet == "quai-des-puces"]
    assert status == 200
    assert all(path_of(piece, LIBRARY) in body.decode() for piece in own)


def test_front_pages_link_their_feeds(newsroom: Newsroom) -> None:
    """`feeds add` of an outlet's home finds each of its feeds, as on any site."""
    found = {url for base in newsroom.bases.values() for url in linked_feeds(get(f"{base}/")[2], f"{base}/")}
    assert found == {newsroom.bases[channel.outlet] + channel.path for channel in LIBRARY.channels}


def free_base() -> int:
    """A port that is free, like those of all outlets after it; below the range from which systems give ports out."""
    for base in range(12000, 30000, 37):
        with contextlib.suppress(PortTaken), Newsroom(base):
            return base
    pytest.skip("no row of free ports on this machine")


def test_taken_port() -> None:
    """A taken port is named, with what to do; the ports bound before it are free again."""
    base = free_base()
    with socket.create_server(("127.0.0.1", base + 3)):
        with pytest.raises(PortTaken, match=f"port {base + 3} on 127.0.0.1 .*choose another"), Newsroom(base):
            pass
        for port in (base, base + 1, base + 2):
            socket.create_server(("127.0.0.1", port)).close()


def test_ports_follow_each_other() -> None:
    """Outlets listen side by side, and a newsroom that ended can be opened again at once on the same ports."""
    base = free_base()
    for _ in range(2):
        with Newsroom(base) as again:
            assert [urlsplit(url).port for url in again.bases.values()] == list(range(base, base + len(again.bases)))
            assert get(again.bases["saltmarsh-wire"] + "/")[0] == 200


@pytest.mark.parametrize(("port", "edition"), [(-1, 1), (65530, 1), (DEFAULT_PORT, 0), (DEFAULT_PORT, 3)])
def test_bad_arguments(port: int, edition: int) -> None:
    """A port without room for all outlets, or an edition that does not exist, is refused before anything listens."""
    with pytest.raises(ValueError, match="choose"):
        Newsroom(port, edition=edition)


@pytest.mark.parametrize("header", ["", "+++\ntitle = \n+++\n", '+++\ntitle = "A"\ncolour = "red"\n+++\n'],
                         ids=["none", "not-toml", "unknown-key"])  # fmt: skip
def test_bad_article_is_named(tmp_path: Path, header: str) -> None:
    """A source file that cannot be used is refused by its name."""
    articles = Path(__file__).parents[1] / "demo" / "articles"
    (tmp_path / "newsroom.toml").write_bytes((articles / "newsroom.toml").read_bytes())
    (tmp_path / "saltmarsh-wire").mkdir()
    (tmp_path / "saltmarsh-wire" / "odd.md").write_text(header + "Text.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"odd\.md"):
        read_library(tmp_path)


def test_no_real_outlet_is_impersonated() -> None:
    """No invented outlet bears the name of a medium that the configuration knows, or of a feed in the real world."""
    entities = Path(__file__).parents[1] / "config" / "entities.toml"
    tables = tomllib.loads(entities.read_text(encoding="utf-8"))["entity"]
    real = {name.casefold() for table in tables if table["kind"] == "media" for name in names_of(table)}
    if REAL_FEEDS.exists():
        lines = REAL_FEEDS.read_text(encoding="utf-8").splitlines()
        real |= {str(json.loads(line).get("title")).casefold() for line in lines}
    assert len(real) > 20
    for outlet in LIBRARY.outlets.values():
        assert not [name for name in real if len(name) > 3 and name in outlet.name.casefold()]


def names_of(table: dict[str, Any]) -> list[str]:
    """An entity's name and its names in each language."""
    return [table["name"], *(name for language in ("en", "fr", "zh") for name in table.get(language, []))]


@pytest.mark.parametrize("where", ["feeds.toml", "config/feeds.toml"])
def test_a_home_that_was_made_with_other_ports_is_refused(running: Newsroom, tmp_path: Path, where: str) -> None:
    """Every address would be a new one there; the line names the port that the home was made with."""
    running.demand_own_home(tmp_path)
    running.write_feeds(tmp_path / where)
    running.demand_own_home(tmp_path)
    with Newsroom(0) as other, pytest.raises(PortTaken, match=r"TECHNEWS_DEMO_PORT=\d+: use that, or `rm -r"):
        other.demand_own_home(tmp_path)
