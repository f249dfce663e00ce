"""A small local newsroom: one web server for each invented outlet, with feeds, pages and robots.txt.

It serves over plain HTTP on the loopback interface only, answers conditional requests (RFC 9110, section 13) and
compresses where the client accepts it. `edition` may be moved on while it runs; each edition is made once.

Exceptions:

    PortTaken           something else listens on a port that an outlet needs, or a home was made with other ports
"""

import gzip
import json
import re
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Final, Self
from urllib.parse import urlsplit

from demo.editions import Document, missing, site_of
from demo.sources import EDITIONS, read_library

DEFAULT_PORT: Final = 8970
_HOST: Final = "127.0.0.1"
_PORT: Final = re.compile(r"//127\.0\.0\.1:(\d+)/")
_POLL: Final = 0.05  # seconds in which a server notices that it is to stop
_GZIP_FROM: Final = 500  # bytes; below it compression gains nothing


class PortTaken(Exception):  # noqa: N818 - reads as what happened, and callers show it as such
    """A port cannot be used, or not with this home; the message says which and what to do."""


class Newsroom:
    """The running newsroom, a context manager.

    Outlet *i* listens on `port` + i (0: on any free ports). `slow` is the seconds after which the slow page answers.
    `requests` counts requests by outlet and path (`saltmarsh-wire/robots.txt`), conditional ones too.
    """

    def __init__(self, port: int = DEFAULT_PORT, *, edition: int = 1, slow: float = 3.0) -> None:
        """Reads the articles; nothing listens before the context is entered."""
        self._library = read_library()
        if not 0 <= port <= 65536 - len(self._library.outlets):
            raise ValueError(f"port {port}: choose one from 1 to {65536 - len(self._library.outlets)}, or 0 for any")
        self.port = port
        self.requests: Counter[str] = Counter()
        self.stopping = threading.Event()
        self._slow = slow
        self._lock = threading.Lock()
        self._servers: dict[str, _OutletServer] = {}
        self._editions: dict[int, dict[str, Document]] = {}
        self.edition = edition

    @property
    def edition(self) -> int:
        """The edition that is served now: 1 or 2."""
        return self._edition

    @edition.setter
    def edition(self, edition: int) -> None:
        if edition not in EDITIONS:
            raise ValueError(f"there is no edition {edition}; choose one of {', '.join(map(str, EDITIONS))}")
        self._edition = edition

    def __enter__(self) -> Self:
        """Binds every port, then starts to serve. Raises PortTaken, and holds no port then."""
        try:
            for place, outlet in enumerate(self._library.outlets):
                port = self.port + place if self.port else 0
                self._servers[outlet] = _bound(port, self, outlet)
        except PortTaken:
            self._close()
            raise
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True).start()
        self.port = next(iter(self._servers.values())).server_port
        return self

    def __exit__(self, *_: object) -> None:
        """Stops serving and frees all ports."""
        self.stopping.set()
        with ThreadPoolExecutor(len(self._servers)) as pool:  # each stop waits for its server's next look
            list(pool.map(lambda server: server.shutdown(), self._servers.values()))
        self._close()

    @property
    def bases(self) -> dict[str, str]:
        """The address of each outlet's front page, without the last slash."""
        return {outlet: f"http://{_HOST}:{server.server_port}" for outlet, server in self._servers.items()}

    @property
    def allow_hosts(self) -> str:
        """The newsroom's hosts in the form of the setting TECHNEWS_ALLOW_HOSTS."""
        return ",".join(urlsplit(base).netloc for base in self.bases.values())

    def feeds_toml(self) -> str:
        """The newsroom's feeds in the form of `config/feeds.toml`."""
        bases, outlets = self.bases, self._library.outlets
        tables = ["# Made by the demo: the feeds of its newsroom.\n"]
        for channel in self._library.channels:
            outlet = outlets[channel.outlet]
            values = {
                "id": channel.id,
                "url": bases[outlet.id] + channel.path,
                "title": channel.title,
                "language": outlet.language[:2],
                "country": outlet.country,
                "timezone": outlet.timezone,
                "every": "10m",
                "full_text": channel.full_text,
            }
            # A JSON text or truth value is the same in TOML.
            lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
            tables.append("[[feed]]\n" + "".join(lines))
        return "\n".join(tables)

    def demand_own_home(self, home: Path) -> None:
        """Raises PortTaken where the home was filled from another port: there every address would be a new one."""
        now = int(_PORT.findall(self.feeds_toml())[0])
        for path in (home / "feeds.toml", home / "config" / "feeds.toml"):
            made = _PORT.findall(path.read_text(encoding="utf-8")) if path.exists() else []
            if made and int(made[0]) != now:
                port = self.port + int(made[0]) - now
                raise PortTaken(f"{home} was made with TECHNEWS_DEMO_PORT={port}: use that, or `rm -r {home}` first")

    def write_feeds(self, path: Path) -> None:
        """Writes `feeds_toml` to a file, making its folder where it is missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.feeds_toml(), encoding="utf-8")

    def answer(self, outlet: str, path: str) -> Document:
        """What an outlet has at a path (without query) in the present edition; counts the request."""
        key, edition = outlet + path, self.edition
        with self._lock:
            self.requests[key] += 1
            if edition not in self._editions:
                self._editions[edition] = site_of(self._library, edition, self.bases, self._slow)
        return self._editions[edition].get(key) or missing(self._library.outlets[outlet])

    def _close(self) -> None:
        for server in self._servers.values():
            server.server_close()
        self._servers.clear()


class _OutletServer(ThreadingHTTPServer):
    """The web server of one outlet; its threads never keep the process alive."""

    daemon_threads = True

    def __init__(self, port: int, newsroom: Newsroom, outlet: str) -> None:
        self.newsroom, self.outlet = newsroom, outlet
        super().__init__((_HOST, port), _Handler)

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """A client that went away is no error of the newsroom; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _bound(port: int, newsroom: Newsroom, outlet: str) -> _OutletServer:
    try:
        return _OutletServer(port, newsroom, outlet)
    except OSError as error:
        raise PortTaken(
            f"port {port} on {_HOST} cannot be used ({error.strerror}): "
            "stop what listens there or choose another, TECHNEWS_DEMO_PORT=9970"
        ) from error


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the newsroom's documents."""

    server: _OutletServer
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # headers and body leave together: small packets would wait for each other
    timeout = 30  # seconds after which an idle connection is closed

    def do_GET(self) -> None:
        """Answers with the document, with 304 where the client has it, or with 404."""
        newsroom = self.server.newsroom
        document = newsroom.answer(self.server.outlet, urlsplit(self.path).path)
        if document.delay:
            newsroom.stopping.wait(document.delay)
        fresh = _is_known(document, self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since"))
        self.send_response(304 if fresh else document.status)
        self.send_header("ETag", document.etag)
        self.send_header("Vary", "Accept-Encoding")
        if document.modified:
            self.send_header("Last-Modified", format_datetime(document.modified.astimezone(UTC), usegmt=True))
        if fresh:
            self.end_headers()
        else:
            self._send(document)

    def do_HEAD(self) -> None:
        """Answers as GET does, without the body."""
        self.do_GET()

    def _send(self, document: Document) -> None:
        body = document.body
        if len(body) >= _GZIP_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", document.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's contract
        """Writes nothing: the demo's own output is what matters."""


def _is_known(document: Document, etags: str | None, since: str | None) -> bool:
    """Whether a conditional request is answered by 304; a tag wins over a date (RFC 9110, section 13.2.2)."""
    if document.status != 200:
        return False
    if etags is not None:
        known = {tag.strip().removeprefix("W/") for tag in etags.split(",")}  # a weak comparison (section 8.8.3.2)
        return "*" in known or document.etag.removeprefix("W/") in known
    if since is None or document.modified is None:
        return False
    try:
        return document.modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # TypeError: a date without zone cannot be compared
        return False
