"""What a server sent: its body within limits, whether it is HTML, and where it sends the reader on.

A compressed body is unpacked piece by piece and counted as it grows, so that a bomb never inflates.
"""

import re
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

if TYPE_CHECKING:
    from lxml import etree

MAX_PAGE: Final = 10 * 1024 * 1024  # bytes, after decompression
_PIECE: Final = 64 * 1024  # bytes
_MAX_CODINGS: Final = 2
_GZIP_MAGIC: Final = b"\x1f\x8b"
_NOT_WRITTEN: Final = b"\xef\xbb\xbf\xff\xfe\0"  # byte order marks of UTF-8 and UTF-16, and what fills its ASCII
_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})

# A page that only sends its reader on is small and says little more than "you are being redirected".
_REFRESH_SIZE: Final = 32 * 1024  # bytes
_REFRESH_TEXT: Final = 400  # characters
_REFRESH_SECONDS: Final = 30
_REFRESH: Final = re.compile(
    # HTML Standard, "shared declarative refresh steps"
    r"\s*(?P<seconds>[0-9]+)(?:\.[\d.]*)?\s*[;,\s]\s*(?:url\s*=\s*)?(?P<quote>['\"]?)(?P<url>.+)",
    re.IGNORECASE | re.DOTALL,
)


class BodyTooLargeError(Exception):
    """A body of more bytes than may be kept."""


class BodyBrokenError(Exception):
    """A body that is not in the coding that its headers name."""


class _Inflater:
    """One coding undone. zlib's and gzip's checks hold; `deflate` may come without zlib's frame, as some servers do."""

    def __init__(self, coding: str) -> None:
        self._gzip = coding != "deflate"
        self._plain = False
        self._over = self._members = False
        self._begin = b""
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes, room: int) -> bytes:
        """The next bytes unpacked, at most `room` + 1 of them: one too many tells that there is no end to them."""
        if self._over:
            return b""  # padding behind the end; zlib would keep all of it
        if self._stream is None:
            data = self._begin + data
            if len(data) < 2:
                self._begin = data
                return b""
            if self._members and not data.startswith(_GZIP_MAGIC):
                self._over = True
                return b""
            self._stream, self._begin = self._open(data), b""
        if self._plain:
            return data
        unpacked = bytearray()
        while len(unpacked) <= room:
            asked = min(_PIECE, room + 1 - len(unpacked))
            piece = self._stream.decompress(data, asked)
            unpacked += piece
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                data = self._stream.unused_data
                if not self._goes_on(data):
                    break
            elif not data and len(piece) < asked:  # a full piece may leave more inside of zlib
                break
        return bytes(unpacked)

    def _goes_on(self, data: bytes) -> bool:
        """Whether another gzip member follows the end of one (RFC 1952 section 2.2); all else is padding."""
        if self._gzip and data.startswith(_GZIP_MAGIC):
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            return True
        if self._gzip and _GZIP_MAGIC.startswith(data):  # cut within its first bytes: the next piece will tell
            self._begin, self._stream, self._members = data, None, True
        else:
            self._over = True
        return False

    @property
    def whole(self) -> bool:
        """Whether the coded stream came to its end."""
        if self._stream is None:
            return self._plain or self._members or not self._begin
        return self._plain or self._stream.eof

    def _open(self, data: bytes) -> "zlib._Decompress":
        if self._gzip:
            # Declared, but not compressed: a well-known fault of servers behind a cache.
            self._plain = not data.startswith(_GZIP_MAGIC)
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        framed = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)


class BodyReader:
    """Collects a body from the bytes on the wire, undoing its `Content-Encoding` (gzip and deflate).

    `feed` raises BodyTooLargeError at more than `limit` bytes after decompression, BodyBrokenError where the coding
    is unknown or the data is not in it; `close` raises BodyBrokenError where the data ends too early.
    """

    def __init__(self, content_encoding: str, limit: int = MAX_PAGE) -> None:
        """Ready for the first bytes; `limit` counts bytes after decompression."""
        codings = [c.strip().lower() for c in content_encoding.split(",")]
        codings = [c for c in codings if c not in ("", "identity")]
        if len(codings) > _MAX_CODINGS or any(c not in ("gzip", "x-gzip", "deflate") for c in codings):
            raise BodyBrokenError(f"content encoding {content_encoding[:60]!r} was not asked for")
        self._inflaters = [_Inflater(coding) for coding in reversed(codings)]
        self._limit = limit
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes the next bytes from the wire."""
        room = self._limit - len(self._body)
        try:
            for inflater in self._inflaters:
                data = inflater.feed(data, room)
        except zlib.error as error:
            raise BodyBrokenError(f"the body is not in its content encoding: {error}") from None
        if len(data) > room:
            self._body += data[:room]
            raise BodyTooLargeError(f"more than {self._limit} bytes")
        self._body += data

    def close(self) -> bytes:
        """The whole body."""
        if not all(inflater.whole for inflater in self._inflaters):
            raise BodyBrokenError("the compressed body was cut short")
        return self.so_far

    @property
    def so_far(self) -> bytes:
        """What has been read."""
        return bytes(self._body)


def is_html(content_type: str, body: bytes) -> bool:
    """Whether an answer is HTML: by its type, and without one by a first `<`, in whatever Unicode."""
    kind = re.split("[;,]", content_type, maxsplit=1)[0].strip().lower()
    if kind:
        return kind in _HTML_TYPES
    return body[:1024].translate(None, _NOT_WRITTEN).lstrip().startswith(b"<")


def refresh_target(body: bytes, url: str, charset: str | None = None) -> str | None:
    """The address that a page sends its reader to by `<meta http-equiv=refresh>`, or None.

    Only a small page with hardly any text counts: others reload or advertise themselves that way. `url` is the
    page's own address, to which a page that reloads itself does not redirect.
    """
    if len(body) > _REFRESH_SIZE or b"refresh" not in body.lower():
        return None
    root = _parse(body, charset)
    if root is None:
        return None
    metas = [m for m in root.iter("meta") if (m.get("http-equiv") or "").strip().lower() == "refresh"]
    match = _REFRESH.match(metas[0].get("content") or "") if metas else None
    if match is None or int(match["seconds"][:6]) > _REFRESH_SECONDS or _visible_length(root) > _REFRESH_TEXT:
        return None
    named = match["url"].partition(match["quote"])[0] if match["quote"] else match["url"]
    base = next((b.get("href") for b in root.iter("base") if b.get("href")), "")
    try:
        target = urljoin(urljoin(url, base), named.strip())
    except ValueError:
        return None
    return target if target.partition("#")[0] != url.partition("#")[0] else None


def _parse(body: bytes, charset: str | None) -> "etree._Element | None":
    from lxml import etree  # noqa: PLC0415 -- for the few pages that send their reader on

    try:
        parser = etree.HTMLParser(encoding=charset or "utf-8", no_network=True, remove_comments=True)
        return etree.fromstring(body, parser)
    except (etree.LxmlError, LookupError, ValueError):
        return None


def _visible_length(root: "etree._Element") -> int:
    inside = [element.text for element in root.iter() if element.tag not in ("script", "style", "title")]
    after = [element.tail for element in root.iter()]
    return sum(len(" ".join(text.split())) for text in inside + after if text)
