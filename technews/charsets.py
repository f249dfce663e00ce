"""Bytes to text by their character set: what is declared counts, as in browsers, until the bytes contradict it.

Never raises. A wrong declaration does not garble the document, and single bad bytes are replaced alone (U+FFFD)
instead of changing the reading of all the others.
"""

import codecs
import re
from typing import Final

import webencodings  # type: ignore[import-untyped]
from charset_normalizer import from_bytes

_UTF8: Final = "utf-8"
_GB18030: Final = "gb18030"
_BOMS: Final = ((codecs.BOM_UTF8, _UTF8), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# "<?" and "<!" in UTF-16 without a byte order mark (XML 1.0, appendix F).
_WIDE_STARTS: Final = ((re.compile(rb"<\0[?!a-zA-Z]\0"), "utf-16-le"), (re.compile(rb"\0<\0[?!a-zA-Z]"), "utf-16-be"))
_MULTIBYTE: Final = frozenset({_GB18030, "big5hkscs", "euc_jp", "iso2022_jp", "shift_jis", "cp932", "euc_kr", "cp949"})

_HEADER_CHARSET: Final = re.compile(r";\s*charset\s*=\s*[\"']?\s*([^\s;\"',]+)", re.IGNORECASE)
_XML_ENCODING: Final = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']\s*([\w.:-]+)")
_META_CHARSET: Final = re.compile(rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
# HTML asks for the first 1,024 bytes; pages with scripts before their meta element are common enough to look further.
_PRESCAN: Final = 4096
_LONG_SAMPLE: Final = 262_144
_SHORT_SAMPLE: Final = 16_384

_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")
_GB2312_PAIRS: Final = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_ABOVE_U07FF: Final = re.compile("[\u0800-\U0010ffff]")


def decode(body: bytes, content_type: str | None, *, xml: bool = False) -> str:
    """The text of a document, read as browsers do (WHATWG Encoding; HTML, "determining the character encoding").

    In this order: byte order mark, charset of the Content-Type header, XML declaration (`xml`) or meta element,
    detection. Labels mean what the Encoding Standard says (gb2312 is gb18030, iso-8859-1 is windows-1252). A declared
    set that the bytes contradict gives way to UTF-8, or to what is detected. The text is raw: callers make it sound.
    """
    for mark, wide in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(wide, "replace")
    for start, wide in _WIDE_STARTS:
        if start.match(body):
            return body.decode(wide, "replace")
    if body.isascii() and b"\x1b" not in body:  # an escape may be ISO-2022-JP
        return body.decode("ascii")
    declared = [codec for label in _labels(body, content_type, xml=xml) if (codec := _codec(label, body))]
    return _read(body, list(dict.fromkeys(declared))).removeprefix("\ufeff")


def _labels(body: bytes, content_type: str | None, *, xml: bool) -> list[str]:
    header = _HEADER_CHARSET.search(content_type or "")
    start = body[:_PRESCAN]
    inside = _XML_ENCODING.search(start) or (None if xml else _META_CHARSET.search(_COMMENT.sub(b"", start)))
    labels = [header[1]] if header else []
    return [*labels, inside[1].decode("ascii", "replace")] if inside else labels


def _codec(label: str, body: bytes) -> str | None:
    """The Python codec for a label of the Encoding Standard; None for an unknown or untrue one."""
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in {"x-user-defined", "replacement"}:
        return None
    if encoding.name in {"gbk", "gb18030"}:
        return _GB18030
    if encoding.name.startswith("utf-16") and body.count(0) * 4 < len(body):
        return _UTF8  # bytes in which an ASCII declaration could be read are no UTF-16 (HTML: the label means UTF-8)
    return str(encoding.codec_info.name)


def _read(body: bytes, declared: list[str]) -> str:
    """The text by the first declared codec that holds, else by UTF-8, else by what the bytes look like."""
    utf8 = _attempt(body, _UTF8)
    if utf8 is not None and (not declared or _surely_utf8(utf8, declared[0])):
        return utf8
    # Sets of several bytes a character hold by chance far more rarely than single-byte ones, so they are tried first:
    # many servers send "iso-8859-1" with everything.
    for codec in sorted(declared, key=lambda name: name not in _MULTIBYTE):
        text = _attempt(body, codec)
        if text is not None:
            return text
    if utf8 is not None:
        return utf8
    if _damaged_utf8(body, declared=_UTF8 in declared):
        return body.decode(_UTF8, "replace")
    legacy = [codec for codec in declared if codec != _UTF8]
    return body.decode(legacy[0] if legacy else _detect(body), "replace")


def _attempt(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _surely_utf8(text: str, declared: str) -> bool:
    """Whether text that is sound UTF-8 is so by more than chance, although something else was declared.

    Single-byte text is never sound UTF-8 by chance. Two-byte text is so in rare short cases (GBK "谢谢" reads as
    Cyrillic), but then without characters of three bytes.
    """
    return declared not in _MULTIBYTE or bool(_ABOVE_U07FF.search(text))


def _damaged_utf8(body: bytes, *, declared: bool) -> bool:
    """Whether the bytes are UTF-8 with some bad ones among them, rather than another character set.

    Where UTF-8 is `declared`, one or two bad bytes need no good ones beside them.
    """
    text = body.decode(_UTF8, "replace")
    bad = text.count("\ufffd")
    good = len(_BEYOND_ASCII.findall(text)) - bad
    return bad * 4 <= good or (declared and bad <= 2)


def _detect(body: bytes) -> str:
    """The likeliest codec of bytes that are not UTF-8 and say nothing true about themselves."""
    runs = _HIGH_RUN.findall(body[:_LONG_SAMPLE])
    high = sum(map(len, runs))
    if sum(len(run) for run in runs if len(run) <= 3) >= 0.75 * high:
        return "cp1252"  # accents and guillemets between ASCII letters; runs of other scripts are longer
    if sum(len(pairs) for run in runs for pairs in _GB2312_PAIRS.findall(run)) >= 0.9 * high:
        return _GB18030
    best = from_bytes(body[:_SHORT_SAMPLE]).best()
    return best.encoding if best is not None else "cp1252"
