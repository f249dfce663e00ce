"""TOML files that operators edit: every complaint names file, line and key and says what would be right."""

import io
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from technews.settings import UsageError

_SAID: Final = 50  # mistakes of one file
_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*([\w.\"'-]+)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r"^\s*(?:\"([^\"]+)\"|'([^']+)'|([\w-]+))\s*[.=]")


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML table with the place where it stands, so that a bad value can be named.

    `lines` maps each key to its 1-based line; `line` is that of the table's header (1 for the document itself).
    `document` is the whole text: places are sought in what was read, not in what the file holds by then.
    """

    path: Path
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    document: str = field(default="", repr=False)

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raises UsageError that names file, line and key, in one line."""
        named = key if key.isprintable() else repr(key)  # a quoted key may hold line breaks
        raise UsageError(f"{self.path}:{self.lines.get(key, self.line)}: {named}: {why}")

    def only(self, allowed: Collection[str]) -> None:
        """Refuses keys that nobody reads: a misspelt key would else be silently without effect."""
        for key in self.values:
            self.know(key, allowed)

    def know(self, key: str, allowed: Collection[str]) -> None:
        """Refuses this key if nobody reads it."""
        if key not in allowed:
            self.refuse(key, f"unknown key; known are {', '.join(sorted(allowed))}")

    def text(self, key: str, *, pattern: str = "", meaning: str = "a text", default: str | None = None) -> str:
        """The text under a key. Raises UsageError if it is missing without default, no text, or not of the pattern."""
        value = self.values.get(key, default)
        if value is None:
            self.refuse(key, f"missing; give {meaning}")
        if not isinstance(value, str) or not value.strip() or (pattern and not re.fullmatch(pattern, value)):
            self.refuse(key, f"{_shown(value)} is not {meaning}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """The true or false under a key."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, f"{_shown(value)} is not true or false")
        return value

    def number(self, key: str, *, low: float, high: float, default: float | None = None) -> float:
        """The number under a key, from `low` to `high`."""
        value = self.values.get(key, default)
        if value is None:
            self.refuse(key, f"missing; give a number from {low:g} to {high:g}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.refuse(key, f"{_shown(value)} is not a number from {low:g} to {high:g}")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under a key (none: empty)."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.refuse(key, f'{_shown(value)} is not a list of texts, such as ["one", "two"]')
        return tuple(value)


class Mistakes:
    """Refusals that are gathered, so that all that is wrong with a file is said at once."""

    def __init__(self) -> None:
        """None yet."""
        self.found: list[str] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Notes down what the block refuses, in place of raising it."""
        try:
            yield
        except UsageError as error:
            self.found.append(str(error))

    def refuse(self, path: Path) -> None:
        """Raises UsageError with all that was noted of this file, if anything was: how many, and a line for each."""
        if not self.found:
            return
        first, count = self.found[0], len(self.found)
        if count == 1:
            raise UsageError(first)
        more = [f"... and {count - _SAID} more"] if count > _SAID else []
        lines = [f"{count} mistakes in {path}:", *self.found[:_SAID], *more]
        raise UsageError(f"{count} mistakes, the first: {first}", lines)


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises UsageError where there is none that can be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; name another or create it") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; make it a file that can, or remove it") from None


def read_tables(path: Path, name: str, content: bytes | None = None) -> list[Table]:
    """The `[[name]]` tables of a TOML file, in order; the file may hold nothing else at its top level.

    `content` is what was read of the file before, if it was.
    Raises UsageError where the file is missing, is no UTF-8 TOML, or holds something else.
    """
    document, text = _parse(path, content)
    for key in document:
        if key != name:
            raise UsageError(f"{path}:{_line_of(text, key)}: {key}: unknown; this file holds [[{name}]] tables only")
    tables = document.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{path}:{_line_of(text, name)}: {name}: write each as a table of its own, [[{name}]]")
    places = _sections(text, f"[[{name}]]")
    if len(places) != len(tables):  # inline tables: right TOML, but without lines of their own
        places = [(_line_of(text, name), {})] * len(tables)
    return [Table(path, line, table, lines, text) for table, (line, lines) in zip(tables, places, strict=True)]


def read_table(path: Path, content: bytes | None = None) -> Table:
    """A whole TOML document as one table; the keys of sub-tables are found by `sub_table`.

    `content` is what was read of the file before, if it was.
    """
    document, text = _parse(path, content)
    lines = {key: _line_of(text, key) for key in document}
    return Table(path, 1, document, lines, text)


def sub_table(table: Table, key: str) -> Table:
    """The table `[key]` of a document, with its own lines. Raises UsageError where it is missing or no table."""
    value = table.values.get(key)
    if not isinstance(value, dict):
        table.refuse(key, f"missing; give a table [{key}]" if value is None else f"{_shown(value)} is not a table")
    places = _sections(table.document, f"[{key}]")
    line, lines = places[0] if places else (table.lines.get(key, table.line), {})
    return Table(table.path, line, value, lines, table.document)


def _parse(path: Path, content: bytes | None) -> tuple[dict[str, Any], str]:
    try:
        held = io.BytesIO(read_file(path) if content is None else content)
        text = io.TextIOWrapper(held, encoding="utf-8-sig").read()  # line ends of every system
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))  # else it is "at end of document"
        line = place[1] if place else len(text.rstrip().split("\n"))
        raise UsageError(f"{path}:{line}: not valid TOML: {error}") from None
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits; lists in lists without end
        raise UsageError(f"{path}: cannot be read as TOML: {error}") from None


def _shown(value: object) -> str:
    """A value for a message: in one line, and not the whole of a long one."""
    shown = repr(value)
    return shown if len(shown) <= 100 else f"{shown[:99]}…"


def _sections(text: str, header: str) -> list[tuple[int, dict[str, int]]]:
    """Each table under this header: its line, and the line of each of its keys."""
    found: list[tuple[int, dict[str, int]]] = []
    inside = False
    # Lines as TOML and editors count them: `splitlines` also splits at U+0085 and U+2028, which a text may hold.
    for number, line in enumerate(text.split("\n"), start=1):
        if match := _HEADER.match(line):
            closing = "]" * len(match[1])
            inside = f"{match[1]}{match[2]}{closing}" == header
            if inside:
                found.append((number, {}))
        elif inside and (match := _KEY.match(line)):
            found[-1][1].setdefault(match[1] or match[2] or match[3], number)
    return found


def _line_of(text: str, key: str) -> int:
    pattern = re.compile(rf"^\s*(?:\[\[?\s*)?[\"']?{re.escape(key)}[\"']?\s*[.=\]]")
    return next((n for n, line in enumerate(text.split("\n"), start=1) if pattern.match(line)), 1)
