"""The feeds that operators declare in `config/feeds.toml`, read strictly.

Whatever is unknown, doubled or wrong is refused with file, line, key and what would be right: a feed that is read
differently from what its file says would go unnoticed. A password or token written out is refused without being shown.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from technews.configuration import Mistakes, Table, read_tables
from technews.languages import ISO_639_1
from technews.records import Feed, sound_text
from technews.settings import UsageError

_SECONDS: Final = {"s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}
_LONGEST: Final = timedelta(days=7)
_PLACEHOLDER: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_NOT_IN_A_URL: Final = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]")  # RFC 3986, section 2
_NO_PLACE: Final = frozenset({"Factory"})  # the zone of the database that means "not set"


def read_feeds(path: Path) -> tuple[Feed, ...]:
    """The feeds of a file, in its order.

    Raises UsageError "file:line: key: why" where the file is missing, is no TOML or declares no feed; and one for all
    unknown keys, bad values, and ids or URLs that an earlier feed has.
    """
    tables = read_tables(path, "feed")
    if not tables:  # taken at its word, an emptied file would retire every feed
        raise UsageError(f"{path}:1: feed: declares no feed; write at least one [[feed]] table")
    mistakes = Mistakes()
    read = [(table, feed) for table in tables if (feed := _feed(table, mistakes))]
    _find_doubles(read, "id", lambda feed: feed.id, mistakes)
    _find_doubles(read, "url", lambda feed: _same_address(feed.url), mistakes)
    mistakes.refuse(path)
    return tuple(feed for _, feed in read)


def why_refused(values: Mapping[str, Any]) -> str | None:
    """Why a `[[feed]]` table with these values would be refused, as "key: why", or None."""
    mistakes = Mistakes()
    _feed(Table(Path("feed"), 1, values, {}), mistakes)
    return mistakes.found[0].partition(": ")[2] if mistakes.found else None


def missing_variables(feeds: Iterable[Feed], environ: Mapping[str, str]) -> list[tuple[Feed, str]]:
    """The feeds whose address names a variable that is not set or empty, with its name: they cannot be read."""
    named = ((feed, name) for feed in feeds for name in _PLACEHOLDER.findall(feed.url))
    return [(feed, name[2:-1]) for feed, name in named if not environ.get(name[2:-1])]


def _feed(table: Table, mistakes: Mistakes) -> Feed | None:
    """The feed of a table; None where it has mistakes, which are noted, all of them."""
    before = len(mistakes.found)
    for key in table.values:
        with mistakes.noted():
            table.know(key, _VALUES)
    values = {}
    for key, value in _VALUES.items():
        with mistakes.noted():
            values[key] = value(table)
    return Feed(**values) if len(mistakes.found) == before else None


def _url(table: Table) -> str:
    """An absolute http(s) URL; `${NAME}` stands for a part that is known only when connecting."""
    url = table.text("url", meaning='an absolute address, such as "https://news.example/feed"')
    plain = _PLACEHOLDER.sub("x", url)
    try:
        parts = urlsplit(plain)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an address between them, or a port that is no number up to 65535
        sound = False
    if not sound or _NOT_IN_A_URL.search(plain):
        # Not shown where it may hold a password: the message ends in logs.
        shown = "this" if "@" in url else repr(url[:200])
        table.refuse("url", f'{shown} is not an absolute http or https URL, such as "https://news.example/feed"')
    if _PLACEHOLDER.sub("", url.split("://", 1)[1].split("/", 1)[0].rpartition("@")[0]).strip(":"):
        table.refuse("url", "holds a user name or password; write ${NAME} in its place and set the variable NAME")
    return url


def _title(table: Table) -> str:
    title = " ".join(sound_text(table.text("title", meaning="the feed's name")).split())
    if not title:  # of control characters alone
        table.refuse("title", "is empty; give the feed's name")
    return title


def _code(table: Table, key: str, known: frozenset[str], meaning: str) -> str:
    value = table.text(key, meaning=meaning)
    if value not in known:
        table.refuse(key, f"{value[:80]!r} is not {meaning}")
    return value


def _interval(table: Table) -> timedelta:
    meaning = 'an integer and one of s, m, h, d, from "1s" to "7d", such as "30m"'
    value = table.text("every", pattern=r"[0-9]{1,9}[smhd]", meaning=meaning, default="30m")
    interval = timedelta(seconds=int(value[:-1]) * _SECONDS[value[-1]])
    if not timedelta(seconds=1) <= interval <= _LONGEST:
        table.refuse("every", f"{value!r} is not {meaning}")
    return interval


def _find_doubles(
    declared: Iterable[tuple[Table, Feed]], key: str, identity: Callable[[Feed], str], mistakes: Mistakes
) -> None:
    first: dict[str, Table] = {}
    for table, feed in declared:
        earlier = first.setdefault(identity(feed), table)
        if earlier is not table:
            line = earlier.lines.get(key, earlier.line)
            with mistakes.noted():
                table.refuse(key, f"the feed of line {line} has the same {key}; give each feed its own, or remove one")


def _same_address(url: str) -> str:
    """The URL with scheme and host in lower case (RFC 3986, section 6.2.2.1): two spellings of one address."""
    parts = urlsplit(url)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/").geturl()


@cache
def _countries() -> frozenset[str]:
    """The alpha-2 codes of ISO 3166-1, as the time zone database lists them."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t", 1)[0] for line in table.splitlines() if not line.startswith("#"))


@cache
def _zones() -> frozenset[str]:
    """The zones, from the list of the database: `zoneinfo` would open each of its 600 files."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()) - _NO_PLACE


_VALUES: Final[Mapping[str, Callable[[Table], Any]]] = {
    "id": lambda t: t.text("id", pattern=r"[a-z0-9-]{1,64}", meaning="1 to 64 of the characters a-z, 0-9 and -"),
    "url": _url,
    "title": _title,
    "language": lambda t: _code(t, "language", ISO_639_1, 'a language code of ISO 639-1, such as "fr"'),
    "country": lambda t: _code(
        t, "country", _countries(), 'a country code of ISO 3166-1, such as "FR" (Britain: "GB")'
    ),
    "timezone": lambda t: _code(t, "timezone", _zones(), 'a zone of the time zone database, such as "Europe/Paris"'),
    "every": _interval,
    "full_text": lambda t: t.flag("full_text", default=False),
}
