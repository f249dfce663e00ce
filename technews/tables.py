"""Rows for a person: a table on a terminal, tab-separated lines elsewhere. Control characters from the web stay out."""

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def show(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Prints the rows under their column names."""
    texts = [[cell(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for line in [list(columns), *texts]:
            sys.stdout.write("\t".join(line) + "\n")
        return
    from rich.console import Console  # noqa: PLC0415 -- only a terminal needs it
    from rich.markup import escape  # noqa: PLC0415 -- the same
    from rich.table import Table  # noqa: PLC0415 -- the same
    from rich.text import Text  # noqa: PLC0415 -- the same

    table = Table(*(escape(column) for column in columns), header_style="bold")
    for line in texts:
        table.add_row(*(Text(text) for text in line))  # Text: brackets in titles are no markup
    Console().print(table)


def cell(value: object) -> str:
    """One value on one line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds", sep=" ")
    return _CONTROL.sub(" ", str(value))
