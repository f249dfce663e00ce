"""What a backfill reads: WARC files and folders of HTML, found below the paths that a user names, read one by one.

A source has a version, so that one that was read whole is not read again and one that was cut short is taken up where
reading stopped; a source that has changed since is read from its start.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from technews import addresses
from technews.file_names import as_text, shown
from technews.html_folders import Folder, look_at, read_folder
from technews.records import Document
from technews.settings import UsageError
from technews.warc_files import Passed, is_warc, read_warc

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")
_HEAD: Final = 256 * 1024  # bytes in which a page names its address
_TAG: Final = re.compile(r"<(link|meta)\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([a-z:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """A WARC file, or a folder of HTML files: `total` is in bytes (WARC) or files (folder), what `after` counts in."""

    path: Path
    feed_id: str
    total: int
    size: int
    version: str
    folder: Folder | None = None

    @property
    def name(self) -> str:
        """The name under which the ledger knows it."""
        return as_text(self.path)

    def read(self, start: int, now: datetime) -> Iterator[Document | Passed]:
        """Its pages from a place on, each with an address where record, index or the page itself names one."""
        try:
            folder = self.folder
            for item in read_folder(self.path, folder, start, now) if folder else read_warc(self.path, start, now):
                yield _with_address(item) if isinstance(item, Document) else item
        except OSError as error:
            yield Passed(f"{shown(str(self.path))}: {error.strerror or error}", self.total, damage=True)


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """The sources below these paths, in order. Raises UsageError where a path is no source and holds none."""
    found: dict[Path, Source] = {}
    for path in paths:
        here = list(_sources_at(path))
        if not here:
            raise UsageError(f"{shown(str(path))}: no WARC file, and no folder that holds WARC or HTML files; name one")
        for source in here:
            found.setdefault(source.path, source)
    return list(found.values())


def _sources_at(path: Path) -> Iterator[Source]:
    try:
        whole = path.resolve(strict=True)
        if whole.is_dir():
            feed_id = _feed_id(whole.name)
            yield from (_warc(file, feed_id) for file in sorted(whole.rglob("*")) if is_warc(file) and file.is_file())
            if folder := look_at(whole):
                yield Source(whole, feed_id, len(folder.files), folder.size, folder.version, folder)
        elif whole.is_file() and is_warc(whole):
            yield _warc(whole, _feed_id(whole.name))
    except (OSError, ValueError) as error:
        raise UsageError(f"{shown(str(path))}: {getattr(error, 'strerror', None) or error}") from None


def _warc(path: Path, feed_id: str) -> Source:
    facts = path.stat()
    return Source(path, feed_id, facts.st_size, facts.st_size, f"{facts.st_size}-{facts.st_mtime_ns}")


def _feed_id(name: str) -> str:
    """The pseudo-feed of what a file or folder of this name brings."""
    stem = re.sub(r"(\.warc)?(\.gz)?$", "", name.lower())
    return f"archive:{_NOT_IN_NAMES.sub('-', stem).strip('-')[:60] or 'documents'}"


def _with_address(document: Document) -> Document:
    """The document with a usable address: its own, else the one that the page states; None where there is none."""
    own = addresses.spell(document.url) if document.url else None
    return replace(document, url=own or stated_address(document.body))


def stated_address(body: bytes) -> str | None:
    """The page's canonical address, else its `og:url`, as far as one is absolute and not a home page.

    Read from the tags alone: this runs outside of the workers, where nothing may hang on a page.
    """
    stated: dict[str, str] = {}
    for kind, attributes in _TAG.findall(body[:_HEAD].replace(b"\0", b"").decode("utf-8", "replace")):
        pairs = _ATTRIBUTE.findall(attributes)
        named = {key.lower(): html.unescape(value.strip("\"'")).strip() for key, value in pairs}
        if kind.lower() == "link" and "canonical" in named.get("rel", "").lower().split():
            stated.setdefault("canonical", named.get("href", ""))
        elif named.get("property", "").lower() == "og:url":
            stated.setdefault("og:url", named.get("content", ""))
    named_urls = (stated.get(key, "") for key in ("canonical", "og:url"))
    spelt = (addresses.spell(url) for url in named_urls if url.lower().startswith(("http://", "https://")))
    return next((url for url in spelt if url and urlsplit(url).hostname and not addresses.is_home(url)), None)
