"""Trying, finding, adding and exchanging feeds: against a real server, and over files that are never harmed."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from builders import feed
from conftest import assert_refused
from web_site import Site, feeds_toml

from technews.chains import FeedAnswer
from technews.declared_feeds import missing_variables, read_feeds
from technews.feed_file import append, opml, read_opml, table_of
from technews.feed_finding import country_of, free_id, linked_feeds, same_place
from technews.feed_probe import judge
from technews.records import Fetch
from technews.settings import UsageError

RSS = {"Content-Type": "application/rss+xml"}
SITE_PAGE = b"""<html><head><link rel="alternate" type="application/rss+xml" title="Comments" href="/comments">
<link rel="alternate" type="application/rss+xml" href="flux"></head><body>Bonjour</body></html>"""
FRENCH = ("Les poires mûrissent tard cette année", "Le verger de la vallée attend la pluie", "Une récolte difficile")


@pytest.fixture
def site(environment):
    """A server that may be asked."""
    with Site() as made:
        environment.setenv("TECHNEWS_ALLOW_HOSTS", made.host)
        environment.setenv("TECHNEWS_HOST_PAUSE", "0")
        yield made


@pytest.fixture
def feeds_file(tmp_path: Path, environment) -> Path:
    """The feeds file of a configuration of one's own."""
    environment.setenv("TECHNEWS_CONFIG", str(tmp_path))
    return tmp_path / "feeds.toml"


def rss(*titles: str, text: str = "", whole: str = "", date: str | None = None, title: str = "Le Verger") -> bytes:
    """A feed with these items."""
    date = date or format_datetime(datetime.now(UTC) - timedelta(hours=1))
    items = "".join(
        f"<item><title>{t}</title><link>https://verger.example/{n}</link><pubDate>{date}</pubDate>"
        f"<description>{text}</description><content:encoded>{whole}</content:encoded></item>"
        for n, t in enumerate(titles)
    )
    content = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    return f"<rss version='2.0' {content}><channel><title>{title}</title>{items}</channel></rss>".encode()


def test_check_shows_how_each_feed_does(technews, site, feeds_file):
    """A table of all feeds, with what to change; one that cannot be read costs only itself, and the command says 1."""
    site.pages |= {
        "/good": (200, RSS, rss(*FRENCH)),
        "/whole": (200, RSS, rss(*FRENCH, whole="mot " * 900)),
        "/old": (200, RSS, rss(*FRENCH, date="Fri, 02 Jan 2015 10:00:00")),
        "/now": (200, RSS, rss(*FRENCH, date=format_datetime(datetime.now(UTC)))),
        "/page": (200, {"Content-Type": "text/html"}, b"<!doctype html><html><body>Sign in</body></html>"),
        "/gone": (410, {}, b""),
        "/moved": (301, {"Location": "/good"}, b""),
    }
    names = ("good", "whole", "old", "now", "page", "gone", "moved", "none")
    secret = f"{site.base}/${{NOBODY_SET_THIS}}"
    feeds_file.write_text(feeds_toml(**{name: f"{site.base}/{name}" for name in names}, secret=secret))
    answer = technews("feeds", "check", "--json")
    rows = {row["feed_id"]: row for row in json.loads(answer.out)}
    assert answer.code == 1
    assert {name: row["state"] == "ok" for name, row in rows.items()} == {
        "good": True, "whole": True, "old": True, "now": True, "page": False, "gone": False, "moved": True, "none": False,
        "secret": False,
    }  # fmt: skip
    assert (rows["good"]["kind"], rows["good"]["entries"], rows["good"]["advice"]) == ("rss", 3, None)
    for name, words in {
        "whole": "full_text = true",
        "old": "days old",
        "now": "it dates entries with the present time",
        "page": "not a feed: an HTML page",
        "gone": "gone for good",
        "moved": f"url = {site.base}/good",
        "none": "404",
        "secret": "NOBODY_SET_THIS is not set",
    }.items():
        assert words in rows[name]["advice"], name
    assert (rows["good"]["zone"], rows["old"]["zone"]) == ("in its dates", "UTC (as configured)")
    assert technews("feeds", "check", "good").code == 0
    assert_refused(technews("feeds", "check", "nobody"), 2, "nobody", "no such feed", "`technews feeds list` shows")
    refused = technews("feeds", "check", "nobody", "--feeds", feeds_file)
    assert_refused(refused, 2, "nobody", f"lines `id` in {feeds_file}")


@pytest.mark.parametrize(
    ("language", "declared", "texts", "advice"),
    [
        ("fr", False, {"whole": "mot " * 600}, "full_text = true"),
        ("fr", False, {"text": "mot " * 600}, ""),
        ("fr", False, {"whole": "mot " * 300}, ""),
        ("fr", True, {"whole": "mot " * 300}, ""),
        ("fr", True, {"whole": "mot " * 50}, "full_text = false"),
        ("fr", True, {"text": "mot " * 600}, "full_text = false"),
        ("zh", True, {"whole": "苹果" * 150}, ""),
    ],
    ids=["whole", "long summary", "short", "short, declared", "teaser, declared", "summary, declared", "Chinese"],
)
def test_check_tells_whole_articles_from_teasers(language, declared, texts, advice):
    """By the text that a run would take; where it may be either, what is declared stands."""
    fetch = Fetch("feed", "https://verger.example/f", datetime.now(UTC), 1, status=200)
    answer = FeedAnswer(feed(language=language, full_text=declared), fetch, "changed", rss(*FRENCH, **texts))
    (said,) = judge(answer, datetime.now(UTC)).advice or ("",)
    assert advice in said
    assert bool(advice) == bool(said)


def test_add_finds_the_feed_of_a_site(technews, site, feeds_file):
    """The page names its feeds; that of comments is not it. Nothing is written without --write, and nothing twice."""
    comment = '# our feeds\n\n[[feed]]  # the first\nid = "x"\nurl = "https://x.example/f"\ntitle = "X"\nlanguage = "en"\ncountry = "US"\ntimezone = "UTC"'
    feeds_file.write_text(comment)
    site.pages |= {
        "/": (200, {"Content-Type": "text/html"}, SITE_PAGE),
        "/comments": (200, RSS, rss("Re: poires")),
        "/flux": (200, RSS, rss(*FRENCH)),
    }  # fmt: skip
    shown = technews("feeds", "add", site.base + "/")
    assert shown.code == 0
    assert f'url = "{site.base}/flux"' in shown.out
    assert 'language = "fr"' in shown.out
    assert 'timezone = "Europe/Paris"' in shown.out
    assert feeds_file.read_text() == comment
    assert technews("feeds", "add", site.base + "/", "--write").code == 0
    assert feeds_file.read_text().startswith(comment)
    assert [each.title for each in read_feeds(feeds_file)] == ["X", "Le Verger"]
    assert_refused_after(technews("feeds", "add", f"{site.base}/flux", "--write"), "is there already")


def assert_refused_after(answer, words: str) -> None:
    """Refused with these words, whatever was said on the way."""
    assert answer.code == 2
    assert words in answer.err


def test_add_tries_the_usual_places(technews, site, feeds_file):
    """A page that names no feed may have one all the same; where there is none, the command says so."""
    site.pages["/news"] = (200, {"Content-Type": "text/html"}, b"<html><body>Hello</body></html>")
    assert_refused(technews("feeds", "add", f"{site.base}/news"), 2, "no feed of this site was found")
    site.pages["/rss.xml"] = (200, RSS, rss(*FRENCH))
    assert f"{site.base}/rss.xml" in technews("feeds", "add", f"{site.base}/news").out


@pytest.mark.parametrize(
    "url", ["no address", "ftp://x.example/f", "file:///etc/hostname", "http://[", "http://u:p@x.example/"]
)
def test_add_refuses_what_is_no_address(technews, feeds_file, url):
    """Only http and https, without a password written out."""
    assert_refused(technews("feeds", "add", url), 2, "not an absolute address")


def test_add_refuses_private_addresses(technews, feeds_file):
    """What the pipeline must not ask, the command does not ask either; it says what would allow it."""
    answer = technews("feeds", "add", "http://127.0.0.1:9/feed")
    assert_refused(answer, 2, "loopback", "TECHNEWS_ALLOW_HOSTS does not name 127.0.0.1:9")


def test_import_and_export_speak_opml(technews, site, feeds_file, tmp_path):
    """What export writes, import reads; known feeds and dead ones are left out, and said."""
    site.pages |= {"/a": (200, RSS, rss(*FRENCH)), "/b": (200, RSS, rss("An orchard in the valley", title="B"))}
    feeds_file.write_text(feeds_toml(a=f"{site.base}/a"))
    listed = [feed(name, url=f"{site.base}/{name}", title=f"{name} & co") for name in ("a", "b", "dead")]
    (tmp_path / "list.opml").write_text(opml(listed))
    answer = technews("feeds", "import", tmp_path / "list.opml", "--write")
    assert answer.code == 0
    assert "1 of 3 are there already" in answer.err
    assert f"left out: {site.base}/dead: cannot be read" in answer.err
    assert [each.title for each in read_feeds(feeds_file)] == ["a", "b & co"]
    exported = tmp_path / "out.opml"
    exported.write_text(technews("feeds", "export").out)
    assert read_opml(exported) == [(f"{site.base}/a", "a"), (f"{site.base}/b", "b & co")]


def test_a_strangers_placeholder_is_never_resolved(technews, site, feeds_file, environment, tmp_path):
    """What a page or a list names is no address of the operator: no variable of ours is put into it, none is asked."""
    environment.setenv("ORCHARD_TOKEN", "ripe-pears-only")
    asked = []
    site.pages["/steal"] = lambda handler: asked.append(handler.path) or (200, RSS, rss(*FRENCH))
    link = '<link rel="alternate" type="application/rss+xml" href="{}/steal?k={}{{ORCHARD_TOKEN}}">'
    for number, dollar in enumerate(("$", "&#36;", "$\n", "%24")):
        page = f"<html><head>{link.format(site.base, dollar)}</head><body>Hi</body></html>".encode()
        site.pages[f"/{number}"] = (200, {"Content-Type": "text/html"}, page)
        assert technews("feeds", "add", f"{site.base}/{number}").code == 2
    listed = tmp_path / "list.opml"
    listed.write_text(opml([feed(url=f"{site.base}/steal?k=${{ORCHARD_TOKEN}}")]))
    answer = technews("feeds", "import", listed, "--write")
    assert "names an environment variable" in answer.err
    assert asked == []
    assert not feeds_file.exists()
    assert "ORCHARD_TOKEN" in technews("feeds", "add", f"{site.base}/steal?k=${{ORCHARD_TOKEN}}").out
    assert asked == ["/steal?k=ripe-pears-only"]


def test_one_odd_address_of_a_list_costs_only_itself(technews, site, feeds_file, tmp_path):
    """Each is spelt, doubles and what the feeds file would refuse are left out and said, and no password is printed."""
    site.pages |= {f"/{name}": (200, RSS, rss(*FRENCH)) for name in "abcd"}
    upper = site.base.replace("http:", "HTTP:")
    odd = [
        f"{site.base}/a",
        f"{site.base}/b?x=1|2",
        f"{site.base}/c?x=a b",
        f"{upper}/d",
        f"{site.base}/a?",
        f"{site.base}/a/#x",
        site.base.replace("//", "//joe:hunter22@") + "/b",
        site.base.replace("//", "//joe:hunter22/3@") + "/b",
        "file:///etc/hostname",
    ]
    (tmp_path / "list.opml").write_text(opml([feed(str(n), url=url) for n, url in enumerate(odd)]))
    answer = technews("feeds", "import", tmp_path / "list.opml", "--write")
    assert answer.code == 0, answer.err
    written = [each.url.removeprefix(site.base) for each in read_feeds(feeds_file)]
    assert written == ["/a", "/b?x=1%7C2", "/c?x=a%20b", "/d"]
    assert answer.err.count("left out: ") == 5
    assert answer.err.count("listed twice") == 2
    assert "hunter22" not in answer.out + answer.err
    assert "hunter22" not in technews("feeds", "add", "http://joe:hunter22@x.example/f").err
    assert "hunter22" not in technews("feeds", "add", "http://${JOE}:hunter22@x.example/f").err


def test_a_feeds_file_keeps_its_bytes(tmp_path):
    """Line ends and byte order mark stay as they are; what is added ends its lines alike."""
    path = tmp_path / "feeds.toml"
    before = b"\xef\xbb\xbf# ours\r\n" + table_of(feed()).replace("\n", "\r\n").encode()
    path.write_bytes(before)
    append(path, [feed("second", url="https://other.example/f")])
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    assert [each.id for each in read_feeds(path)] == ["wire", "second"]
    with pytest.raises(UsageError, match=r"feeds\.toml:\d+: id: .*same id") as refused:
        append(path, [feed(url="https://third.example/f")])
    assert str(refused.value).startswith(f"{path}:")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<opml/>",
        "\x00\xff",
        "<!DOCTYPE o [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><opml><body><outline xmlUrl='&a;'/></body></opml>",
    ],
)
def test_what_is_no_list_is_refused(tmp_path, text):
    """A file without feeds is named, never a traceback; entities bring nothing in."""
    file = tmp_path / "list.opml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match="names no feed"):
        read_opml(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_opml(tmp_path / "nowhere.opml")


def test_a_hostile_title_stays_a_title(tmp_path):
    """Quotes, line breaks and brackets of a feed's own title open no table and break no file."""
    path = tmp_path / "feeds.toml"
    named = feed(title='A "B"\n[[feed]]\nid = \\u0022x\x7f', every=timedelta(hours=2), full_text=True)
    append(path, [named])
    append(path, [feed("second", every=timedelta(seconds=90))])
    (first, second) = read_feeds(path)
    assert first.title == 'A "B" [[feed]] id = \\u0022x'
    assert (first.every, first.full_text, second.every) == (timedelta(hours=2), True, timedelta(seconds=90))


def test_a_file_that_would_be_refused_is_not_written(tmp_path):
    """An id that is taken leaves the file as it was, and nothing beside it."""
    path = tmp_path / "feeds.toml"
    append(path, [feed()])
    before = path.read_bytes()
    with pytest.raises(UsageError, match="same id"):
        append(path, [feed(url="https://other.example/f")])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_guesses_are_careful():
    """Domains that are sold to everybody say no country; ids are free; two spellings of one address are one."""
    assert [country_of(*case) for case in (("x.fr", "en"), ("x.co.uk", "en"), ("x.io", "fr"), ("x.com", "zh"))] == [
        "FR",
        "GB",
        "FR",
        "CN",
    ]
    assert free_id("feeds.orchard-news.example", {"orchard-news"}) == "orchard-news-2"
    assert same_place("http://x.example/f", "https://x.example/f/")
    assert not same_place("http://x.example/f", "http://x.example/g")
    assert linked_feeds(b"", "https://x.example/") == linked_feeds(b"\x00<", "https://x.example/") == []
    assert 'every = "90s"' in table_of(feed(every=timedelta(seconds=90)))


def test_variables_that_are_not_set_are_named():
    """Known before anything is asked, and of this feed alone."""
    secret = feed("secret", url="https://x.example/${TOKEN}?k=${OTHER}")
    assert missing_variables([feed(), secret], {"OTHER": "x"}) == [(secret, "TOKEN")]
    assert missing_variables([secret], {"OTHER": "x", "TOKEN": ""}) == [(secret, "TOKEN")]
    assert missing_variables([secret], {"OTHER": "x", "TOKEN": "y"}) == []
