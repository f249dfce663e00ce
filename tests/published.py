"""What the published warehouse of a home answers, as an analyst's program asks it."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import duckdb


def _opened(home: Path) -> duckdb.DuckDBPyConnection:
    reader = duckdb.connect(str(home / "warehouse.duckdb"), read_only=True)
    reader.execute("SET TimeZone = 'UTC'")
    return reader


def ask(home: Path, sql: str) -> list[tuple]:
    """An analyst's question."""
    with _opened(home) as reader:
        return reader.execute(sql).fetchall()


def contents(home: Path, but_for: Collection[str]) -> dict[str, Counter]:
    """Every base table, row for row, but for some."""
    with _opened(home) as reader:
        tables = reader.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        return {
            name: Counter(map(str, reader.execute(f"FROM {schema}.{name}").fetchall()))
            for schema, name in tables
            if name not in but_for
        }
