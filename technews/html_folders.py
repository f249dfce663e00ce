"""Pages in a folder of HTML files, with what `index.jsonl` beside them knows: path, url, fetched_at.

Files are read in the order of their paths. A line or file that cannot be used is passed over, and that is said.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from technews.addresses import spell
from technews.extraction import MAX_BODY
from technews.file_names import as_text, shown
from technews.records import Document
from technews.tables import counted, first_few
from technews.warc_files import Passed, is_time, read_time

INDEX: Final = "index.jsonl"
_NAMES: Final = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz")
_LONGEST_LINE: Final = 1_000_000
_NAMED: Final = 5  # lines or pages that are named where some cannot be used


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it is now: its pages in order, and what its index says of them (by path below the folder)."""

    files: tuple[Path, ...]
    size: int
    version: str
    index: dict[str, tuple[str | None, str | None]]
    bad_lines: tuple[int, ...]


def look_at(folder: Path) -> Folder | None:
    """The pages of a folder and below it; None where there are none. Links that lead out of the folder are left out."""
    root = folder.resolve()
    files = sorted(p for p in folder.rglob("*") if p.name.lower().endswith(_NAMES) and _inside(p, root))
    if not files:
        return None
    digest, size = hashlib.sha256(), 0
    for path in [*files, folder / INDEX]:
        if path.exists():
            facts = path.stat()
            size += facts.st_size
            digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    index, bad = _read_index(folder / INDEX)
    return Folder(tuple(files), size, digest.hexdigest()[:16], index, bad)


def read_folder(folder: Path, seen: Folder, start: int, now: datetime) -> Iterator[Document | Passed]:
    """The pages from the file with this number on."""
    if start == 0:
        yield from _faults_of_index(folder, seen)
    for number, path in enumerate(seen.files[start:], start=start + 1):
        url, fetched_at = seen.index.get(path.relative_to(folder).as_posix(), (None, None))
        try:
            body = read_file(path)
            modified = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)
        except (OSError, EOFError, zlib.error, OverflowError) as error:
            yield Passed(f"{shown(path.name)}: {getattr(error, 'strerror', None) or error}", number, damage=True)
            continue
        yield Document(as_text(path), None, number, url, read_time(fetched_at, modified, now), body)


def _faults_of_index(folder: Path, seen: Folder) -> Iterator[Passed]:
    """Lines in which something is wrong, and pages that are named and are not there."""
    if lines := [str(number) for number in seen.bad_lines]:
        words = (
            f"{counted(len(lines), 'line')} of {INDEX} without path, with no true time or address, or on a page again"
        )
        yield Passed(f"{words} ({first_few(lines, _NAMED)})", 0, damage=True)
    if missing := sorted(seen.index.keys() - {path.relative_to(folder).as_posix() for path in seen.files}):
        words = f"{counted(len(missing), 'page')} named in {INDEX} and not in the folder"
        yield Passed(f"{words} ({first_few(list(map(shown, missing[: _NAMED + 1])), _NAMED)})", 0, damage=True)


def _inside(path: Path, root: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(root)


def read_file(path: Path) -> bytes:
    """A page's bytes, unpacked where its name ends in .gz; no more than it takes to see that they are too many."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
        return stream.read(MAX_BODY + 1)


def _read_index(path: Path) -> tuple[dict[str, tuple[str | None, str | None]], tuple[int, ...]]:
    """What the lines say (the last one of a page), and the numbers (from 1) of those in which something is wrong."""
    found: dict[str, tuple[str | None, str | None]] = {}
    bad: list[int] = []
    if not path.is_file():
        return found, ()
    with path.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), b""), 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                name, at = item["path"].removeprefix("./"), _text(item.get("fetched_at"))
                url = spell(_text(item.get("url")) or "")
                if name in found or (at and not is_time(at)) or (item.get("url") and not url):
                    bad.append(number)
                found[name] = (url, at)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                bad.append(number)
    return found, tuple(bad)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
