"""The fault table: what a web server can do to us, and the outcome that each fault has to get.

`docs/faults.md` is what one ingest over all of them gave: `.venv/bin/python tests/faults.py` writes it anew, and a test
compares it with the table.
"""

import gzip
import socket
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import httpcore
import pytest
from fault_site import (
    HTML,
    NO_ROBOTS,
    Behaviour,
    DeadHost,
    Host,
    article,
    chunked,
    drip,
    gzip_bomb,
    http,
    in_turn,
    look_up,
    off_topic,
    page,
    raw_deflate,
    reset,
    rss,
    silent,
)
from web_site import feeds_toml

from technews import PROJECT_ROOT
from technews.settings import read_settings
from technews.warehouse import Warehouse

LOADED = ("loaded", "on_topic", 0)
PASSING = ("pending", "server_error", 1)
TIMEOUT = ("pending", "timeout", 1)
CONNECTION = ("pending", "connection_failed", 1)
REFUSED = ("blocked", "address_refused", 0)
TOO_LARGE = ("empty", "too_large", 0)
NOT_HTML = ("empty", "not_html", 0)
NO_LINK = ("empty", "no_link", 0)
FORBIDDEN = ("blocked", "robots", 0)
ROBOTS_DOWN = ("pending", "robots_unreachable", 0)
OFF_TOPIC = ("off_topic", "facet_missing", 0)

CHUNKS_BEGIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
HTML_BEGINS = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>"


@dataclass(frozen=True)
class Fault:
    """A fault of a page: what its server does, and outcome, reason and attempts that the entry has to get.

    `link` is the entry's link, where it is not simply a page of the server ({base} is its address, {port} its port).
    """

    name: str
    does: str
    gives: tuple[str, str, int]
    behave: Behaviour = b""
    robots: Behaviour = NO_ROBOTS
    link: str = "{base}/page"
    https: bool = False


def _ok(name: str) -> bytes:
    return page(article(name))


def _moved(to: str, status: int = 302) -> bytes:
    return http(status, {"Location": to})


def _robots(body: bytes, status: int = 200, **headers: str) -> bytes:
    return http(status, {"Content-Type": "text/plain", **headers}, body)


STATUSES = [
    Fault(f"status {status}", f"answers {status}", gives, http(status, HTML, b"<p>no"))
    for status, gives in (
        (202, PASSING),
        (204, PASSING),
        (206, PASSING),
        (302, PASSING),
        (304, PASSING),
        (400, PASSING),
        (401, ("blocked", "http_401", 0)),
        (403, ("blocked", "http_403", 0)),
        (404, ("gone", "http_404", 0)),
        (408, TIMEOUT),
        (410, ("gone", "http_410", 0)),
        (418, PASSING),
        (429, ("pending", "rate_limited", 1)),
        (451, ("blocked", "http_451", 0)),
        (500, PASSING),
        (502, PASSING),
        (503, PASSING),
        (999, PASSING),
    )
]

BODIES = [
    Fault("chunked", "sends its page in chunks", LOADED, chunked(article("chunked"))),
    Fault("no length", "sends no length and closes", LOADED, http(200, HTML, article("no length"), length=None)),
    Fault("HTTP/1.0", "answers as in 1996", LOADED,
          b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + article("old")),
    Fault("gzip", "packs its page", LOADED, page(gzip.compress(article("gzip")), Content_Encoding="gzip")),
    Fault("raw deflate", "packs without zlib's frame", LOADED,
          page(raw_deflate(article("deflate")), Content_Encoding="deflate")),
    Fault("declared gzip, sent plain", "says gzip and sends text", LOADED,
          page(article("plain"), Content_Encoding="gzip")),
    Fault("length too large", "ends before its Content-Length", CONNECTION, http(200, HTML, article("cut"), length=9999)),
    Fault("length too small", "sends more than its Content-Length", OFF_TOPIC,
          http(200, HTML, off_topic("more") + bytes(500), length=len(off_topic("more")))),
    Fault("two lengths", "states two lengths", CONNECTION,
          b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<p>abc"),
    Fault("cut chunk", "ends within a chunk", CONNECTION, CHUNKS_BEGIN + b"ff\r\n<p>"),
    Fault("bad chunk", "sends a chunk without a length", CONNECTION, CHUNKS_BEGIN + b"ZZ\r\n<p>\r\n"),
    Fault("cut gzip", "ends within a packed page", PASSING,
          page(gzip.compress(article("x"))[:-9], Content_Encoding="gzip")),
    Fault("broken gzip", "sends garbage as gzip", PASSING, page(b"\x1f\x8b\x08garbage", Content_Encoding="gzip")),
    Fault("brotli unasked", "packs in a coding that was not asked for", PASSING,
          page(b"\x0b\x21", Content_Encoding="br")),
    Fault("many codings", "packs three times", PASSING, page(b"x", Content_Encoding="gzip, gzip, gzip")),
    Fault("gzip bomb", "packs 30 MB into 30 kB", TOO_LARGE, page(gzip_bomb(), Content_Encoding="gzip")),
    Fault("gzip bomb twice", "packs a bomb once more", TOO_LARGE, page(gzip_bomb(2), Content_Encoding="gzip, gzip")),
    Fault("endless body", "sends a page without an end", TOO_LARGE, drip(HTML_BEGINS, bytes(1 << 20), 0)),
    Fault("announced giant", "announces a terabyte", TOO_LARGE, http(200, HTML, b"<p>", length=1 << 40)),
    Fault("absurd length", "announces a number of 30 digits", CONNECTION, http(200, HTML, b"<p>", length=10**30)),
    Fault("nothing", "sends an empty page", NOT_HTML, http(200)),
    Fault("empty page", "sends an empty page of type HTML", NOT_HTML, page(b"")),
    Fault("NUL bytes", "sends a page of NUL bytes between its letters", NOT_HTML,
          page(article("nul").replace(b"<p>", b"<p>\0\0"))),
    Fault("PDF", "sends a PDF", NOT_HTML, http(200, {"Content-Type": "application/pdf"}, b"%PDF-1.7")),
    Fault("zip bomb", "sends a zip file", NOT_HTML, http(200, {"Content-Type": "application/zip"}, b"PK\x03\x04")),
    Fault("image without type", "sends an image and no type", NOT_HTML, http(200, {}, b"GIF89a")),
    Fault("page without type", "sends a page and no type", LOADED, http(200, {}, article("untyped"))),
]  # fmt: skip

CHARSETS = [
    Fault("wrong charset in header", "declares gb2312 for UTF-8", LOADED,
          http(200, {"Content-Type": "text/html; charset=gb2312"}, article("header"))),
    Fault("wrong charset in page", "declares latin-1 for UTF-8", LOADED,
          http(200, {"Content-Type": "text/html"}, article("meta", declared="iso-8859-1"))),
    Fault("unknown charset", "declares a charset that is none", LOADED,
          http(200, {"Content-Type": "text/html; charset=no-such"}, article("unknown"))),
    Fault("UTF-16", "sends UTF-16 with its mark", LOADED, http(200, {"Content-Type": "text/html"}, article("wide", charset="utf-16"))),
    Fault("gb18030 as gb2312", "declares gb2312 for gb18030", LOADED,
          http(200, {"Content-Type": "text/html; charset=gb2312"}, article("gb", charset="gb18030", declared="gb2312"))),
]  # fmt: skip

CONNECTIONS = [
    Fault("no connection", "listens on no port", CONNECTION, link="http://127.0.0.1:{closed}/page"),
    Fault("connections hang", "answers no connection", TIMEOUT, link="{dead}/page"),
    Fault("unknown name", "has no address", CONNECTION, link="http://no-such-host.invalid/page"),
    Fault("closes at once", "accepts and closes", CONNECTION, b""),
    Fault("resets", "breaks the connection off", CONNECTION, reset),
    Fault("silence", "accepts and says nothing", TIMEOUT, silent),
    Fault("garbage", "speaks no HTTP", CONNECTION, b"\0\xff\xfe garbage\r\n\r\n"),
    Fault("trickling body", "sends a byte at a time, for ever", TIMEOUT, drip(HTML_BEGINS, b"x")),
    Fault("trickling headers", "sends a header at a time, for ever", TIMEOUT, drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")),
    Fault("endless headers", "sends headers without an end, at full speed", CONNECTION,
          drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 9999, 0)),
    Fault("long header", "sends a header of 200 kB", CONNECTION, b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"),
    Fault("endless continue", "says 100 Continue for ever", TIMEOUT, drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    Fault("no TLS", "speaks plain HTTP on an https address", CONNECTION, b"", https=True),
]  # fmt: skip

REDIRECTS = [
    Fault("five redirects", "sends on five times", LOADED,
          in_turn(*[_moved(f"/{n}") for n in range(5)], _ok("five"))),
    Fault("six redirects", "sends on six times", ("unreachable", "redirect_loop", 1),
          in_turn(*[_moved(f"/{n}") for n in range(6)], _ok("six"))),
    Fault("redirect circle", "sends on to itself", ("unreachable", "redirect_loop", 1), _moved("/page")),
    Fault("redirect home", "sends on to its home page", ("gone", "redirected_home", 0),
          in_turn(_moved("/"), _ok("home"))),
    Fault("refresh", "sends on by meta refresh", LOADED,
          in_turn(page(b"<meta http-equiv=refresh content='0; url=/new'>"), _ok("refresh"))),
    Fault("redirect to a private address", "sends on to 10.0.0.1", REFUSED, _moved("http://10.0.0.1/")),
    Fault("redirect to loopback", "sends on to another port of ours", REFUSED, _moved("http://127.0.0.1:1/")),
    Fault("redirect to metadata", "sends on to 169.254.169.254", REFUSED, _moved("http://169.254.169.254/latest/")),
    Fault("redirect to decimal", "sends on to http://2130706433/", REFUSED, _moved("http://2130706433/")),
    Fault("redirect to a name", "sends on to a name of a private address", REFUSED, _moved("http://inside.example/")),
    Fault("refresh to a private address", "sends on by meta refresh to ::1", REFUSED,
          page(b"<meta http-equiv=refresh content='0; url=http://[::1]/'>")),
    Fault("redirect to a file", "sends on to file:///etc/passwd", ("blocked", "scheme_refused", 0),
          _moved("file:///etc/passwd")),
    Fault("redirect to nonsense", "sends on to http://[broken", REFUSED, _moved("http://[broken")),
    Fault("header injection", "sends on to an address with CR and LF in it", LOADED,
          in_turn(_moved("/new%0d%0aX-Injected:%20yes"), _ok("injection"))),
    Fault("redirect with user name", "sends on to an address with a user name", LOADED,
          in_turn(_moved("//user:word@{host}/new"), _ok("user name"))),
    Fault("cookie wall", "wants its cookie back", LOADED,
          in_turn(http(302, {"Location": "/page", "Set-Cookie": "a=b; Path=/"}), _ok("cookie"))),
]  # fmt: skip

ROBOTS = [
    Fault("robots forbids", "forbids the page", FORBIDDEN, _ok("x"), _robots(b"User-agent: *\nDisallow: /page")),
    Fault("robots forbids us", "forbids technews", FORBIDDEN, _ok("x"), _robots(b"User-agent: technews\nDisallow: /")),
    Fault("robots 403", "answers robots.txt with 403", LOADED, _ok("robots 403"), _robots(b"", 403)),
    Fault("robots 429", "answers robots.txt with 429", ROBOTS_DOWN, _ok("x"), _robots(b"", 429)),
    Fault("robots 500", "answers robots.txt with 500", ROBOTS_DOWN, _ok("x"), _robots(b"", 500)),
    Fault("robots 503", "answers robots.txt with 503", ROBOTS_DOWN, _ok("x"), _robots(b"", 503)),
    Fault("robots trickles", "never ends its robots.txt", ROBOTS_DOWN, _ok("x"),
          drip(b"HTTP/1.1 200 OK\r\n\r\n", b"#")),
    Fault("robots circle", "sends robots.txt on to itself", LOADED, _ok("robots circle"), _moved("/robots.txt")),
    Fault("robots is HTML", "answers robots.txt with a page", LOADED, _ok("robots html"),
          page(b"<p>User-agent: *\nDisallow: /")),
    Fault("robots bomb", "packs 30 MB into robots.txt", LOADED, _ok("robots bomb"),
          _robots(gzip_bomb(), **{"Content-Encoding": "gzip"})),
    Fault("robots behind a private address", "sends robots.txt on to 10.0.0.1", LOADED, _ok("robots private"),
          _moved("http://10.0.0.1/robots.txt")),
]  # fmt: skip

LINKS = [
    *(
        Fault(f"link to {what}", f"is linked as {link}", REFUSED, link=link)
        for what, link in (
            ("loopback", "http://127.0.0.1:1/"),
            ("a private address", "http://192.168.0.1/"),
            ("link-local", "http://169.254.169.254/latest/meta-data/"),
            ("a carrier's address", "http://100.64.0.1/"),
            ("multicast", "http://224.0.0.251/"),
            ("a reserved address", "http://240.0.0.1/"),
            ("all addresses", "http://0.0.0.0/"),
            ("a decimal address", "http://2130706433/"),
            ("an octal address", "http://0177.0.0.1/"),
            ("a hex address", "http://0x7f.0.0.1/"),
            ("a short address", "http://127.1/"),
            ("IPv6 loopback", "http://[::1]/"),
            ("a mapped address", "http://[::ffff:127.0.0.1]/"),
            ("a 6to4 address", "http://[2002:7f00:1::]/"),
            ("a NAT64 address", "http://[64:ff9b::10.0.0.1]/"),
            ("a Teredo address", "http://[2001:0:1::1]/"),
            ("a unique local address", "http://[fd00:ec2::254]/"),
            ("a name of a private address", "http://inside.example/"),
        )
    ),
    Fault("rebinding name", "has a public address first, then a private one", CONNECTION,
          link="http://rebind.example:{port}/page"),
    Fault("name of both", "has a private and a public address", CONNECTION, link="http://both.example:{port}/page"),
    Fault("link to a file", "is linked as file:///etc/passwd", ("blocked", "scheme_refused", 0), link="file:///etc/passwd"),
    Fault("link to a script", "is linked as javascript:", ("blocked", "scheme_refused", 0), link="javascript:alert(1)"),
    Fault("link by FTP", "is linked as ftp:", ("blocked", "scheme_refused", 0), link="ftp://files.example/a"),
    Fault("link with user name", "is linked with a user name", LOADED, _ok("link user"), link="http://user:word@{host}/page"),
    Fault("link with spaces", "is linked with spaces and quotes", LOADED, _ok("spaces"), link='{base}/a page "quoted"'),
    Fault("link without host", "is linked as http://", NO_LINK, link="http://"),
    Fault("endless link", "is linked with 5,000 characters", NO_LINK, link="{base}/" + "a" * 5000),
    Fault("no link", "is not linked", NO_LINK, link=""),
]  # fmt: skip

PAGES = [*STATUSES, *BODIES, *CHARSETS, *CONNECTIONS, *REDIRECTS, *ROBOTS, *LINKS]


@dataclass(frozen=True)
class FeedFault:
    """A fault of a feed: how its poll has to end, and with how many entries."""

    name: str
    does: str
    gives: tuple[str, int]
    behave: Behaviour = b""
    url: str = "{base}/feed"


READ, FAILED = ("changed", 1), ("failed", 0)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %s "%s">' % (bytes([98 + n]), b"&%s;" % bytes([97 + n]) * 10) for n in range(9))
    + b"]>"
)
OUTSIDE = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://10.0.0.1/">]>'

FEEDS = [
    FeedFault("XML bomb", "nests entities that grow to a billion letters", READ,
              http(200, {}, BOMB + rss("&j;").removeprefix(b'<?xml version="1.0"?>'))),
    FeedFault("external entity", "names a file and an address as entities", READ,
              http(200, {}, OUTSIDE + rss("&x;&y;").removeprefix(b'<?xml version="1.0"?>'))),
    FeedFault("gzip bomb", "packs 30 MB into 30 kB", FAILED, http(200, {"Content-Encoding": "gzip"}, gzip_bomb())),
    FeedFault("endless feed", "sends a feed without an end", FAILED,
              drip(b"HTTP/1.1 200 OK\r\n\r\n<rss>", b" " * (1 << 20), 0)),
    FeedFault("NUL bytes", "sends NUL bytes within its feed", READ, http(200, {}, rss().replace(b"<item>", b"\0<item>\0"))),
    FeedFault("page instead", "sends a page", FAILED, page(article("page"))),
    FeedFault("nothing", "sends nothing", FAILED, http(200)),
    FeedFault("garbage", "sends random bytes", FAILED, http(200, {}, bytes(range(256)) * 40)),
    FeedFault("status 500", "answers 500 with a feed", FAILED, http(500, {}, rss())),
    FeedFault("304 unasked", "answers 304 to a first request", FAILED, http(304)),
    FeedFault("cut", "ends before its Content-Length", FAILED, http(200, {}, rss(), length=9999)),
    FeedFault("cut gzip", "ends within a packed feed", FAILED,
              http(200, {"Content-Encoding": "gzip"}, gzip.compress(rss())[:-9])),
    FeedFault("trickles", "sends a byte at a time, for ever", FAILED, drip(b"HTTP/1.1 200 OK\r\n\r\n<rss>", b" ")),
    FeedFault("silence", "accepts and says nothing", FAILED, silent),
    FeedFault("five redirects", "sends on five times", READ,
              in_turn(*[_moved(f"/{n}") for n in range(5)], http(200, {}, rss()))),
    FeedFault("redirect circle", "sends on to itself", FAILED, _moved("/feed")),
    FeedFault("redirect to a private address", "sends on to 10.0.0.1", FAILED, _moved("http://10.0.0.1/")),
    FeedFault("redirect to a file", "sends on to file:///etc/passwd", FAILED, _moved("file:///etc/passwd")),
    FeedFault("odd ETag", "sends an ETag of odd bytes", READ, http(200, {"ETag": '"\x80\t\xff"'}, rss())),
    FeedFault("private address", "is configured at 10.0.0.1", FAILED, url="http://10.0.0.1/feed"),
]  # fmt: skip


@dataclass
class Results:
    """What one ingest over all faults gave: by fault, and what it connected to."""

    pages: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    feeds: dict[str, tuple[str, int]] = field(default_factory=dict)
    connected: set[tuple[str, int]] = field(default_factory=set)
    allowed: set[tuple[str, int]] = field(default_factory=set)
    fetches: list[dict[str, Any]] = field(default_factory=list)
    why_failed: dict[str, str | None] = field(default_factory=dict)
    status: str = ""


def run_all(folder: Any, patch: Any) -> Results:
    """One ingest over all faults. Limits are short, and what is not on loopback cannot be reached."""
    results = Results()
    with ExitStack() as parts:
        dead = parts.enter_context(DeadHost())
        hosts = {fault: parts.enter_context(Host(fault.behave, fault.robots)) for fault in PAGES}
        feed_hosts = {fault: parts.enter_context(Host(fault.behave)) for fault in FEEDS}
        items = "".join(_item(fault, hosts[fault], dead) for fault in PAGES)
        main = parts.enter_context(
            Host(http(200, {}, f"<rss><channel><title>T</title>{items}</channel></rss>".encode()))
        )
        everyone = [main, dead, *hosts.values(), *feed_hosts.values()]
        results.allowed = {("127.0.0.1", host.port) for host in everyone} | {("127.0.0.1", CLOSED)}
        allowed = ",".join([host.host for host in everyone] + [f"127.0.0.1:{CLOSED}"])
        _prepare(folder, patch, allowed, results.connected)
        urls = {"main": f"{main.base}/feed"}
        urls |= {f"f{n}": f.url.format(base=feed_hosts[f].base) for n, f in enumerate(FEEDS)}
        (folder / "feeds.toml").write_text(feeds_toml(**urls), encoding="utf-8")
        from flows.ingest import ingest

        report = ingest.fn(folder / "feeds.toml", None, force=True)
        _collect(results, report)
    return results


CLOSED = 9  # the port `discard`, where nothing listens


def _item(fault: Fault, host: Host, dead: DeadHost) -> str:
    base = host.base.replace("http:", "https:") if fault.https else host.base
    link = fault.link.format(base=base, host=host.host, port=host.port, dead=dead.base, closed=CLOSED)
    return (
        f"<item><title>{escape(fault.name)}</title><guid>{escape(fault.name)}</guid><link>{escape(link)}</link></item>"
    )


def _prepare(folder: Any, patch: Any, allowed: str, connected: set[tuple[str, int]]) -> None:
    """Short limits, a resolver that answers as it likes, and a network that ends at loopback."""
    real: Any = httpcore.AnyIOBackend.connect_tcp

    async def connect_tcp(self: Any, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        connected.add((host, port))
        if not host.startswith("127."):
            raise httpcore.ConnectError("no route")
        return await real(self, host, port, *args, **kwargs)

    names = {
        "inside.example": [["10.0.0.1"]],
        "both.example": [["127.0.0.1", "93.184.216.34"]],
        "rebind.example": [["93.184.216.34"], ["127.0.0.1"]],
        "no-such-host.invalid": [[]],
    }
    patch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect_tcp)
    patch.setattr(socket, "getaddrinfo", look_up(names, socket.getaddrinfo))
    patch.setattr("technews.web.CHAIN_SECONDS", 4.0)
    patch.setattr("technews.web.CONNECT_SECONDS", 2.0)
    # Few at once: with all hosts at a time, a busy machine needs seconds for each, and the limits would measure that.
    patch.setattr("technews.crawl.AT_ONCE", 12)
    patch.setattr("technews.crawl.LONG_SECONDS", 0.5)
    patch.setenv("TECHNEWS_HOME", str(folder / "home"))
    patch.setenv("TECHNEWS_CONFIG", str(PROJECT_ROOT / "config"))
    patch.setenv("TECHNEWS_ALLOW_HOSTS", allowed)
    patch.setenv("TECHNEWS_HOST_PAUSE", "0")


def _collect(results: Results, report: Any) -> None:
    with Warehouse(read_settings().warehouse, read_only=True) as store:
        _, rows = store.query("SELECT title, outcome, reason, attempts FROM entries WHERE feed_id = 'main'")
        results.pages = {title: (outcome, reason, attempts) for title, outcome, reason, attempts in rows}
        _, rows = store.query("SELECT feed_id, status, entries_seen, error FROM ledger.polls WHERE feed_id <> 'main'")
        results.feeds = {FEEDS[int(feed[1:])].name: (status, seen) for feed, status, seen, _ in rows}
        results.why_failed = {FEEDS[int(feed[1:])].name: why for feed, status, _, why in rows if status == "failed"}
        columns, rows = store.query("SELECT * FROM fetches")
        results.fetches = [dict(zip(columns, row, strict=True)) for row in rows]
    results.status = report.row["status"]


def described(results: Results) -> str:
    """The fault table as Markdown."""
    lines = ["| fault | what the server or link does | outcome | reason | attempts spent |", "|---|---|---|---|---|"]
    lines += [f"| {f.name} | {f.does} | {' | '.join(map(str, results.pages[f.name]))} |" for f in PAGES]
    lines += ["", "And of feeds:", "", "| fault | what the server does | poll | entries |", "|---|---|---|---|"]
    lines += [f"| {f.name} | {f.does} | {' | '.join(map(str, results.feeds[f.name]))} |" for f in FEEDS]
    return "\n".join([*lines, ""])


def with_table(text: str, table: str) -> str:
    """The page with this table."""
    return text.split(MARK, 1)[0] + MARK + table


PAGE = PROJECT_ROOT / "docs" / "faults.md"
MARK = "<!-- the table: .venv/bin/python tests/faults.py -->\n"

if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT_ROOT))
    with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patched:
        written = with_table(PAGE.read_text(encoding="utf-8"), described(run_all(Path(made), patched)))
    PAGE.write_text(written, encoding="utf-8")
