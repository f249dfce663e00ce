"""Writes the part of docs/data-dictionary.md that describes the views: from a freshly migrated database, so from sql/.

After a change in sql/marts: `.venv/bin/python tests/dictionary.py`. A test compares the page with what this writes.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from technews import PROJECT_ROOT
from technews.warehouse import Warehouse

PAGE = PROJECT_ROOT / "docs" / "data-dictionary.md"
BEGIN, END = "<!-- views: begin -->\n", "<!-- views: end -->\n"
COMMAND = ".venv/bin/python tests/dictionary.py"

_COLUMNS = """
SELECT view_name, v.comment, column_name, data_type, c.comment
FROM duckdb_views() AS v
JOIN duckdb_columns() AS c ON c.table_oid = v.view_oid
WHERE v.schema_name = 'main' AND NOT v.internal
ORDER BY view_name, column_index
"""


def described_views(store: Warehouse) -> str:
    """Every view of a database with its columns, their types and comments, as Markdown."""
    _, rows = store.query(_COLUMNS)
    lines: list[str] = []
    seen = ""
    for view, meaning, column, kind, comment in rows:
        if view != seen:
            lines += ["", f"### `{view}`", "", meaning, "", "| column | type | meaning |", "|---|---|---|"]
            seen = view
        lines.append(f"| `{column}` | {_type(kind)} | {comment.replace('|', '/')} |")
    return "\n".join([*lines[1:], ""])


def migrated(folder: Path) -> Warehouse:
    """A database with the present schema and views, and nothing in it."""
    store = Warehouse(folder / "empty.duckdb")
    store.migrate(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    return store


def with_views(page: str, views: str) -> str:
    """The page with this description of the views. Raises ValueError where it has no place for it."""
    before, rest = page.split(BEGIN, 1)
    return before + BEGIN + views + END + rest.split(END, 1)[1]


def _type(kind: str) -> str:
    """A type in one word or two."""
    if kind.startswith("STRUCT"):
        return "list of structs" if kind.endswith("[]") else "struct"
    return kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary, migrated(Path(temporary)) as made:
        PAGE.write_text(with_views(PAGE.read_text(encoding="utf-8"), described_views(made)), encoding="utf-8")
