"""What the web module promises, over real sockets on the loopback."""

import gzip
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import httpcore
import httpx
import pytest

from technews import crawl, outbox, web
from technews.records import DateReading, Entry, Feed, Outcome, Page, Reason, Rejection
from technews.robots_cache import RobotsCopy
from technews.settings import Settings, read_settings
from technews.web import FeedAnswer, FeedRequest, Web, WebError

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"<!doctype html><title>Report</title><p>Apple and Alibaba agree.</p>"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Server:
    """A loopback server. Routes: path -> (status, headers, body) or a function of the handler."""

    def __init__(self) -> None:
        """Serves at once, on a free port."""
        self.routes: dict[str, Any] = {"/robots.txt": (404, {}, b"")}
        self.hits: list[tuple[float, str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                outer.hits.append((time.monotonic(), self.path, dict(self.headers.items())))
                route = outer.routes.get(self.path.partition("?")[0], (200, HTML, PAGE))
                with suppress(BrokenPipeError, ConnectionResetError):
                    if callable(route):
                        route(self)
                    else:
                        self.answer(*route)

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *args: None  # type: ignore[method-assign]
        self.host = f"127.0.0.1:{self.http.server_port}"
        self.base = f"http://{self.host}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def asked(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a path (query left out)."""
        return [headers for _, asked, headers in self.hits if asked.partition("?")[0] == path]


@pytest.fixture
def servers() -> Iterator[Callable[[], Server]]:
    """Starts servers, and stops them at the end."""
    started: list[Server] = []

    def start() -> Server:
        started.append(Server())
        return started[-1]

    yield start
    for server in started:
        server.http.shutdown()
        server.http.server_close()


@pytest.fixture
def server(servers: Callable[[], Server]) -> Server:
    """One server."""
    return servers()


def settings(*allowed: Server | str, pause: float = 0.0, contact: str | None = None) -> Settings:
    """Settings that allow these servers."""
    hosts = frozenset(s if isinstance(s, str) else s.host for s in allowed)
    return replace(read_settings({}, Path("/nonexistent")), allow_hosts=hosts, host_pause=pause, contact=contact)


def feed(url: str = "http://feeds.example/", name: str = "wire") -> Feed:
    """A feed as it would be declared."""
    return Feed(name, url, "Wire", "en", "US", "UTC", timedelta(minutes=30))


def entry(url: str | None, key: str = "e1", attempts: int = 0) -> Entry:
    """An entry that is due."""
    empty = DateReading()
    return Entry(key, feed(), url, "Title", None, "", "", empty, Outcome.PENDING, attempts, NOON)


def fetch_pages(configured: Settings, *urls: str | None, attempts: int = 0, wait: float = 10) -> dict[str, Any]:
    """The result for each URL, by its place (`e0`, `e1` and so on)."""
    with Web(configured) as client:
        client.request_pages([entry(url, f"e{place}", attempts) for place, url in enumerate(urls)])
        results = client.pages(1000, 1 << 40, wait)
        assert client.pages_open == 0
    return {result.entry.entry_id: result for result in results}


def fetch_page(configured: Settings, url: str | None, attempts: int = 0) -> Any:
    """The result for one URL."""
    return fetch_pages(configured, url, attempts=attempts)["e0"]


def fetch_feed(configured: Settings, request: FeedRequest) -> FeedAnswer:
    """The answer to one request."""
    with Web(configured) as client:
        client.request_feeds([request])
        answers = client.feed_answers(10, 10)
        assert (len(answers), client.feeds_open) == (1, 0)
    return answers[0]


@pytest.mark.parametrize("behind", [b"<p>nothing new</p>", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"])
@pytest.mark.parametrize("status", ["304 Not Modified", "204 No Content", "302 Found\r\nContent-Length: 0"])
def test_what_stands_behind_an_answer_is_no_other_ones(server, status, behind):
    """Some servers send a body with a 304; the next request must not take it, or a whole answer in it, for its own."""

    def answer(handler) -> None:
        handler.wfile.write(f"HTTP/1.1 {status}\r\n\r\n".encode() + behind)

    requests = [FeedRequest(feed(f"{server.base}/{n}", f"f{n}"), '"1"') for n in range(6)]
    server.routes |= {f"/{n}": answer for n in range(6)}
    with Web(settings(server)) as client:
        client.request_feeds(requests)
        answers = client.feed_answers(6, 10)
    statuses = {found.fetch.status for found in answers}
    assert (len(answers), statuses, {found.body for found in answers}) == (6, {int(status[:3])}, {b""})


def test_an_answer_whose_body_nobody_wants_is_not_read(server):
    """An error that goes on for ever, whatever length it states, costs neither time nor memory."""
    sent = []

    def answer(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent.extend(handler.wfile.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n") for _ in range(2_000))

    server.routes["/f"] = answer
    with Web(settings(server)) as client:
        client.request_feeds([FeedRequest(feed(f"{server.base}/f", "f"))])
        (found,) = client.feed_answers(1, 10)
    assert found.fetch.status == 404
    assert sum(sent) < 50_000_000


@pytest.mark.parametrize(
    "path", ["/a;v=1", "/a;jsessionid=1/b;c?x=1;y=2", "/a//b", "/%E8%8B%B9?q=%20+", "/a?", "/~b/@c:1"]
)
def test_an_address_is_asked_for_as_it_is_spelt(server, path):
    """The request line holds the whole path, with what follows a semicolon in it."""
    lines = []

    def answer(handler) -> None:
        lines.append(handler.path)
        handler.send_error(404)

    server.routes[path.partition("?")[0]] = answer
    with Web(settings(server)) as client:
        client.request_feeds([FeedRequest(feed(f"{server.base}{path}", "f"))])
        client.feed_answers(1, 10)
    assert {line.removesuffix("?") for line in lines} == {path.removesuffix("?")}


# ---- pages


def test_page_comes_with_what_was_sent(server: Server) -> None:
    """A page carries body, type, headers, final URL and the record of its request."""
    server.routes["/a"] = (200, {**HTML, "X-Note": "caf\u00e9"}, PAGE)
    page = fetch_page(settings(server), server.base + "/a#part", attempts=2)
    assert isinstance(page, Page)
    assert (page.url, page.body, page.content_type) == (server.base + "/a", PAGE, HTML["Content-Type"])
    assert ("X-Note", "caf\u00e9") in page.headers
    assert page.fetch is not None
    assert (page.fetch.kind, page.fetch.status, page.fetch.size, page.fetch.error) == ("page", 200, len(PAGE), None)
    assert (page.fetch.attempt, page.fetch.entry_id, page.fetch.feed_id) == (3, "e0", "wire")
    assert page.fetch.requested_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (404, Outcome.GONE, Reason.HTTP_404),
        (410, Outcome.GONE, Reason.HTTP_410),
        (403, Outcome.BLOCKED, Reason.HTTP_403),
        (418, Outcome.PENDING, Reason.SERVER_ERROR),
        (500, Outcome.PENDING, Reason.SERVER_ERROR),
        (202, Outcome.PENDING, Reason.SERVER_ERROR),
        (302, Outcome.PENDING, Reason.SERVER_ERROR),
    ],
)
def test_statuses_are_judged(server: Server, status: int, outcome: Outcome, reason: Reason) -> None:
    """A status that brings no page gives the outcome of the design; 302 without Location is a server's fault."""
    server.routes["/a"] = (status, HTML, b"<p>no")
    result = fetch_page(settings(server), server.base + "/a")
    assert (result.outcome, result.reason, result.fetch.status) == (outcome, reason, status)


def test_retry_after_is_respected(server: Server) -> None:
    """A 503 that asks for two hours is not tried again before."""
    server.routes["/a"] = (503, {"Retry-After": "7200"}, b"")
    result = fetch_page(settings(server), server.base + "/a")
    assert result.retry_at - datetime.now(UTC) > timedelta(minutes=119)


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({"Content-Type": "application/pdf"}, b"%PDF", Reason.NOT_HTML),
        ({"Content-Type": "text/plain"}, b"<p>", Reason.NOT_HTML),
        ({}, b"GIF89a", Reason.NOT_HTML),
        ({}, b" \n<!doctype html><p>x", None),
        ({"Content-Type": "Application/XHTML+xml; charset=gbk"}, b"<html/>", None),
    ],
    ids=["pdf", "plain", "untyped-gif", "untyped-html", "xhtml"],
)
def test_only_html_is_a_page(server: Server, headers: dict[str, str], body: bytes, reason: Reason | None) -> None:
    """The content type decides; where it is missing, a first `<` does."""
    server.routes["/a"] = (200, headers, body)
    result = fetch_page(settings(server), server.base + "/a")
    assert getattr(result, "reason", None) == reason


@pytest.mark.parametrize(
    ("url", "outcome", "reason"),
    [
        (None, Outcome.EMPTY, Reason.NO_LINK),
        ("", Outcome.EMPTY, Reason.NO_LINK),
        ("http://", Outcome.EMPTY, Reason.NO_LINK),
        ("ftp://files.example/a", Outcome.BLOCKED, Reason.SCHEME_REFUSED),
        ("javascript:void(0)", Outcome.BLOCKED, Reason.SCHEME_REFUSED),
        ("file:///etc/passwd", Outcome.BLOCKED, Reason.SCHEME_REFUSED),
        ("gopher://127.0.0.1:70/", Outcome.BLOCKED, Reason.SCHEME_REFUSED),
        ("http://user:word@10.0.0.1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://a.example\\@10.0.0.1/", Outcome.EMPTY, Reason.NO_LINK),
        ("http://a.example/\0", Outcome.EMPTY, Reason.NO_LINK),
        ("http://a.example/\r\nHost: b.example", Outcome.EMPTY, Reason.NO_LINK),
        ("http://0x7f000001/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://0177.0.0.1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://127.1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://\uff11\uff12\uff17.0.0.1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://127。0。0。1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://%31%32%37.0.0.1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://[::]/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://[64:ff9b::7f00:1]/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://[2002:7f00:1::]/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://[2001::1]/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://100.64.0.1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://224.0.0.1/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://127.0.0.1:9/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://2130706433/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://[::ffff:10.0.0.1]/", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
        ("http://169.254.169.254/latest", Outcome.BLOCKED, Reason.ADDRESS_REFUSED),
    ],
)
def test_links_that_must_not_be_followed(url: str | None, outcome: Outcome, reason: Reason) -> None:
    """Nothing is asked where there is no link, another scheme or a refused address, however it is spelt."""
    result = fetch_page(settings(), url)
    assert (result.outcome, result.reason, result.fetch) == (outcome, reason, None)


def test_user_names_in_links_are_left_out(server: Server) -> None:
    """A link with a user name is asked for and recorded without it, by redirect too: it is nobody's to use."""
    link = server.base.replace("//", "//ana:w0rd@")
    server.routes["/a"] = (302, {"Location": f"{link}/b"}, b"")
    page = fetch_page(settings(server), f"{link}/a")
    assert isinstance(page, Page)
    assert page.fetch is not None
    assert (page.fetch.url, page.fetch.final_url) == (f"{server.base}/a", f"{server.base}/b")
    assert not any("Authorization" in headers for _, _, headers in server.hits)
    server.routes["/a"] = (302, {"Location": "http://ana:w0rd@10.0.0.1/"}, b"")
    refused = fetch_page(settings(server), f"{link}/a")
    assert refused.reason is Reason.ADDRESS_REFUSED
    assert "w0rd" not in repr(replace(refused, entry=entry(None)))


def test_a_name_for_a_refused_address_is_refused(server: Server) -> None:
    """What a name leads to is checked at the connection: `localhost` is not allowed because 127.0.0.1 is."""
    url = f"http://localhost:{server.http.server_port}/a"
    result = fetch_page(settings(server), url)
    assert (result.outcome, result.reason) == (Outcome.BLOCKED, Reason.ADDRESS_REFUSED)
    assert server.hits == []


def test_an_allowed_name_is_looked_up_and_connected(server: Server) -> None:
    """A name that the settings allow works, through the project's own look-up."""
    host = f"localhost:{server.http.server_port}"
    assert isinstance(fetch_page(settings(host), f"http://{host}/a"), Page)


def test_proxies_of_the_environment_are_ignored(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would void the check of addresses."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert isinstance(fetch_page(settings(server), server.base + "/a"), Page)


def test_the_user_agent_is_honest(server: Server) -> None:
    """Name, version and the operator's contact; only codings that are unpacked here are asked for."""
    fetch_page(settings(server, contact="mailto:ops@news.example\r\nX: é"), server.base + "/a")
    headers = server.asked("/a")[0]
    assert headers["User-Agent"].startswith("technews/")
    assert headers["User-Agent"].endswith(" (+mailto:ops@news.exampleX: )")
    assert headers["Accept-Encoding"] == "gzip, deflate"


# ---- redirects


def test_redirects_are_followed_and_counted(server: Server) -> None:
    """Five redirects are followed, relative ones and ones in UTF-8 too; the sixth ends it."""
    for step in range(6):
        server.routes[f"/{step}"] = (302, {"Location": f"{step + 1}?q=caf\u00c3\u00a9"}, b"")
    page = fetch_page(settings(server), server.base + "/1")
    assert page.url == server.base + "/6?q=caf%C3%A9"
    result = fetch_page(settings(server), server.base + "/0")
    assert (result.outcome, result.reason) == (Outcome.UNREACHABLE, Reason.REDIRECT_LOOP)


@pytest.mark.parametrize("how", ["status", "meta"])
@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://10.0.0.1/secret", Reason.ADDRESS_REFUSED),
        ("http://127.0.0.1:1/secret", Reason.ADDRESS_REFUSED),
        ("http://[::1]:1/secret", Reason.ADDRESS_REFUSED),
        ("file:///etc/passwd", Reason.SCHEME_REFUSED),
        ("http://[broken", Reason.ADDRESS_REFUSED),
    ],
)
def test_redirects_are_checked(server: Server, how: str, target: str, reason: Reason) -> None:
    """Each target of a redirect, of a refreshing page too, is checked as the first address was."""
    refresh = f'<meta http-equiv="refresh" content="0; url={target}">'.encode()
    server.routes["/a"] = (302, {"Location": target}, b"") if how == "status" else (200, HTML, refresh)
    result = fetch_page(settings(server), server.base + "/a")
    if how == "meta" and target == "http://[broken":
        assert isinstance(result, Page)
    else:
        assert (result.outcome, result.reason) == (Outcome.BLOCKED, reason)
        assert result.fetch.final_url == server.base + "/a"


def test_meta_refresh_is_followed(server: Server) -> None:
    """A page that only sends its reader on is no page of its own."""
    server.routes["/old/a"] = (200, HTML, b"<meta http-equiv=refresh content='0; url=../new'>Moved.")
    assert fetch_page(settings(server), server.base + "/old/a").url == server.base + "/new"


def test_redirect_to_the_home_page_is_gone(server: Server) -> None:
    """A site that sends a vanished article's readers home has lost it; a link to the home page itself is a page."""
    server.routes["/a"] = server.routes["/fr/"] = (301, {"Location": "/"}, b"")
    results = fetch_pages(settings(server), server.base + "/a", server.base + "/", server.base + "/fr/")
    assert (results["e0"].outcome, results["e0"].reason) == (Outcome.GONE, Reason.REDIRECTED_HOME)
    assert isinstance(results["e1"], Page)
    assert isinstance(results["e2"], Page)


def test_cookies_live_within_one_chain(server: Server) -> None:
    """A cookie set on the way is sent on the same way, and forgotten afterwards."""

    def wall(handler: Any) -> None:
        if "seen=1" in (handler.headers["Cookie"] or ""):
            handler.answer(200, HTML, PAGE)
        else:
            handler.answer(302, {"Location": handler.path, "Set-Cookie": "seen=1; Path=/"}, b"")

    server.routes["/a"] = server.routes["/b"] = wall
    with Web(settings(server)) as client:
        for key in ("a", "b"):
            client.request_pages([entry(f"{server.base}/{key}", key)])
            assert isinstance(client.pages(1, 1, 10)[0], Page)
    assert [headers.get("Cookie") for headers in server.asked("/b")] == [None, "seen=1"]


# ---- limits


def test_a_bomb_never_inflates(server: Server) -> None:
    """30 MB that came as 30 kB are refused at 10 MB, and the process does not grow by them."""
    server.routes["/a"] = (200, {**HTML, "Content-Encoding": "gzip"}, gzip.compress(bytes(30 << 20)))
    result = fetch_page(settings(server), server.base + "/a")
    assert (result.outcome, result.reason, result.fetch.status) == (Outcome.EMPTY, Reason.TOO_LARGE, 200)


def test_an_announced_giant_is_not_read(server: Server) -> None:
    """A Content-Length beyond the limit is enough."""

    def giant(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        time.sleep(0.2)

    server.routes["/a"] = giant
    assert fetch_page(settings(server), server.base + "/a").reason is Reason.TOO_LARGE


def test_trickling_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for the whole chain, however steadily bytes drip."""
    monkeypatch.setattr(web, "CHAIN_SECONDS", 0.5)

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b"<p>")
            handler.wfile.flush()
            time.sleep(0.05)

    server.routes["/a"] = drip
    begin = time.monotonic()
    result = fetch_page(settings(server), server.base + "/a")
    assert (result.outcome, result.reason) == (Outcome.PENDING, Reason.TIMEOUT)
    assert time.monotonic() - begin < 1.5


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(PAGE)[:-6], "gzip", Reason.SERVER_ERROR),
        (b"\x1f\x8b" + PAGE, "gzip", Reason.SERVER_ERROR),
        (b"\x0b\x21", "br", Reason.SERVER_ERROR),
        (PAGE, "gzip", None),
        (gzip.compress(PAGE), "x-gzip", None),
    ],
    ids=["cut", "garbage", "brotli", "not-compressed", "x-gzip"],
)
def test_codings(server: Server, body: bytes, encoding: str, reason: Reason | None) -> None:
    """A body that cannot be unpacked is a server's fault, tried again; one that was never packed is taken as it is."""
    server.routes["/a"] = (200, {**HTML, "Content-Encoding": encoding}, body)
    result = fetch_page(settings(server), server.base + "/a")
    assert getattr(result, "reason", None) == reason
    assert reason or result.body == PAGE


def raw_server(reply: bytes) -> tuple[socket.socket, str]:
    """A server that says the same bytes to everyone, after a proper robots.txt."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                asked = peer.recv(65536)
                robots = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                with suppress(OSError):
                    peer.sendall(robots if b"/robots.txt" in asked else reply)
                peer.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener, f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\x00\xff garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<p>",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 30_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<p>",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
    ],
    ids=["silence", "garbage", "cut", "long-header", "many-headers", "bad-chunk", "two-lengths", "only-continue"],
)
def test_broken_answers_are_failures(reply: bytes) -> None:
    """What is no HTTP, or is cut short, is a failure to be tried again, never a traceback or half a page."""
    listener, host = raw_server(reply)
    result = fetch_page(settings(host), f"http://{host}/a")
    listener.close()
    assert isinstance(result, Rejection)
    assert result.outcome is Outcome.PENDING
    assert result.fetch is not None
    assert result.fetch.error


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with key.pem and cert.pem for 127.0.0.1, which nobody vouches for."""
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=a -keyout key.pem -out cert.pem"
    try:
        command += " -addext subjectAltName=IP:127.0.0.1"
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("openssl is needed to make a certificate")
    return folder


def tls_server(certificate: Path, protocol: str, talk: Callable[[ssl.SSLSocket], None]) -> tuple[socket.socket, int]:
    """A TLS server that offers one protocol and lets `talk` speak it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    context.set_alpn_protocols([protocol])
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with suppress(OSError):
                    talk(context.wrap_socket(peer, server_side=True))
                peer.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener, listener.getsockname()[1]


def talk_http2(peer: ssl.SSLSocket) -> None:
    """Answers every request of an HTTP/2 connection with a compressed page (and robots.txt with 404)."""
    state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    state.initiate_connection()
    peer.sendall(state.data_to_send())
    while data := peer.recv(65536):
        for event in state.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                found = dict(event.headers)[b":path"] != b"/robots.txt"
                headers = [(":status", "200" if found else "404"), ("content-type", "text/html")]
                state.send_headers(event.stream_id, [*headers, ("content-encoding", "gzip")])
                state.send_data(event.stream_id, gzip.compress(PAGE if found else b""), end_stream=True)
        peer.sendall(state.data_to_send())


def test_certificates_are_verified(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that nobody vouches for, or for another name, is a failed connection; its site is not read."""
    listener, port = tls_server(certificate, "h2", talk_http2)
    result = fetch_page(settings(f"127.0.0.1:{port}"), f"https://127.0.0.1:{port}/a")
    assert (result.outcome, result.reason) == (Outcome.PENDING, Reason.CONNECTION_FAILED)
    assert "CERTIFICATE_VERIFY_FAILED" in result.detail
    trusting = ssl.create_default_context(cafile=certificate / "cert.pem")
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **kwargs: trusting)
    result = fetch_page(settings(f"localhost:{port}"), f"https://localhost:{port}/a")
    assert "certificate is not valid for 'localhost'" in result.detail
    listener.close()


def test_http2_is_spoken(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where server and certificate are good, pages come over HTTP/2."""
    listener, port = tls_server(certificate, "h2", talk_http2)
    trusting = ssl.create_default_context(cafile=certificate / "cert.pem")
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **kwargs: trusting)
    results = fetch_pages(settings(f"127.0.0.1:{port}"), *[f"https://127.0.0.1:{port}/{n}" for n in range(5)])
    assert [results[f"e{n}"].body for n in range(5)] == [PAGE] * 5
    listener.close()


# ---- robots.txt


def test_robots_is_kept(server: Server) -> None:
    """A forbidden page is blocked without a request; robots.txt is asked for once, and its request is recorded."""
    server.routes["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /closed/\n")
    with Web(settings(server)) as client:
        client.request_pages([entry(server.base + "/closed/a", "a"), entry(server.base + "/open/b", "b")])
        results = {r.entry.entry_id: r for r in client.pages(10, 1 << 30, 10)}
        fetches = client.drain_fetches()
    assert (results["a"].outcome, results["a"].reason) == (Outcome.BLOCKED, Reason.ROBOTS)
    assert isinstance(results["b"], Page)
    assert [path for _, path, _ in server.hits] == ["/robots.txt", "/open/b"]
    assert [(f.kind, f.status, f.entry_id) for f in fetches] == [("robots", 200, None)]


def test_robots_holds_for_the_target_of_a_redirect(servers: Callable[[], Server]) -> None:
    """A page that its own site forbids is not read through another site's redirect."""
    first, second = servers(), servers()
    first.routes["/a"] = (302, {"Location": second.base + "/closed"}, b"")
    second.routes["/robots.txt"] = (200, {}, b"User-agent: technews\nDisallow: /closed\n")
    result = fetch_page(settings(first, second), first.base + "/a")
    assert (result.outcome, result.reason) == (Outcome.BLOCKED, Reason.ROBOTS)
    assert second.asked("/closed") == []
    assert result.fetch.status == 302


def test_robots_redirect_is_followed(servers: Callable[[], Server]) -> None:
    """Rules that lie elsewhere hold (RFC 9309 section 2.3.1.2)."""
    first, second = servers(), servers()
    first.routes["/robots.txt"] = (301, {"Location": second.base + "/rules"}, b"")
    second.routes["/rules"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n")
    assert fetch_page(settings(first, second), first.base + "/a").reason is Reason.ROBOTS


@pytest.mark.parametrize(
    "answer", [(301, {"Location": "/robots.txt"}, b""), (302, {"Location": "http://10.0.0.1/"}, b"")]
)
def test_robots_behind_bad_redirects_forbids_nothing(server: Server, answer: Any) -> None:
    """Redirects in a circle, or to a refused address, are rules that cannot be had (RFC 9309 section 2.3.1.3)."""
    server.routes["/robots.txt"] = answer
    assert isinstance(fetch_page(settings(server), server.base + "/a"), Page)


def test_unreachable_robots_forbids_all_for_now(server: Server) -> None:
    """A robots.txt that answers 500 keeps its host's entries pending, without an attempt spent."""
    server.routes["/robots.txt"] = (500, {}, b"")
    results = fetch_pages(settings(server), server.base + "/a", server.base + "/b")
    assert {r.reason for r in results.values()} == {Reason.ROBOTS_UNREACHABLE}
    assert not any(r.spent for r in results.values())
    assert len(server.hits) == 1


def test_a_dead_host_costs_three_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three failed connections stop a host for this run: each costs its entry an attempt, the rest spends none."""
    listener = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    with Web(settings(host)) as client:
        client.request_pages([entry(f"http://{host}/{n}", f"e{n}") for n in range(50)])
        results = client.pages(1000, 1 << 40, 10)
        assert client.pages_open == 0
        fetches = client.drain_fetches()
    assert [r.entry.entry_id for r in results] == ["e0", "e1", "e2"]
    assert {(r.outcome, r.reason, r.spent) for r in results} == {(Outcome.PENDING, Reason.CONNECTION_FAILED, True)}
    assert [fetch.kind for fetch in fetches] == ["robots"] * 3
    assert fetch_page(settings(host), f"http://{host}/", attempts=5).reason is Reason.ATTEMPTS_USED_UP


@pytest.mark.parametrize("status", [429, 503])
def test_one_refusal_of_robots_stops_a_host(server: Server, status: int) -> None:
    """A robots.txt that answers 429 or 503 ends its host for this run; the entries wait as long as it asks for."""
    server.routes["/robots.txt"] = (status, {"Retry-After": "7200"}, b"")
    with Web(settings(server)) as client:
        client.request_pages([entry(f"{server.base}/{n}", f"e{n}") for n in range(9)])
        results = client.pages(1000, 1 << 40, 10)
        client.request_feeds([FeedRequest(feed(server.base + "/feed"))])
        (answer,) = client.feed_answers(1, 10)
    assert len(server.hits) == 1
    assert {(r.reason, r.spent) for r in results} == {(Reason.ROBOTS_UNREACHABLE, False)}
    assert all(r.retry_at - datetime.now(UTC) > timedelta(minutes=119) for r in results)
    assert "not asked" in (answer.fetch.error or "")


def test_a_copy_of_robots_serves_the_next_run(server: Server) -> None:
    """What was read holds in the next run without being asked for again, Crawl-delay included."""
    server.routes["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /closed\nCrawl-delay: 0.3\n")
    with Web(settings(server)) as client:
        client.request_pages([entry(server.base + "/closed", "a")])
        assert client.pages(1, 1, 10)[0].reason is Reason.ROBOTS  # type: ignore[union-attr]
        (copy,) = client.drain_robots()
        assert client.drain_robots() == []
    with Web(settings(server), robots=[copy]) as client:
        client.request_pages([entry(server.base + path, path) for path in ("/closed", "/a", "/b")])
        results = {r.entry.entry_id: r for r in client.pages(3, 1 << 30, 10)}
        assert client.drain_robots() == []
    assert getattr(results["/closed"], "reason", None) is Reason.ROBOTS
    assert [path for _, path, _ in server.hits] == ["/robots.txt", "/a", "/b"]
    assert server.hits[2][0] - server.hits[1][0] > 0.2


def test_an_old_copy_of_robots_is_asked_for_again(server: Server) -> None:
    """A copy that is no longer good does not hold, and what the site says now replaces it."""
    old = RobotsCopy(server.base, NOON, b"User-agent: *\nDisallow: /", "", NOON, NOON)
    with Web(settings(server), robots=[old]) as client:
        client.request_pages([entry(server.base + "/a")])
        assert isinstance(client.pages(1, 1, 10)[0], Page)
        (copy,) = client.drain_robots()
    assert (copy.body, copy.origin) == (b"", server.base)


def test_an_old_copy_of_robots_serves_while_it_cannot_be_had(server: Server) -> None:
    """After a day of failures the last copy holds again: the open pages are read, the closed ones are not."""
    server.routes["/robots.txt"] = (500, {}, b"")
    old = RobotsCopy(server.base, NOON, b"User-agent: *\nDisallow: /closed", "", NOON, NOON, NOON)
    with Web(settings(server), robots=[old]) as client:
        client.request_pages([entry(server.base + "/closed", "a"), entry(server.base + "/b", "b")])
        results = {r.entry.entry_id: r for r in client.pages(2, 1 << 30, 10)}
    assert getattr(results["a"], "reason", None) is Reason.ROBOTS
    assert isinstance(results["b"], Page)


# ---- manners


def test_pause_between_starts(server: Server) -> None:
    """Starts on one host keep the pause of the settings, or the longer Crawl-delay."""
    server.routes["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 0.3\n")
    fetch_pages(settings(server, pause=0.1), *[f"{server.base}/{n}" for n in range(3)])
    starts = [at for at, _, _ in server.hits]
    gaps = [after - before for before, after in pairwise(starts)]
    assert gaps[0] > 0.08
    assert all(gap > 0.28 for gap in gaps[1:])


def test_two_at_a_time_on_a_host(server: Server) -> None:
    """No host is asked for more than two pages at once."""
    lock, now, most = threading.Lock(), [0], [0]

    def slow(handler: Any) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        handler.answer(200, HTML, PAGE)

    for n in range(8):
        server.routes[f"/{n}"] = slow
    assert len(fetch_pages(settings(server), *[f"{server.base}/{n}" for n in range(8)])) == 8
    assert most[0] == 2


def test_a_slow_host_holds_up_nobody(servers: Callable[[], Server]) -> None:
    """Pages of other hosts come while one host sleeps, though its pages were asked for first."""
    slow, fast = servers(), servers()
    sleep = threading.Event()
    for n in range(50):
        slow.routes[f"/{n}"] = lambda handler: sleep.wait(10)
    with Web(settings(slow, fast)) as client:
        client.request_pages([entry(f"{slow.base}/{n}", f"s{n}") for n in range(50)])
        client.request_pages([entry(f"{fast.base}/{n}", f"f{n}") for n in range(50)])
        begin = time.monotonic()
        results = client.pages(50, 1 << 30, 10)
        took = time.monotonic() - begin
        sleep.set()
    assert {r.entry.entry_id[0] for r in results} == {"f"}
    assert took < 3


def test_many_slow_hosts_hold_up_nobody(servers: Callable[[], Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """More sleeping hosts than there are places do not keep a good one from its turn."""
    monkeypatch.setattr(crawl, "LONG_SECONDS", 0.3)
    monkeypatch.setattr(crawl, "AT_ONCE", 24)
    slow, fast = [servers() for _ in range(14)], servers()
    sleep = threading.Event()
    for server in slow:
        server.routes["/0"] = server.routes["/1"] = lambda handler: sleep.wait(10)
    with Web(settings(fast, *slow)) as client:
        client.request_pages([entry(f"{server.base}/{n}", f"{server.host}/{n}") for server in slow for n in range(2)])
        client.request_pages([entry(f"{fast.base}/{n}", f"f{n}") for n in range(5)])
        results = client.pages(5, 1 << 30, 5)
        sleep.set()
    assert sorted(r.entry.entry_id for r in results) == [f"f{n}" for n in range(5)]


def test_a_busy_host_is_left_alone(server: Server) -> None:
    """After three refusals in a row, with growing pauses, the rest of a host waits for another run."""
    for n in range(20):
        server.routes[f"/{n}"] = (429, {}, b"")
    begin = time.monotonic()
    results = fetch_pages(settings(server), *[f"{server.base}/{n}" for n in range(20)])
    assert 3 <= len(results) <= 4
    assert len(server.hits) - 1 == len(results)
    assert time.monotonic() - begin > 0.9


def test_retry_after_delays_its_own_url(server: Server) -> None:
    """A page that asks to be left alone for an hour is; the others of its host are read."""
    server.routes["/0"] = (503, {"Retry-After": "7200"}, b"")
    results = fetch_pages(settings(server), *[f"{server.base}/{n}" for n in range(4)])
    assert results["e0"].retry_at - datetime.now(UTC) > timedelta(minutes=119)
    assert [type(results[f"e{n}"]) for n in range(1, 4)] == [Page] * 3


def test_three_broken_connections_end_a_host_for_this_run() -> None:
    """So do three failed connections in a row; what was not asked has no answer and spends nothing."""
    listener, host = raw_server(b"")
    results = fetch_pages(settings(host), *[f"http://{host}/{n}" for n in range(20)])
    listener.close()
    assert 3 <= len(results) <= 4


# ---- feeds


def test_conditional_get(server: Server) -> None:
    """What the server said about its last answer is said back to it, byte for byte; 304 keeps it."""
    server.routes["/feed"] = lambda h: h.answer(304 if h.headers["If-None-Match"] else 200, {"ETag": 'W/"\u00e9"'}, b"")
    first = fetch_feed(settings(server), FeedRequest(feed(server.base + "/feed")))
    assert (first.status, first.etag) == ("changed", 'W/"\u00e9"')
    again = fetch_feed(settings(server), FeedRequest(feed(server.base + "/feed"), first.etag, "Fri, 02 Jan 2026"))
    assert (again.status, again.etag, again.last_modified) == ("not_modified", first.etag, "Fri, 02 Jan 2026")
    assert server.asked("/feed")[1]["If-Modified-Since"] == "Fri, 02 Jan 2026"


def test_feeds_need_no_robots(server: Server) -> None:
    """The operator chose the feed: robots.txt is not asked for."""
    server.routes["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /\n")
    answer = fetch_feed(settings(server), FeedRequest(feed(server.base + "/feed")))
    assert (answer.status, answer.body) == ("changed", PAGE)
    assert server.asked("/robots.txt") == []


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), "/2"), ((308, 301), "/3"), ((302,), None), ((301, 302), "/2"), ((307, 301), None)],
)
def test_permanent_redirects_are_told(server: Server, statuses: tuple[int, ...], moved: str | None) -> None:
    """Only what was moved for good from the start on is the new address."""
    for place, status in enumerate(statuses, start=1):
        server.routes[f"/{place}"] = (status, {"Location": f"/{place + 1}"}, b"")
    answer = fetch_feed(settings(server), FeedRequest(feed(server.base + "/1")))
    assert answer.permanent_redirect == (server.base + moved if moved else None)
    assert answer.final_url == f"{server.base}/{len(statuses) + 1}"


def test_credentials_never_come_back(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials reach the server of the feed, and nothing that is handed on holds them."""
    monkeypatch.setenv("WIRE_KEY", "s3cret/ko=")
    monkeypatch.setenv("WIRE_USER", "ana")
    url = server.base.replace("http://", "http://${WIRE_USER}:${WIRE_KEY}@") + "/feed?key=${WIRE_KEY}"

    def echo(handler: Any) -> None:
        handler.answer(
            200, {"X-Echo": handler.path, "ETag": "s3cret/ko="}, f"<a href='{handler.path}'>s3cret/ko=</a>".encode()
        )

    server.routes["/feed"] = lambda h: h.answer(301, {"Location": "/moved?" + h.path.partition("?")[2]}, b"")
    server.routes["/moved"] = echo
    answer = fetch_feed(settings(server), FeedRequest(feed(url)))
    assert answer.status == "changed"
    assert server.hits[0][1] == "/feed?key=s3cret%2Fko%3D"
    assert [h["Authorization"] for _, _, h in server.hits] == ["Basic YW5hOnMzY3JldC9rbz0="] * 2
    assert "s3cret" not in repr(replace(answer, fetch=replace(answer.fetch))) + answer.body.decode()
    assert answer.fetch.url == url
    assert answer.final_url == f"{server.base}/moved?key=${{WIRE_KEY}}"


@pytest.mark.parametrize(
    ("route", "answer"),
    [
        ("/a", (302, {"Location": "/target?token=T0kenT0ken"}, b"")),
        ("/a", (302, {"Location": "ftp://x.example/T0kenT0ken"}, b"")),
        ("/a", (200, HTML, b"<meta http-equiv=refresh content='0; url=/target?token=T0kenT0ken'>")),
        ("/a", (200, {**HTML, "X-Token": "T0kenT0ken"}, PAGE + b"<link rel=canonical href='/a?token=T0kenT0ken'>")),
        ("/a", (200, {"Content-Type": "T0kenT0ken/x"}, b"%PDF")),
        ("/robots.txt", (302, {"Location": "/target?token=T0kenT0ken"}, b"")),
        ("/robots.txt", (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /T0kenT0ken\n")),
    ],
)
def test_no_page_hands_on_the_secret_of_a_feed(
    server: Server, monkeypatch: pytest.MonkeyPatch, route: str, answer: Any
) -> None:
    """Redirects are followed as they are; results, fetches and copies of robots.txt hold the placeholder."""
    monkeypatch.setenv("WIRE_KEY", "T0kenT0ken")
    server.routes["/target?token=T0kenT0ken"] = (200, HTML, PAGE)
    server.routes[route] = answer
    with Web(settings(server)) as client:
        client.keep_secret(["https://feeds.example/feed?key=${WIRE_KEY}"])
        client.request_pages([entry(server.base + "/a")])
        found = [*client.pages(10, 1 << 40, 10), *client.drain_fetches(), *client.drain_robots()]
    shown = repr(found) + repr([getattr(each, "body", b"") for each in found])
    assert "T0ken" not in shown
    if "Location" in repr(answer) and "ftp" not in repr(answer):
        assert any("T0kenT0ken" in path for _, path, _ in server.hits)


def test_credentials_stay_at_home(servers: Callable[[], Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect to another origin does not take the user's name along."""
    monkeypatch.setenv("WIRE_KEY", "s3cret")
    first, second = servers(), servers()
    first.routes["/feed"] = (302, {"Location": second.base + "/feed"}, b"")
    fetch_feed(settings(first, second), FeedRequest(feed(f"http://ana:${{WIRE_KEY}}@{first.host}/feed")))
    assert "Authorization" in first.asked("/feed")[0]
    assert "Authorization" not in second.asked("/feed")[0]


def test_failures_do_not_leak_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does the text of an error: the key is part of the host's name here."""
    monkeypatch.setenv("WIRE_KEY", "k3yk3y")
    answer = fetch_feed(settings(), FeedRequest(feed("http://${WIRE_KEY}.invalid/${WIRE_KEY}")))
    assert answer.status == "failed"
    assert answer.fetch.error
    assert "k3yk3y" not in repr(answer)


def test_a_credential_too_short_to_hide_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that stands in every text is not sent at all: the failure names its variable."""
    monkeypatch.setenv("WIRE_KEY", "zq")
    answer = fetch_feed(settings(), FeedRequest(feed("https://feeds.example/?key=${WIRE_KEY}")))
    assert "WIRE_KEY is too short" in (answer.fetch.error or "")
    assert "zq" not in repr(answer)


@pytest.mark.parametrize("value", ["k3yk3y]", "k3yk3y:99999x", "k3yk3y\ud800", "k3yk3y\u2100"])
def test_an_address_that_a_credential_breaks(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a value holds, it makes a feed fail, and does not show in the failure."""
    monkeypatch.setattr("technews.crawl.os.environ", {"WIRE_KEY": value})
    for url in ("http://[${WIRE_KEY}.invalid:1/", "http://${WIRE_KEY}.invalid/", "http://a.invalid/${WIRE_KEY}"):
        answer = fetch_feed(settings(), FeedRequest(feed(url)))
        assert answer.status == "failed"
        assert "k3yk3y" not in repr(answer)


def test_a_missing_credential_is_named() -> None:
    """The failure says which variable to set."""
    assert "TECHNEWS_NO_SUCH_KEY" not in os.environ
    answer = fetch_feed(settings(), FeedRequest(feed("https://feeds.example/?key=${TECHNEWS_NO_SUCH_KEY}")))
    assert (answer.status, answer.fetch.error) == ("failed", "the environment variable TECHNEWS_NO_SUCH_KEY is not set")


def test_feed_failures(server: Server) -> None:
    """A failed feed says its status or error, and the wait that was asked for in seconds."""
    server.routes["/busy"] = (503, {"Retry-After": "30"}, b"")
    server.routes["/loop"] = (302, {"Location": "/loop"}, b"")
    busy = fetch_feed(settings(server), FeedRequest(feed(server.base + "/busy")))
    assert (busy.status, busy.fetch.status, busy.retry_after) == ("failed", 503, 30)
    loop = fetch_feed(settings(server), FeedRequest(feed(server.base + "/loop")))
    assert (loop.status, loop.fetch.error) == ("failed", "more than 5 redirects")


def test_every_feed_of_a_dead_host_has_failed() -> None:
    """A feed that was not asked because its host failed three times could not be read either: it is told."""
    listener = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    with Web(settings(host)) as client:
        client.request_feeds([FeedRequest(feed(f"http://{host}/{n}", f"f{n}")) for n in range(9)])
        answers: list[FeedAnswer] = []
        while client.feeds_open:
            answers += client.feed_answers(4, 5)
    assert len(answers) == 9
    assert {answer.status for answer in answers} == {"failed"}
    assert sum("not asked" in (answer.fetch.error or "") for answer in answers) >= 5


# ---- the run


def test_no_entry_is_asked_twice(server: Server) -> None:
    """An entry that was asked for in this run is ignored."""
    with Web(settings(server)) as client:
        client.request_pages([entry(server.base + "/a"), entry(server.base + "/a")])
        client.request_pages([entry(server.base + "/a")])
        assert len(client.pages(10, 1 << 30, 10)) == 1
        assert client.pages_open == 0


def test_limits_of_a_batch(server: Server) -> None:
    """A batch ends at its count or its bytes; the rest is still there."""
    with Web(settings(server)) as client:
        client.request_pages([entry(f"{server.base}/{n}", str(n)) for n in range(10)])
        assert len(client.pages(3, 1 << 30, 10)) == 3
        assert len(client.pages(10, len(PAGE) + 1, 10)) == 2
        assert client.pages_open == 5
        assert client.pages(10, 1 << 30, 10) != []


def test_waiting_ends(server: Server) -> None:
    """Whoever waits for a server that says nothing gets an empty list in time."""
    sleep = threading.Event()
    server.routes["/a"] = lambda handler: sleep.wait(10)
    with Web(settings(server)) as client:
        client.request_pages([entry(server.base + "/a")])
        begin = time.monotonic()
        assert client.pages(1, 1, 0.3) == []
        assert 0.25 < time.monotonic() - begin < 1
        assert client.feed_answers(1, 5) == []  # nothing was asked for: no wait
        begin = time.monotonic()
    assert time.monotonic() - begin < 2
    sleep.set()


def test_nothing_is_fetched_far_ahead(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that nobody collects stop the fetching of more."""
    monkeypatch.setattr(outbox, "MAX_WAITING", 10)
    with Web(settings(server)) as client:
        client.request_pages([entry(f"{server.base}/{n}", str(n)) for n in range(60)])
        time.sleep(0.5)
        assert len(server.hits) - 1 <= 14
        assert len(client.pages(60, 1 << 30, 20)) == 60


def test_the_deadline_cuts_off(server: Server) -> None:
    """At the deadline nothing starts, what runs is cut off, and all that is left has no answer."""
    sleep = threading.Event()
    server.routes["/slow"] = lambda handler: sleep.wait(10)
    with Web(settings(server), deadline=time.monotonic() + 0.5) as client:
        client.request_pages([entry(f"{server.base}/slow", "s"), entry(f"{server.base}/a", "a")])
        begin = time.monotonic()
        assert [r.entry.entry_id for r in client.pages(10, 1 << 30, 10)] == ["a"]
        assert time.monotonic() - begin < 2
        client.request_pages([entry(f"{server.base}/late", "l")])
        client.request_feeds([FeedRequest(feed(f"{server.base}/late"))])
        assert (client.pages(10, 1 << 30, 2), client.feed_answers(1, 2)) == ([], [])
        assert (client.pages_open, client.feeds_open) == (0, 0)
        assert [f.error for f in client.drain_fetches() if f.kind == "page"] == ["cut off: the run was over"]
    assert server.asked("/late") == []
    sleep.set()


def test_every_request_is_recorded_at_the_deadline(server: Server) -> None:
    """What is cut off and what was finished but not taken up leave the record of their requests, once."""
    sleep = threading.Event()
    server.routes["/slow"] = lambda handler: sleep.wait(10)
    with Web(settings(server), deadline=time.monotonic() + 0.6) as client:
        client.request_feeds([FeedRequest(feed(f"{server.base}/feed"))])
        client.request_pages([entry(f"{server.base}/{name}", name) for name in ("slow", "a", "b")])
        time.sleep(0.61)
        fetches = client.drain_fetches()
        assert client.drain_fetches() == []
        assert (client.pages(9, 1 << 30, 1), client.feed_answers(9, 1)) == ([], [])
        assert (client.pages_open, client.feeds_open) == (0, 0)
    asked = sorted(path for _, path, _ in server.hits)
    assert asked == ["/a", "/b", "/feed", "/robots.txt", "/slow"]
    assert sorted(fetch.url.removeprefix(server.base) for fetch in fetches) == asked
    assert [fetch.error for fetch in fetches if fetch.status is None] == ["cut off: the run was over"]
    sleep.set()


def test_a_run_does_not_stay_for_pauses_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all that is left waits for pauses, the run ends after a while, long before its deadline."""
    monkeypatch.setattr(crawl, "PAUSES_SECONDS", 1.0)
    server.routes["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 0.4\n")
    begin = time.monotonic()
    with Web(settings(server), deadline=begin + 60) as client:
        client.request_pages([entry(f"{server.base}/{n}", str(n)) for n in range(200)])
        done = client.pages(200, 1 << 30, 20)
        assert client.pages_open == 0
    assert 2 <= len(done) <= 4
    assert 0.9 < time.monotonic() - begin < 3


def test_a_good_host_is_not_cut_off_with_the_pausing_one(
    servers: Callable[[], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that stays no longer for pauses still does all that needs none."""
    monkeypatch.setattr(crawl, "PAUSES_SECONDS", 0.0)
    slow, good = servers(), servers()
    slow.routes["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 30\n")
    good.routes["/0"] = lambda handler: (time.sleep(0.5), handler.answer(200, HTML, PAGE))
    with Web(settings(slow, good), deadline=time.monotonic() + 60) as client:
        client.request_pages([entry(f"{slow.base}/{n}", f"s{n}") for n in range(9)])
        client.request_pages([entry(f"{good.base}/{n}", f"g{n}") for n in range(40)])
        done = [result.entry.entry_id for result in client.pages(200, 1 << 30, 20)]
    assert sum(name.startswith("g") for name in done) == 40
    assert sum(name.startswith("s") for name in done) <= 1


def test_what_cannot_start_before_the_deadline_is_given_up(server: Server) -> None:
    """A Crawl-delay longer than the run does not hold the run open."""
    server.routes["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 1000\n")
    begin = time.monotonic()
    with Web(settings(server), deadline=begin + 60) as client:
        client.request_pages([entry(f"{server.base}/{n}", str(n)) for n in range(5)])
        assert len(client.pages(10, 1 << 30, 10)) == 1
    assert time.monotonic() - begin < 3


def test_a_dead_thread_is_heard(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own raises in the caller, at once."""

    def fail(*args: object) -> None:
        raise ZeroDivisionError("test")

    monkeypatch.setattr("technews.chains.judge_page", fail)
    client = Web(settings(server))
    client.__enter__()
    client.request_pages([entry(server.base + "/a")])
    with pytest.raises(WebError, match="ZeroDivisionError"):
        client.pages(1, 1, 10)
    with pytest.raises(WebError, match="ZeroDivisionError"):
        client.__exit__(None, None, None)


def test_an_answer_that_cannot_be_judged_costs_its_own_entry(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a server sends, the run goes on."""

    def fail(*args: object) -> None:
        raise ZeroDivisionError("test")

    monkeypatch.setattr("technews.chains.redirect_of", fail)
    with Web(settings(server)) as client:
        client.request_pages([entry(server.base + "/a")])
        (answer,) = client.pages(1, 1, 10)
    assert isinstance(answer, Rejection)
    assert "ZeroDivisionError" in answer.detail


def test_a_hanging_resolver_does_not_hold_the_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a look-up at the end."""
    sleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [sleep.wait(10)] * 0)
    begin = time.monotonic()
    with Web(settings()) as client:
        client.request_pages([entry("http://slow.example/a")])
        assert client.pages(1, 1, 0.2) == []
    sleep.set()
    assert time.monotonic() - begin < 2


def test_rebinding_is_in_vain(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is looked up once for a connection, and what was checked is what is connected to."""
    answers = iter(["192.0.2.1", "127.0.0.1"])
    looked_up: list[str] = []

    def look_up(host: str, port: int, **kwargs: object) -> list[tuple[Any, ...]]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    result = fetch_page(settings(), f"http://rebind.example:{server.http.server_port}/a")
    assert result.reason is Reason.ADDRESS_REFUSED
    assert looked_up == ["rebind.example"]
    assert server.hits == []


def test_rebinding_over_a_whole_run_is_in_vain(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public first and private from then on: the private listener sees no connection at all."""
    private = socket.create_server(("127.0.0.1", 0))
    port = private.getsockname()[1]
    answers = iter(["93.184.216.34"])
    connected: list[str] = []

    def look_up(host: str, port: int, **kwargs: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers, "127.0.0.1"), port))]

    async def connect_tcp(self: object, host: str, *args: object, **kwargs: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no route")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect_tcp)
    results = fetch_pages(settings(), *[f"http://rebind.example:{port}/{n}" for n in range(6)])
    assert connected == ["93.184.216.34"]
    assert [results[f"e{n}"].reason for n in range(6)] == [Reason.CONNECTION_FAILED] + [Reason.ADDRESS_REFUSED] * 5
    private.settimeout(0.05)
    with pytest.raises(TimeoutError):
        private.accept()
    private.close()
