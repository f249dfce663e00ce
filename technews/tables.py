"""Rows for a person (a table, or a block a row where the terminal is too narrow) or a program (tabs, JSON, CSV).

Text from the web does nothing on a terminal: control characters and marks that turn the direction of writing stay out,
brackets are no markup. JSON is always valid: numbers that JSON does not know are null.
"""

import csv
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

# C0, DEL and C1 controls; line separators; embeddings, overrides, isolates and marks of direction (UAX 9); lone
# surrogates, which no terminal can be sent.
_UNSEEN: Final = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")

_WORD: Final = re.compile(r"[!-~]+")
LONGEST_CELL: Final = 100  # characters of a value in a list on a terminal
_NARROWEST: Final = 12  # characters, the least that a column of longer values is read in


def counted(number: int, thing: str) -> str:
    """A number with its thing, `1 feed` or `1,200 feeds`, for an English noun whose plural is regular."""
    many = f"{thing[:-1]}ies" if thing.endswith("ry") else f"{thing}s"
    return f"{number:,} {thing if number == 1 else many}"


def first_few(names: Sequence[str], most: int) -> str:
    """At most so many names, in a row, and dots where there are more."""
    return ", ".join(names[:most]) + " ..." * (len(names) > most)


def show(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, longest: int | None = None) -> None:
    """Prints the rows under their column names, on a terminal with values of at most `longest` characters."""
    terminal = sys.stdout.isatty()
    texts = [[_cut(cell(value), longest if terminal else None) for value in row] for row in rows]
    names = [cell(column) for column in columns]
    if not terminal:
        for line in [names, *texts]:
            sys.stdout.write("\t".join(line) + "\n")
        return
    from rich.console import Console  # noqa: PLC0415 -- only a terminal needs it
    from rich.table import Table  # noqa: PLC0415 -- the same
    from rich.text import Text  # noqa: PLC0415 -- the same

    console = Console()
    if not texts:
        console.print(Text(f"no rows ({', '.join(names)})"), overflow="fold")
        return
    if _too_wide(names, texts, console.width):
        for words in _blocks(names, texts):
            console.print(Text(words), soft_wrap=True)  # the terminal's own wrapping: an address is copied whole
        return
    table = Table(header_style="bold")
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for line in texts:
        table.add_row(*(Text(text) for text in line))  # Text: brackets in titles are no markup
    console.print(table)


def show_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Prints the rows under their column names as CSV (RFC 4180).

    Values keep their lines; other control characters stay out, as everywhere.
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows([_csv_cell(value) for value in row] for row in (columns, *rows))


def _csv_cell(value: object) -> str:
    return "\n".join(map(cell, value.split("\n"))) if isinstance(value, str) else cell(value)


def _too_wide(names: Sequence[str], texts: Sequence[Sequence[str]], width: int) -> bool:
    """Whether a table would have to break a name, an address or any other word, or read values in a few letters."""
    needed = [max(len(name), *(_least_width(line[at]) for line in texts)) for at, name in enumerate(names)]
    return sum(needed) + 3 * len(needed) + 1 > width


def _least_width(text: str) -> int:
    """Columns in which a value can be read; Chinese has no words to keep whole."""
    return max(min(_NARROWEST, len(text)), *map(len, _WORD.findall(text)), 0)


def _blocks(names: Sequence[str], texts: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row as lines of name and value, under its number."""
    longest = max(map(len, names))
    for number, line in enumerate(texts, 1):
        yield f"── row {number} " + "─" * 20
        yield from (f"{name:>{longest}}  {value}" for name, value in zip(names, line, strict=True))


def cell(value: object) -> str:
    """One value on one line; lists and structures in it as JSON, and so true and false."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds", sep=" ")
    if isinstance(value, bool | list | tuple | Mapping):
        return json_text(value)
    return _CONTROL.sub(" ", str(value))


def json_text(value: object, *, indent: int | None = None) -> str:
    """The value as JSON (RFC 8259) that the standard output can take; letters stay letters where it can."""
    plain = _plain(value)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=indent)
    # As escapes they are the same JSON, and do nothing on a terminal.
    text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a lone surrogate, or an output that is not UTF-8
        return json.dumps(plain, allow_nan=False, indent=indent)
    return text


def unique(columns: Sequence[str]) -> list[str]:
    """The column names with a number after each that stands twice (`a`, `a_2`): a JSON object would keep only one."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names


def _plain(value: object) -> object:
    """The value in what JSON has: times in ISO 8601, exact numbers as numbers, anything else as its text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else cell(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(held) for held in value]
    return value.isoformat() if isinstance(value, date) else str(value)


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"
