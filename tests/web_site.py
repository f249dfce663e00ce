"""A web site for tests: a threaded server on loopback whose pages and feeds are what the test says at that moment."""

import sys
import threading
from collections import Counter
from collections.abc import Callable
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from builders import NOW

ON_TOPIC = (
    "Apple has settled on Alibaba's Qwen for the artificial intelligence of iPhones that it sells in China, two people said.",
    "The companies filed their features with the Chinese regulator, which has to approve every generative AI service.",
    "Apple Intelligence is still missing in mainland China, where iPhone sales fell while Huawei gained ground.",
)
OFF_TOPIC = (
    "The harbour of the small town was quiet on Tuesday, and the ferries left on time for the islands in the bay.",
    "A baker on the square sold bread with walnuts, and the children waited for the tram that never comes early.",
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up in the midst is no error of the site, and a traceback would stand among a command's own words."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Site:
    """The server; `pages` maps a path to (status, headers, body) or to a function of the handler."""

    def __init__(self, port: int = 0) -> None:
        self.pages: dict[str, Any] = {"/robots.txt": (404, {}, b"")}
        self.hits: Counter[str] = Counter()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                return

            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                site.hits[path] += 1
                answer = site.pages.get(path, (404, {}, b"not here"))
                status, headers, body = answer(self) if callable(answer) else answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = _Server(("127.0.0.1", port), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.base = f"http://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def article(self, path: str, title: str, *paragraphs: str, head: str = "") -> str:
        """Serves an article; returns its address."""
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        body = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}'
            f'<meta property="og:site_name" content="Test Wire"></head><body><nav><a href="/">Home</a></nav>'
            f"<main><article><h1>{escape(title)}</h1>{text}</article></main><footer>About</footer></body></html>"
        )
        self.pages[path] = (200, {"Content-Type": "text/html; charset=utf-8"}, body.encode())
        return self.base + path

    def on_topic(self, key: str, **options: Any) -> str:
        """An article on the topic, like no other."""
        return self.article(
            f"/{key}", f"Apple, Alibaba and AI in China: {key}", *(f"{p} ({key})" for p in ON_TOPIC), **options
        )

    def off_topic(self, key: str) -> str:
        """An article on something else."""
        return self.article(f"/{key}", f"A quiet day: {key}", *(f"{p} ({key})" for p in OFF_TOPIC))

    def feed(self, path: str, *links: str, dates: Callable[[int], Any] = lambda _: NOW, etag: str | None = None) -> str:
        """Serves an RSS feed with an item for each link; returns its address."""
        items = "".join(
            f"<item><title>Item {escape(link.rsplit('/', 1)[-1])}</title><link>{escape(link)}</link><guid>{escape(link)}</guid>"
            f"<pubDate>{format_datetime(dates(number))}</pubDate></item>"
            for number, link in enumerate(links)
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
        headers = {"Content-Type": "application/rss+xml"} | ({"ETag": etag} if etag else {})

        def answer(handler: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
            if etag and handler.headers.get("If-None-Match") == etag:
                return 304, {}, b""
            return 200, headers, body

        self.pages[path] = answer
        return self.base + path


def feeds_toml(**urls: str) -> str:
    """A configuration with these feeds."""
    return "\n".join(
        f'[[feed]]\nid = "{name}"\nurl = "{url}"\ntitle = "{name}"\nlanguage = "en"\ncountry = "US"\n'
        f'timezone = "UTC"\nevery = "1s"\n'
        for name, url in urls.items()
    )
