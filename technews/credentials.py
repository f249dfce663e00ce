"""Credentials in a feed's address: `${NAME}` is resolved from the environment, and never handed on.

The value is meant raw: it is percent-encoded where it is put in. Whatever comes back from the server passes through
`redact`, which puts the placeholder in its place again, however the server spelt it.

Exceptions:

    ShortSecretError    a value that is too short to be told from ordinary text
"""

import base64
import codecs
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.entities import html5
from typing import Final
from urllib.parse import quote, unquote, urlsplit

SHORTEST: Final = 3  # characters; what is shorter stands in every text
_SHORTEST_ANYWHERE: Final = 6  # characters; a shorter value is looked for as a word of its own

_PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")
# The edges of a word, also behind an escape that ends in a letter or digit ("%3D", "\u003d").
_WORD_BEGINS: Final = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4}))"
_WORD_ENDS: Final = r"(?![A-Za-z0-9])"
# A letter or digit that is escaped, as `_any_escape` looks for it, in lower case; hardly a page has any. Each begins
# with plain characters, for that is ten times as fast as one pattern for all of them.
_ALNUM: Final = rb"(?:3[0-9]|[46][1-9a-f]|[57][0-9a])"
_NUMBER: Final = (
    rb"(?:x0{0,6}" + _ALNUM + rb"|0{0,6}(?:4[89]|5[0-7]|6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2]))"
    rb"(?:;|%(?:25){0,3}3b)"
)
_ESCAPED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rb"%(?:25){0,3}" + _ALNUM,
        rb"\\(?:u00|x)" + _ALNUM,
        rb"5c(?:u00|x)" + _ALNUM,
        rb"#(?<=[&;6]#)" + _NUMBER,
        rb"23" + _NUMBER,
        rb"&#37;",
        rb"u0025",
    )
)
_CORE: Final = re.compile(rb"[a-z0-9]{3,}")
_ESCAPES: Final = "%&\\"  # what a spelling may begin with beside the secret itself
# The signs that escapes are made of, which may be escaped themselves, in any order and a few times over: without that
# bound a hostile text would take time that grows with its square.
_PERCENT: Final = r"(?:%|&#37;|\\{1,4}u0025)(?:25){0,3}"
_BACKSLASH: Final = rf"(?:\\|{_PERCENT}5[cC]){{1,4}}"
_AMPERSAND: Final = rf"(?:&|{_PERCENT}26|\\{{1,4}}u0026)"
_SEMICOLON: Final = rf"(?:;|{_PERCENT}3[bB])"
_HASH: Final = rf"(?:#|{_PERCENT}23)"
_JSON_LETTERS: Final = {
    "\b": "b",
    "\f": "f",
    "\t": "t",
    "\n": "n",
    "\r": "r",
    '"': '"',
    "'": "'",
    "/": "/",
    "\\": r"\\",
}


class ShortSecretError(ValueError):
    """A value that is too short to be told from ordinary text."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was resolved: how to find the secrets, their placeholders, and an Authorization field (RFC 7617)."""

    pattern: re.Pattern[str] | None = field(default=None, repr=False)
    placeholders: tuple[str, ...] = ()
    authorization: str | None = field(default=None, repr=False)
    cores: tuple[bytes, ...] = field(default=(), repr=False)

    def redact(self, text: str) -> str:
        """The text with placeholders for secrets."""
        if self.pattern is None:
            return text
        return self.pattern.sub(lambda match: self.placeholders[(match.lastindex or 1) - 1], text)

    def redact_body(self, body: bytes, content_type: str, *, xml: bool = True) -> bytes:
        """A body likewise, for documents name their own address.

        It is read as its reader will read it; one that holds a secret becomes UTF-8, with the mark that says so.
        """
        if not self._may_be_in(body):
            return body
        from technews.charsets import decode  # noqa: PLC0415 -- for the few bodies that may hold one

        text = decode(body, content_type, xml=xml)
        if (clean := self.redact(text)) != text:
            return codecs.BOM_UTF8 + clean.encode("utf-8", "replace")
        if text.encode("utf-8", "replace") == body:
            return body
        return self.redact(body.decode("latin-1")).encode("latin-1")

    def _may_be_in(self, body: bytes) -> bool:
        """Whether it is worth looking closely, which costs a page as much as reading it.

        Any spelling of a secret holds its longest run of letters and digits, or one of these escaped, or is in UTF-16.
        """
        if self.pattern is None:
            return False
        low = body.lower()
        plain = not self.cores or b"\0" in body or any(core in low for core in self.cores)
        return plain or any(pattern.search(low) for pattern in _ESCAPED)


def resolve(url: str, environ: Mapping[str, str]) -> tuple[str, Credentials]:
    """The address with its placeholders resolved and without user name, and the credentials that it held.

    Raises KeyError with the name of a variable that is not set, ShortSecretError, and ValueError where the address
    cannot be read.
    """
    names = sorted(set(_PLACEHOLDER.findall(url)))
    if missing := [name for name in names if not environ.get(name)]:
        raise KeyError(missing[0])
    if short := [name for name in names if len(environ[name]) < SHORTEST]:
        raise ShortSecretError(
            f"the value of {short[0]} is too short to be kept secret ({SHORTEST} characters at least)"
        )
    resolved = _PLACEHOLDER.sub(lambda match: quote(environ[match[1]], safe=""), url)
    secrets = [(environ[name], f"${{{name}}}") for name in names]
    parts = urlsplit(resolved)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return resolved, _credentials(secrets)
    name, _, password = user.partition(":")
    pair = f"{unquote(name)}:{unquote(password)}"
    token = base64.b64encode(pair.encode()).decode()
    secrets.append((pair, urlsplit(url).netloc.rpartition("@")[0]))
    return parts._replace(netloc=host).geturl(), _credentials(secrets, f"Basic {token}")


def gather(urls: Iterable[str], environ: Mapping[str, str]) -> Credentials:
    """What no page may hand on: the secrets in all these addresses, each with its placeholder.

    A feed's own answers are cleared of all that its address holds. In the pages of others a value of under six
    characters is an ordinary word, and so may be a user name: without its password it is left alone.
    """
    secrets: set[tuple[str, str]] = set()
    for url in urls:
        begin, at, rest = url.partition("://")[2].partition("/")[0].rpartition("@")
        user, _, password = begin.partition(":")
        kept = url.replace(f"{begin}{at}{rest}", f"{password or user}{at}{rest}", 1) if at else url
        secrets |= {(environ.get(name, ""), f"${{{name}}}") for name in _PLACEHOLDER.findall(kept)}
        if at:
            name, password = (_PLACEHOLDER.sub(lambda m: environ.get(m[1], ""), part) for part in (user, password))
            secrets.add((f"{name}:{password}", begin))
    return _credentials([pair for pair in secrets if len(pair[0]) >= _SHORTEST_ANYWHERE])


def _credentials(secrets: Iterable[tuple[str, str]], authorization: str | None = None) -> Credentials:
    spelt = {spelling: shown for secret, shown in secrets for spelling in _texts(secret)}
    coded = {spelling: shown for secret, shown in secrets for spelling in _codes(secret)}
    # The longest first, for one may be a part of another.
    ordered = sorted((coded | spelt).items(), key=lambda pair: (-len(pair[0]), pair))
    if not ordered:
        return Credentials(authorization=authorization)
    # Looking at the first character alone before anything else is five times as fast.
    first = {case for spelling, _ in ordered for case in _cases(spelling[0])} | set(_ESCAPES)
    ahead = "".join(map(re.escape, sorted(first)))
    pattern = "|".join(f"({_pattern(spelling, text=spelling in spelt)})" for spelling, _ in ordered)
    return Credentials(
        re.compile(f"(?=[{ahead}])(?:{pattern})"),
        tuple(shown for _, shown in ordered),
        authorization,
        _cores(spelling for spelling, _ in ordered),
    )


def _cores(spellings: Iterable[str]) -> tuple[bytes, ...]:
    """The longest run of letters and digits in each spelling, in lower case; none at all where one has no such run."""
    runs = [_CORE.findall(spelling.encode().lower()) for spelling in spellings]
    return tuple({max(found, key=len) for found in runs}) if all(runs) else ()


def _texts(secret: str) -> set[str]:
    """A secret as it may come back whole: composed and decomposed, and its bytes read as Latin-1."""
    forms = {secret, unicodedata.normalize("NFC", secret), unicodedata.normalize("NFD", secret)}
    return forms | {form.encode().decode("latin-1") for form in forms}


def _codes(secret: str) -> set[str]:
    """A secret in base64 and in hex."""
    data = secret.encode()
    if len(data) < _SHORTEST_ANYWHERE:
        return {base64.b64encode(data).decode().rstrip("=")}
    return {*_base64_cores(data), data.hex(), data.hex().upper()}


def _base64_cores(data: bytes) -> set[str]:
    """What is the same in the base64 of every text that holds these bytes, for the three places they may start at."""
    cores = set()
    for offset in range(3):
        padded = bytes(offset) + data
        core = base64.b64encode(padded)[(8 * offset + 5) // 6 : 8 * len(padded) // 6].decode()
        cores |= {core, core.replace("+", "-").replace("/", "_")}
    return cores


def _pattern(spelling: str, *, text: bool) -> str:
    """How to find a spelling; letters and digits of base64 and hex are never escaped, and never in another case."""
    found = "".join(c if not text and c.isalnum() else _any_escape(c) for c in spelling)
    return found if len(spelling) >= _SHORTEST_ANYWHERE else f"{_WORD_BEGINS}{found}{_WORD_ENDS}"


def _any_escape(character: str) -> str:
    """A character as itself or escaped as addresses, markup and JSON do it, also twice or three times over.

    In either case: hosts come back in lower case, and escapes may.
    """
    code = ord(character)
    units = character.encode("utf-16-be")
    numbers = f"{_HASH}(?:0{{0,6}}{code}|[xX]0{{0,6}}{_hex(format(code, 'x'))})"
    found = [
        f"[{''.join(map(re.escape, _cases(character)))}]",
        "".join(f"{_PERCENT}{_hex(format(byte, '02x'))}" for byte in character.encode()),
        f"{_AMPERSAND}(?:amp{_SEMICOLON}){{0,3}}(?:{'|'.join([numbers, *_names().get(character, ())])}){_SEMICOLON}",
        "".join(f"{_BACKSLASH}u{_hex(units[place : place + 2].hex())}" for place in range(0, len(units), 2)),
    ]
    if code < 0x100:
        found.append(f"{_BACKSLASH}x{_hex(format(code, '02x'))}")
    if character in _JSON_LETTERS:
        found.append(f"{_BACKSLASH}{_JSON_LETTERS[character]}")
    before = f"(?:{_BACKSLASH})?" if character in "\"'/\\" else ""
    return f"{before}(?:{'|'.join(found)})"


def _cases(character: str) -> list[str]:
    cases = {character, character.lower(), character.upper()} | ({"+"} if character == " " else set())
    return sorted(case for case in cases if len(case) == 1)


def _hex(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


@cache
def _names() -> dict[str, list[str]]:
    """The named references of HTML by character, each without its ampersand and semicolon."""
    names: dict[str, list[str]] = {}
    for name, character in sorted(html5.items()):
        if name.endswith(";"):
            names.setdefault(character, []).append(name.removesuffix(";"))
    return names
