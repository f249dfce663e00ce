"""Bodies within limits, what is HTML, and where a page sends its reader."""

import gzip
import os
import time
import zlib

import pytest

from technews.responses import BodyBrokenError, BodyReader, BodyTooLargeError, _Inflater, is_html, refresh_target

BODY = os.urandom(3000) + b"a" * 300_000 + b"end"
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW.compress(BODY) + RAW.flush()


def unpack(coding: str, data: bytes, step: int = 1000, limit: int = 1 << 20) -> bytes:
    """The body, fed in pieces of `step` bytes."""
    reader = BodyReader(coding, limit)
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    return reader.close()


@pytest.mark.parametrize("step", [1, 7, 65536, 1 << 20])
@pytest.mark.parametrize(
    ("coding", "data", "expected"),
    [
        ("", BODY, BODY),
        ("identity", BODY, BODY),
        ("gzip", gzip.compress(BODY), BODY),
        ("X-GZIP", gzip.compress(BODY), BODY),
        ("gzip", gzip.compress(BODY) + gzip.compress(b"more"), BODY + b"more"),
        ("gzip", gzip.compress(BODY) + b"\0\0\0", BODY),
        ("gzip", b"<html>", b"<html>"),
        ("deflate", zlib.compress(BODY), BODY),
        ("deflate", RAW_DEFLATE, BODY),
        ("deflate, gzip", gzip.compress(zlib.compress(BODY)), BODY),
        ("gzip", b"", b""),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "members", "padding", "unpacked", "zlib", "raw", "both", "empty"],
)
def test_codings_are_undone(coding: str, data: bytes, expected: bytes, step: int) -> None:
    """In whatever pieces the bytes come, the body is the same."""
    assert unpack(coding, data, max(step, len(data) // 3000)) == expected


@pytest.mark.parametrize("length", [*range(65_533, 65_540), 65_536 + 200, 65_536 + 258, 2 * 65_536])
def test_no_byte_is_lost_at_the_edge_of_a_piece(length: int) -> None:
    """Zlib may hold the last bytes back when a piece is just full."""
    raw = zlib.compressobj(wbits=-15)
    for coding, data in (
        ("gzip", gzip.compress(b"x" * length)),
        ("deflate", raw.compress(b"x" * length) + raw.flush()),
    ):
        assert len(unpack(coding, data)) == length


@pytest.mark.parametrize("coding", ["", "gzip", "deflate", "gzip, gzip"])
def test_the_limit_counts_unpacked_bytes(coding: str) -> None:
    """A body of exactly the limit passes, one byte more does not."""

    def pack(data: bytes) -> bytes:
        for name in coding.split(", "):
            data = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[name](data)
        return data

    assert len(unpack(coding, pack(b"x" * 5000), limit=5000)) == 5000
    with pytest.raises(BodyTooLargeError):
        unpack(coding, pack(b"x" * 5001), limit=5000)


def test_a_bomb_costs_little() -> None:
    """60 MB in a few hundred bytes end at the limit, at once."""
    bomb = gzip.compress(gzip.compress(bytes(60 << 20), 1))
    begin = time.process_time()
    with pytest.raises(BodyTooLargeError):
        unpack("gzip, gzip", bomb, 65536)
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("gzip", gzip.compress(BODY)[:-1]),
        ("gzip", b"\x1f\x8bnonsense that is no gzip"),
        ("gzip", gzip.compress(BODY)[:-8] + bytes(8)),
        ("deflate", RAW_DEFLATE[:-5]),
        ("br", b"x"),
        ("gzip, gzip, gzip", b"x"),
    ],
    ids=["cut", "nonsense", "wrong-sum", "cut-deflate", "not-asked-for", "too-many"],
)
def test_broken_bodies(coding: str, data: bytes) -> None:
    """Half a body is none, and a wrong sum is a wrong body."""
    with pytest.raises(BodyBrokenError):
        unpack(coding, data)


@pytest.mark.parametrize(
    ("content_type", "body", "html"),
    [
        ("text/html", b"", True),
        ("TEXT/HTML;charset=x", b"", True),
        ("text/html, text/html", b"", True),
        ("application/xhtml+xml", b"", True),
        ("text/plain", b"<p>", False),
        ("application/xml", b"<p>", False),
        ("", b"\xef\xbb\xbf \n<p>", True),
        ("", "\ufeff<p>".encode("utf-16-le"), True),
        ("", "<p>".encode("utf-16-be"), True),
        ("", b"# <name>", False),
        ("", b"{}", False),
        ("", b"", False),
    ],
)
def test_html(content_type: str, body: bytes, html: bool) -> None:
    """The type decides where there is one."""
    assert is_html(content_type, body) is html


@pytest.mark.parametrize(
    ("page", "target"),
    [
        ('<meta http-equiv="refresh" content="0; url=./new">', "/p/new"),
        ("<META CONTENT=\"3;URL='new?a=1'\" HTTP-EQUIV='Refresh'>", "/p/new?a=1"),
        ('<meta http-equiv="refresh" content="0, new">', "/p/new"),
        ('<meta http-equiv="refresh" content="0;url=&#47;new">', "/new"),
        ('<base href="/b/"><meta http-equiv="refresh" content="0;url=new">', "/b/new"),
        ('<noscript><meta http-equiv="refresh" content="0;url=/new"></noscript>', "/new"),
        (f'<script>{"x" * 900}</script><meta http-equiv="refresh" content="0;url=/new">', "/new"),
        ('<!-- <meta http-equiv="refresh" content="0;url=/new"> -->', None),
        ('<meta http-equiv="refresh" content="0">', None),
        ('<meta http-equiv="refresh" content="; url=/new">', None),
        ('<meta http-equiv="refresh" content="300;url=/new">', None),
        ('<meta http-equiv="refresh" content="5;url=/p/old#top">', None),
        ('<meta http-equiv="refresh" content="0;url=http://[x">', None),
        (f'<meta http-equiv="refresh" content="0;url=/new"><p>{"word " * 100}', None),
        (f'<meta http-equiv="refresh" content="0;url=/new">{"<!-- -->" * 5000}', None),
        ('<meta name="refresh" content="0;url=/new">', None),
        ("", None),
    ],
)
def test_refresh(page: str, target: str | None) -> None:
    """A small page with hardly any text that names another address soon sends its reader on (HTML Standard)."""
    found = refresh_target(page.encode(), "http://a.example/p/old")
    assert found == (f"http://a.example{target}" if target else None)


def test_refresh_in_another_charset() -> None:
    """The address is read in the charset of the page; an unknown charset is no traceback."""
    page = '<meta http-equiv="refresh" content="0;url=/新">'.encode("gbk")
    assert refresh_target(page, "http://a.example/", "gbk") == "http://a.example/新"
    assert refresh_target(page, "http://a.example/", "no-such-charset") is None


@pytest.mark.parametrize("piece", ["<b>", "<!--", "<![CDATA[", "<meta http-equiv=refresh content=", "&#", "<a b='"])
def test_hostile_markup_costs_little(piece: str) -> None:
    """Small pages made to be slow are not."""
    page = ("refresh" + piece * 40_000)[: 32 * 1024].encode()
    begin = time.process_time()
    refresh_target(page, "http://a.example/")
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_padding_behind_the_end_is_dropped(coding: str) -> None:
    """A body that goes on after its compressed stream has ended is not kept, however long it is."""
    body = gzip.compress(b"text") if coding == "gzip" else zlib.compress(b"text")
    inflater = _Inflater(coding)
    assert inflater.feed(body, 100) == b"text"
    begun = time.monotonic()
    assert b"".join(inflater.feed(b"\0" * 65_536, 100) for _ in range(400)) == b""
    assert time.monotonic() - begun < 1
