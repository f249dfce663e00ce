"""Pages in a folder of HTML files, with what `index.jsonl` beside them knows: path, url, fetched_at.

Files are read in the order of their paths. What cannot be used of a line or file is passed over, and that is said.
"""

import gzip
import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
_NAMED: Final = 5  # lines that are named where some cannot be used, of each kind
_ADDRESS: Final = "https://site.example/article"
_TIME: Final = "2026-03-02T08:00:00Z"
_EXAMPLE: Final = f'{{"path": "a.html", "url": "{_ADDRESS}", "fetched_at": "{_TIME}"}}'
_LONGEST_VALUE: Final = 80  # characters of what stands in a line, where it is named


@dataclass(slots=True)
class Faults:
    """What is wrong in lines of one kind: their numbers, and what the first of them say and should say."""

    lines: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def add(self, line: int, words: str) -> None:
        """Notes a line, and the words on it of the first few."""
        self.lines.append(line)
        if len(self.words) < _NAMED:
            self.words.append(f"{INDEX}:{line}: {words}")


@dataclass(frozen=True, slots=True)
class Indexed:
    """What a line of the index says of a page; each is None where it says nothing usable."""

    url: str | None
    fetched_at: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it is now: its pages in order, what its index says of them (by path below the folder).

    `faults` are those of the index by kind, which is said of all its lines together.
    """

    files: tuple[Path, ...]
    size: int
    version: str
    index: dict[str, Indexed]
    faults: dict[str, Faults]


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
    index, faults = _read_index(folder / INDEX)
    return Folder(tuple(files), size, digest.hexdigest()[:16], index, faults)


def read_folder(folder: Path, seen: Folder, start: int, now: datetime) -> Iterator[Document | Passed]:
    """The pages from the file with this number on."""
    if start == 0:
        yield from _faults_of_index(folder, seen)
    for number, path in enumerate(seen.files[start:], start=start + 1):
        said = seen.index.get(path.relative_to(folder).as_posix()) or Indexed(None, None, 0)
        try:
            body = read_file(path)
            modified = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)
        except (OSError, EOFError, zlib.error, OverflowError) as error:
            yield Passed(f"{shown(path.name)}: {getattr(error, 'strerror', None) or error}", number, damage=True)
            continue
        yield Document(as_text(path), None, number, said.url, read_time(said.fetched_at, modified, now), body)


def _faults_of_index(folder: Path, seen: Folder) -> Iterator[Passed]:
    """Lines in which something is wrong, and pages that are named and are not there."""
    if lines := sorted({line for faults in seen.faults.values() for line in faults.lines}):
        details = tuple(words for kind, faults in seen.faults.items() for words in _named(kind, faults))
        yield _passed(f"{counted(len(lines), 'line')} of {INDEX} with faults", lines, details)
    missing = Faults()
    for name in sorted(seen.index.keys() - {path.relative_to(folder).as_posix() for path in seen.files}):
        missing.add(seen.index[name].line, f"path {_short(name)}: no HTML file of the folder has this path")
    if missing.lines:
        words = f"{counted(len(missing.lines), 'page')} named in {INDEX} and not in the folder"
        yield _passed(words, sorted(missing.lines), tuple(_named("with a path that is not there", missing)))


def _named(kind: str, faults: Faults) -> Iterator[str]:
    """The first lines of a kind, one by one, and how many more there are."""
    yield from faults.words
    if more := faults.lines[len(faults.words) :]:
        yield f"{INDEX}: {counted(len(more), 'more line')} {kind} ({first_few(list(map(str, more)), _NAMED)})"


def _passed(words: str, lines: Sequence[int], details: tuple[str, ...]) -> Passed:
    numbers = first_few(list(map(str, lines)), _NAMED)
    return Passed(f"{words} ({'line' if len(lines) == 1 else 'lines'} {numbers})", 0, damage=True, details=details)


def _inside(path: Path, root: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(root)


def read_file(path: Path) -> bytes:
    """A page's bytes, unpacked where its name ends in .gz; no more than it takes to see that they are too many."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
        return stream.read(MAX_BODY + 1)


def _read_index(path: Path) -> tuple[dict[str, Indexed], dict[str, Faults]]:
    """What the lines say (the last one of a page), and what is wrong in them, by kind."""
    found: dict[str, Indexed] = {}
    faults: defaultdict[str, Faults] = defaultdict(Faults)
    if not path.is_file():
        return found, faults
    with path.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE), b""), 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                name, url, at = item["path"].removeprefix("./"), item.get("url"), item.get("fetched_at")
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                faults["without a path"].add(number, f"no JSON object with a path, such as {_EXAMPLE}")
                continue
            spelt = spell(url) if isinstance(url, str) else None
            if url and not spelt:
                faults["with no address"].add(number, f"url {_short(url)} is no address such as {_ADDRESS}")
            if at and not (isinstance(at, str) and is_time(at)):
                faults["with no time"].add(number, f"fetched_at {_short(at)} is no time such as {_TIME}")
            if name in found:
                words = f"path {_short(name)} is that of line {found[name].line} again: this line counts"
                faults["on a page again"].add(number, words)
            found[name] = Indexed(spelt, at if isinstance(at, str) else None, number)
    return found, faults


def _short(value: object) -> str:
    """A value of a line as it stands in Python, where nothing in it does anything."""
    words = repr(value)
    return words if len(words) <= _LONGEST_VALUE else f"{words[:_LONGEST_VALUE]} ..."
