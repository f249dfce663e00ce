"""Secrets of feed addresses never come back, however a server spells them."""

import base64
import html
import json
import logging
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technews.charsets import decode
from technews.credentials import Credentials, ShortSecretError, gather, resolve

SECRET = "s3cr\u00e9t&<\"k'o=/+ \\x"
URL = "https://${WIRE_USER}:${WIRE_KEY}@feeds.example/feed?key=${WIRE_KEY}"


def credentials(secret: str = SECRET, url: str = URL) -> Credentials:
    """The credentials of an address with a user name and this secret."""
    return resolve(url, {"WIRE_USER": "anatole", "WIRE_KEY": secret})[1]


def in_hex(text: str) -> str:
    """Each byte as a percent escape, needed or not."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


SPELLINGS = {
    "raw": SECRET,
    "lower case": SECRET.lower(),
    "percent": quote(SECRET, safe=""),
    "percent in lower case": quote(SECRET, safe="").lower(),
    "percent but slashes": quote(SECRET),
    "form": quote_plus(SECRET),
    "every byte": in_hex(SECRET),
    "percent twice": quote(quote(SECRET, safe=""), safe=""),
    "xml": html.escape(SECRET, quote=True),
    "xml text": html.escape(SECRET, quote=False),
    "xml twice": html.escape(html.escape(SECRET)),
    "decimal references": "".join(f"&#{ord(c)};" for c in SECRET),
    "hex references": "".join(f"&#x{ord(c):04X};" for c in SECRET),
    "names": html.escape(SECRET).replace("\u00e9", "&eacute;").replace("=", "&equals;").replace("/", "&sol;"),
    "xml around percent": html.escape(quote(SECRET, safe="&'")),
    "percent around xml": quote(html.escape(SECRET), safe=""),
    "percent around json": quote(json.dumps(SECRET)[1:-1], safe=""),
    "percent around percent around xml": quote(quote(html.escape(SECRET), safe=""), safe=""),
    "json around xml": json.dumps(html.escape(SECRET))[1:-1].replace("&", "\\u0026"),
    "json around percent": quote(SECRET, safe="").replace("%", "\\u0025"),
    "xml around json": html.escape(json.dumps(SECRET)[1:-1]),
    "json": json.dumps(SECRET)[1:-1],
    "json with slashes": json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    "json as it is": json.dumps(SECRET, ensure_ascii=False)[1:-1],
    "json twice": json.dumps(json.dumps(SECRET))[3:-3],
    "all json escapes": "".join(f"\\u{ord(c):04x}" for c in SECRET),
    "script escapes": "".join(f"\\x{ord(c):02X}" for c in SECRET),
    "basic token": base64.b64encode(f"anatole:{SECRET}".encode()).decode(),
    "base64 alone": base64.b64encode(SECRET.encode()).decode(),
    "base64 of more": base64.b64encode(f"/feed?key={SECRET}&x=1".encode()).decode(),
    "base64 of still more": base64.b64encode(f"?key={SECRET}".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64 escaped": quote(base64.b64encode(f"anatole:{SECRET}".encode()).decode(), safe=""),
    "hex": SECRET.encode().hex(),
    "hex in capitals": SECRET.encode().hex().upper(),
    "decomposed": "s3cre\u0301t" + SECRET[6:],
    "utf-8 read as latin-1": SECRET.encode().decode("latin-1"),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_is_found_in_every_spelling(spelling: str) -> None:
    """Where a server echoes the secret, the text around it stays and a placeholder stands in its place."""
    redacted = credentials().redact(f"<link>before {spelling} after</link>")
    assert redacted.startswith("<link>before ")
    assert redacted.endswith(" after</link>")
    middle = redacted.removeprefix("<link>before ").removesuffix(" after</link>")
    assert "${WIRE_" in middle
    assert len(middle) < len("${WIRE_USER}:${WIRE_KEY}") + 12  # base64 of more: what stands around it


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_the_quick_look_misses_no_spelling(spelling: str) -> None:
    """A body that is looked at in passing loses its secret in whatever spelling, as a text does."""
    page = f"<link>before {spelling} after</link>".encode()
    assert b"${WIRE_" in gather([URL], {"WIRE_USER": "anatole", "WIRE_KEY": SECRET}).redact_body(page, "", xml=False)


@pytest.mark.parametrize(
    ("url", "text", "expected"),
    [
        ("https://a.example/f?key=${KEY}", "/target?token=Tok-77-Tok", "/target?token=${KEY}"),
        ("https://${WORD}:${KEY}@a.example/f", "an apple, Tok-77-Tok", "an apple, ${KEY}"),
        ("https://${WORD}:${KEY}@a.example/f", "YXBwbGU6VG9rLTc3LVRvaw==", "${WORD}:${KEY}w=="),
        ("https://${KEY}@a.example/f", "/target?token=Tok-77-Tok", "/target?token=${KEY}"),
        ("https://a.example/f?key=${WORD}", "an apple", "an apple"),
        ("https://a.example/f?key=${NONE}", "an apple", "an apple"),
        ("https://a.example/f", "an apple", "an apple"),
    ],
)
def test_what_the_pages_of_others_are_cleared_of(url: str, text: str, expected: str) -> None:
    """Of whatever is secret in any feed's address, but not of words: short values, and user names."""
    found = gather(["https://b.example/", url], {"WORD": "apple", "KEY": "Tok-77-Tok"})
    assert found.redact(text) == expected


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "gb18030"])
@pytest.mark.parametrize("spelling", ["raw", "xml", "percent", "json"])
def test_a_secret_is_found_in_every_character_set(charset: str, spelling: str) -> None:
    """A body is read as its reader reads it; what comes out says its own character set."""
    body = f'<?xml version="1.0" encoding="{charset}"?><rss><title>caf\u00e9 {SPELLINGS[spelling]}</title></rss>'
    content_type = f"application/rss+xml; charset={charset}"
    redacted = credentials().redact_body(body.encode(charset), content_type)
    assert "<title>caf\u00e9 ${WIRE_KEY}</title>" in decode(redacted, content_type, xml=True)


def test_a_body_without_a_secret_stays_byte_for_byte() -> None:
    """Only a body that holds a secret is written anew."""
    for body in (b"\xff\xfe<\0a\0>\0", b"\x80\x81 caf\xe9", "caf\u00e9".encode(), b""):
        assert credentials().redact_body(body, "text/xml") is body or credentials().redact_body(body, "") == body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/feed?key=k3y", "/feed?key=${WIRE_KEY}"),
        ("key%3Dk3y%26", "key%3D${WIRE_KEY}%26"),
        ("\\u003dk3y\\u0026", "\\u003d${WIRE_KEY}\\u0026"),
        ("<b>K3Y</b>", "<b>${WIRE_KEY}</b>"),
        ("\u5bc6\u7801k3y\u3002", "\u5bc6\u7801${WIRE_KEY}\u3002"),
        ("monk3ys", "monk3ys"),
        ("token azN5", "token ${WIRE_KEY}"),
    ],
)
def test_a_short_secret_is_a_word_of_its_own(text: str, expected: str) -> None:
    """A value of three to five characters is masked as a word, but not inside of others."""
    assert credentials("k3y").redact(text) == expected


def test_a_secret_that_cannot_be_kept_is_refused() -> None:
    """One or two characters stand in every text: the message names the variable, and not its value."""
    with pytest.raises(ShortSecretError, match="WIRE_KEY") as refused:
        credentials("zq")
    assert "zq" not in str(refused.value)


def test_the_longest_secret_wins() -> None:
    """A secret that is a part of another does not break the other's placeholder."""
    environ = {"A": "abcdef", "B": "abcdef-more", "C": "placeholder", "D": "B"}
    found = resolve("https://a.example/?a=${A}&b=${B}&c=${C}", environ)[1]
    assert found.redact("abcdef-more abcdef placeholder") == "${B} ${A} ${C}"


@pytest.mark.parametrize(
    "piece", ["\\", "%25", "%", "25", "&amp;", "&#0", "0", "s3", "s3cr\u00e9t", "%2525", "\\u0025"]
)
def test_hostile_text_costs_little(piece: str) -> None:
    """A text of half-finished escapes takes time that grows with its length, not with its square."""
    found, whole = credentials(), piece * (60_000 // len(piece))
    begin = time.process_time()
    assert found.redact(whole) == whole
    assert time.process_time() - begin < 3


def test_nothing_shows_what_was_resolved() -> None:
    """Credentials do not print themselves."""
    assert "s3cr" not in repr(credentials())
    assert "YW5h" not in repr(credentials())


def test_libraries_do_not_log_what_they_send() -> None:
    """Whoever turns on debugging for everything does not get credentials into the log."""
    import technews.web  # noqa: F401  sets the levels

    for name in ("httpcore.http11", "httpcore.http2", "hpack.hpack", "h2.connection"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)


@settings(deadline=None, max_examples=10)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=20))
def test_any_secret(secret: str) -> None:
    """Whatever characters it has, a secret is found raw, percent-encoded, in XML, in JSON and in base64."""
    found = credentials(secret)
    for spelt in (
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode()[: 8 * len(secret.encode()) // 6],
    ):
        assert spelt not in found.redact(f"<{spelt}>")
