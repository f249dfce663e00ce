"""The one module that speaks HTTP, for all requests of a run (`crawl` says who is asked when).

It connects only to addresses that were checked, never to what a name says a moment later; verifies every certificate;
asks no proxy; keeps cookies for one chain of redirects only; bounds time and size of everything.
"""

import _thread
import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, Final

import httpcore
import httpx

from technews.addresses import origin_of, refusal
from technews.attempts import Failure
from technews.chains import Answer, Chain, FeedAnswer, FeedRequest
from technews.crawl import AT_ONCE, Crawl, WebError
from technews.responses import MAX_PAGE, BodyBrokenError, BodyReader, BodyTooLargeError, is_html
from technews.robots import MAX_BODY as MAX_ROBOTS
from technews.robots import ROBOT_NAME
from technews.robots_cache import RobotsCopy
from technews.settings import Settings

__all__ = ["FeedAnswer", "FeedRequest", "Web", "WebError"]

CONNECT_SECONDS: Final = 10.0
CHAIN_SECONDS: Final = 60.0
_MAX_ADDRESSES: Final = 4
_ACCEPT: Final = {
    "page": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "feed": "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5",
    "robots": "text/plain,*/*;q=0.1",
}
_Found = list[tuple[Any, ...]]

# They log every header that they send, credentials among them, for whoever listens at that level.
for _library in ("httpcore", "hpack", "h2"):
    logging.getLogger(_library).setLevel(logging.INFO)


class AddressRefusedError(Exception):
    """A name leads only to addresses that must not be connected to."""


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Looks names up itself, and connects to the very address that it checked."""

    def __init__(self, allow_hosts: frozenset[str], note_reached: Callable[[], None]) -> None:
        self._allow_hosts = allow_hosts
        self._note_reached = note_reached
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                found = await _look_up(host, port)
                addresses = self._check(host, port, found)
                stream = await self._connect(addresses, port, timeout, local_address, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no connection to {host}:{port} in {timeout:g} seconds") from None
        except OSError as error:
            raise httpcore.ConnectError(f"{host}: {error.strerror or error}") from None
        self._note_reached()
        return stream

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def _check(self, host: str, port: int, found: _Found) -> list[str]:
        named = f"[{host}]" if ":" in host else host
        verdicts = {str(row[4][0]): refusal(str(row[4][0]), port, named, self._allow_hosts) for row in found}
        fine = [address for address, refused in verdicts.items() if refused is None]
        if not fine:
            raise AddressRefusedError(f"{host}: {next((why for why in verdicts.values() if why), 'no address')}")
        return fine[:_MAX_ADDRESSES]

    async def _connect(
        self, addresses: list[str], port: int, seconds: float | None, local: str | None, options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        """The first address that answers; each gets its share of the time, lest a dead IPv6 route uses up all."""
        share = seconds / len(addresses) if seconds else None
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._inner.connect_tcp(address, port, share, local, options)
        return await self._inner.connect_tcp(addresses[-1], port, seconds, local, options)


async def _look_up(host: str, port: int) -> _Found:
    """The addresses of a name, from a thread that nobody has to wait for when the resolver hangs."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Found] = loop.create_future()

    def settle(found: _Found | OSError) -> None:
        if future.done():
            return
        if isinstance(found, OSError):
            future.set_exception(found)
        else:
            future.set_result(found)

    def work() -> None:
        try:
            found: _Found | OSError = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found = error if isinstance(error, OSError) else OSError(str(error))
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, found)

    # Not by `threading`, which waits until the thread runs: that would be two turns more for each name.
    _thread.start_new_thread(work, ())
    return await future


class _Client:
    """Asks for one address at a time; what comes back is an Answer, whatever happens."""

    def __init__(self, settings: Settings, note_reached: Callable[[], None]) -> None:
        contact = "".join(c for c in settings.contact or "" if " " <= c <= "~")
        agent = f"{ROBOT_NAME}/{version('technews')}" + (f" (+{contact})" if contact else "")
        self._headers = [("User-Agent", agent), ("Accept-Encoding", "gzip, deflate")]
        # httpx's client would act on redirects and cookies of its own accord, and takes no backend.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=None,  # `AT_ONCE` bounds them
            max_keepalive_connections=AT_ONCE,
            keepalive_expiry=15.0,
            http2=True,
            network_backend=_CheckedBackend(settings.allow_hosts, note_reached),
        )

    async def ask(self, chain: Chain) -> Answer:
        """The answer to a chain's next request; adds to its time, and keeps its cookies."""
        begin = time.monotonic()
        chain.started_at = chain.started_at or datetime.now(UTC)
        try:
            async with asyncio.timeout(max(0.0, CHAIN_SECONDS - chain.spent)):
                return await self._exchange(chain)
        except Exception as error:  # noqa: BLE001  what trips a library must cost this page, not the run
            failure, connected, text = _read_error(error)
            return Answer(chain.url, datetime.now(UTC), failure=failure, error=text, connected=connected)
        finally:
            chain.spent += time.monotonic() - begin

    async def close(self) -> None:
        """Closes all connections."""
        await self._pool.aclose()

    async def _exchange(self, chain: Chain) -> Answer:
        # Parsed by httpx: httpcore's own parser would drop what follows a semicolon of the path.
        url = httpx.URL(chain.url)
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        headers = [(b"Host", url.netloc), *_encode([*self._headers, *_headers(chain)])]
        timeout = {"connect": CONNECT_SECONDS, **dict.fromkeys(("read", "write", "pool"), CHAIN_SECONDS)}
        request = httpcore.Request("GET", target, headers=headers, extensions={"timeout": timeout})
        response = await self._pool.handle_async_request(request)
        try:
            received = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers)
            answer = Answer(chain.url, datetime.now(UTC), response.status, received)
            if answer.header("set-cookie"):
                _keep_cookies(chain, answer)
            return await _read_body(chain, answer, response) if _wanted(chain, answer) else answer
        finally:
            # Unless its body was read to the end, this ends the connection. That of a 304 is not read for that: where a
            # server sends something behind it, the next request on the connection would take it for its answer.
            await response.aclose()


def _keep_cookies(chain: Chain, answer: Answer) -> None:
    if chain.cookies is None:
        chain.cookies = httpx.Cookies(CookieJar(DefaultCookiePolicy(strict_domain=True)))
    request = httpx.Request("GET", chain.url)
    chain.cookies.extract_cookies(httpx.Response(200, headers=_encode(answer.headers), request=request))


def _headers(chain: Chain) -> list[tuple[str, str]]:
    headers = [("Accept", _ACCEPT[chain.kind])]
    if chain.cookies is not None:
        request = httpx.Request("GET", chain.url)
        chain.cookies.set_cookie_header(request)
        headers += [("Cookie", value) for value in request.headers.get_list("cookie")]
    if chain.request and chain.request.etag:
        headers.append(("If-None-Match", chain.request.etag))
    if chain.request and chain.request.last_modified:
        headers.append(("If-Modified-Since", chain.request.last_modified))
    if (authorization := chain.credentials.authorization) and origin_of(chain.url) == chain.home:
        headers.append(("Authorization", authorization))
    return headers


def _encode(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1", errors="replace")) for name, value in headers]


def _wanted(chain: Chain, answer: Answer) -> bool:
    """Whether the body is worth its time: that of an error or of a film is not."""
    if answer.status not in range(200, 300) or answer.status == HTTPStatus.NO_CONTENT:
        return False
    content_type = answer.header("content-type")
    return chain.kind != "page" or not content_type or is_html(content_type, b"")


async def _read_body(chain: Chain, answer: Answer, response: httpcore.Response) -> Answer:
    """The answer with its body; that of robots.txt is cut at its limit, any other is too large beyond it."""
    robots = chain.kind == "robots"
    limit = MAX_ROBOTS if robots else MAX_PAGE
    announced = answer.header("content-length")
    if not robots and announced.isdigit() and len(announced) < 20 and int(announced) > limit:
        return replace(answer, failure=Failure.TOO_LARGE, error=f"{announced} bytes announced, more than {limit}")
    reader = None
    try:
        reader = BodyReader(answer.header("content-encoding"), limit)
        async for data in response.aiter_stream():
            reader.feed(data)
        return replace(answer, body=reader.close(), received_at=datetime.now(UTC))
    except BodyBrokenError as error:
        return replace(answer, failure=Failure.BAD_ANSWER, error=str(error))
    except BodyTooLargeError as error:
        body = reader.so_far if robots and reader else b""
        return replace(answer, failure=Failure.TOO_LARGE, error=str(error), body=body)


def _read_error(error: Exception) -> tuple[Failure, bool, str]:
    """What an exception means: the failure, whether the host was reached, and a text."""
    text = f"{type(error).__name__}: {error}".removesuffix(": ")
    match error:
        case AddressRefusedError():
            return Failure.ADDRESS_REFUSED, False, str(error)
        case httpcore.ConnectTimeout():
            return Failure.TIMEOUT, False, text
        case httpcore.TimeoutException() | TimeoutError():
            return Failure.TIMEOUT, True, f"no whole answer in {CHAIN_SECONDS:g} seconds"
        case httpcore.ConnectError():
            return Failure.CONNECTION, False, text
        case httpcore.NetworkError() | httpcore.ProtocolError() | httpcore.UnsupportedProtocol():
            return Failure.CONNECTION, True, text
        case _:
            return Failure.BAD_ANSWER, True, text


class Web(Crawl):
    """All the HTTP of one run, for a caller that takes results in the order in which they finish.

    with Web(settings, deadline=time.monotonic() + 900) as web:
        web.request_feeds(requests)
        while web.feeds_open:
            for answer in web.feed_answers(10, wait=1.0):
                ...
    """

    def __init__(
        self,
        settings: Settings,
        *,
        deadline: float | None = None,
        robots: Iterable[RobotsCopy] = (),
        in_vain: Iterable[str] = (),
    ) -> None:
        """Asks nobody yet; `deadline` is in monotonic seconds, None for a run without an end.

        `robots` is what earlier runs have read of robots.txt, `in_vain` the addresses of the feeds that have failed in
        them, but only since a host last answered.
        """
        super().__init__(settings, lambda: _Client(settings, self._note_reached), deadline, robots, in_vain)
