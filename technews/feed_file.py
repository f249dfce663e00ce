"""The feeds file as it grows, and subscription lists (OPML 2.0): what is written is read back before it counts.

New feeds are added at the end of `feeds.toml`; not a byte of what stands there is changed, comments included.
"""

import json
import os
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import listparser
from lxml import etree

from technews.addresses import spell
from technews.declared_feeds import read_feeds, why_refused
from technews.records import Feed, sound_text
from technews.settings import UsageError

_LARGEST: Final = 10_000_000
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def table_of(feed: Feed) -> str:
    """The feed as a `[[feed]]` table."""
    seconds = int(feed.every.total_seconds())
    every = next(f"{seconds // size}{unit}" for size, unit in _UNITS if seconds % size == 0)
    texts = {
        "id": feed.id,
        "url": feed.url,
        "title": " ".join(sound_text(feed.title).split())[:200],
        "language": feed.language,
        "country": feed.country,
        "timezone": feed.timezone,
        "every": every,
    }
    # A JSON string is a basic string of TOML, but for DEL, which sound text does not hold.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in texts.items()]
    return "\n".join(["[[feed]]", *lines, *(["full_text = true"] if feed.full_text else [])]) + "\n"


def refusal_of(feed: Feed) -> str | None:
    """Why the feeds file would refuse this feed, or None; its address is not shown where it may hold a password."""
    return why_refused(tomllib.loads(table_of(feed))["feed"][0])


def shown(url: str) -> str:
    """The address for a message: without what may be a user name and password."""
    return spell(url) or (f"…@{url.rpartition('@')[2][:200]}" if "@" in url else url[:200])


def append(path: Path, feeds: Sequence[Feed]) -> None:
    """Adds feeds to a file; all, or (where the whole would be refused: UsageError) none.

    Works on bytes, so that byte order mark and line ends stay; what is added ends its lines as the file does.
    """
    present = path.read_bytes() if path.exists() else b""
    line_end = b"\r\n" if b"\r\n" in present else b"\n"
    added = "\n".join(map(table_of, feeds)).encode().replace(b"\n", line_end)
    if present:
        added = (b"" if present.endswith(b"\n") else line_end) + line_end + added
    target = path.resolve()  # a link stays one
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(present + added)
            file.flush()
            os.fsync(file.fileno())
        read_feeds(written)
        written.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        written.replace(target)
    except UsageError as error:
        told = [line.replace(str(written), str(path)) for line in (str(error), *error.lines)]
        raise UsageError(told[0], told[1:]) from None
    finally:
        written.unlink(missing_ok=True)


def read_opml(path: Path) -> list[tuple[str, str]]:
    """Address, as written, and title of each feed that a subscription list names, each address once.

    Raises UsageError where there is none.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    # Bytes: given a text that looks like an address, the library would ask the network.
    listed = listparser.parse(data).feeds if data.strip() else []
    named = {sound_text(str(feed.url)).strip(): sound_text(str(feed.title or "")).strip() for feed in listed}
    found = [(url, title) for url, title in named.items() if "://" in url]
    if not found:
        raise UsageError(f"{path}: names no feed; an OPML file with `xmlUrl` attributes is wanted, of at most 10 MB")
    return found


def opml(feeds: Iterable[Feed]) -> str:
    """The feeds as OPML 2.0, one outline each; placeholders for credentials stay placeholders."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "technews"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        etree.SubElement(
            body, "outline", type="rss", text=feed.title, title=feed.title, xmlUrl=feed.url, language=feed.language
        )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True).decode()
