"""The database: the one module that opens DuckDB.

What it is told stands in `sql/`, run by name. A transaction that commits raises the commit number by one, so that a
published copy can be told from its source. Loading refuses a doubled key (`DoubledKey`); it is all or nothing.

Exceptions:

    WarehouseError          the file cannot be opened, or is of another version: one line that says what to do
      Damaged               the file is no whole database
    OwnFault                what no input can cause, only we: never to be tried again row by row
      DoubledKey            a load was given a key twice
      ForbiddenChange       an entry was given an outcome that its present one does not allow
"""

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final, Self

import duckdb

from technews import PROJECT_ROOT

SQL: Final = PROJECT_ROOT / "sql"

Row = dict[str, Any]

_Options = dict[str, str | bool | int | float | list[str]]
# A reader's SQL reaches its file alone, nothing else on the machine.
_READER: Final[_Options] = {"enable_external_access": False}
# A run's statements touch few rows: a second thread costs more processor time than it saves.
_WRITER: Final[_Options] = {"threads": 1}
_DAMAGE: Final = re.compile(r"(?i)corrupt|checksum|not a valid duckdb|enough bytes|deserializ")  # in DuckDB's words
_OTHER_OBJECTS: Final = """
    SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal
    UNION ALL SELECT schema_name || '.' || function_name FROM duckdb_functions() WHERE NOT internal"""


class WarehouseError(Exception):
    """The database cannot be used; the message is one line that says what to do."""


class Damaged(WarehouseError):  # noqa: N818 -- as the others
    """The file is no whole database; `words` are DuckDB's own, in one line."""

    def __init__(self, path: Path, words: str) -> None:
        """The message names the command that names the cure: it depends on whose file this is."""
        super().__init__(f"{path} is damaged: `technews doctor` names the cure ({words})")
        self.words = words


class OwnFault(Exception):  # noqa: N818 -- named for what it is
    """What no input can cause, only we."""


class DoubledKey(OwnFault):
    """A load was given a key that stands twice or is already there."""


class ForbiddenChange(OwnFault):
    """An entry was given an outcome that its present one does not allow."""


class _Pandas:
    """Keeps DuckDB from loading pandas, which takes longer than a quiet run.

    At its first parameter that is no number or text, DuckDB asks pandas for the values NaT and NA, once, to compare
    with. Nothing here passes a value of pandas, so it is given two of our own; pandas itself is untouched.
    """

    spared = False

    @classmethod
    def spare(cls, connection: duckdb.DuckDBPyConnection) -> None:
        """Gives this process's first connection such a parameter."""
        if cls.spared or "pandas" in sys.modules:
            return
        cls.spared = True
        stand_in = ModuleType("pandas")
        stand_in.__dict__.update(NaT=object(), NA=object())
        sys.modules["pandas"] = stand_in
        try:
            connection.execute("SELECT $at", {"at": datetime(2000, 1, 1, tzinfo=UTC)})
        finally:
            del sys.modules["pandas"]


class Warehouse:
    """A connection to one database file, with everything in UTC."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Opens the file (a missing one is made, unless read-only). Raises WarehouseError."""
        self.path, self._read_only = path, read_only
        self.open()

    def open(self) -> None:
        """Opens the file again after `close`. Raises WarehouseError."""
        path, read_only = self.path, self._read_only
        try:
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = duckdb.connect(str(path), read_only=read_only, config=_READER if read_only else _WRITER)
        except (duckdb.Error, OSError) as error:
            raise _opening_failed(path, str(error).splitlines()[0], read_only=read_only) from None
        _Pandas.spare(self._connection)
        self._connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> Self:
        """The warehouse itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Closes the file."""
        self.close()

    def close(self) -> None:
        """Closes the file, and with it frees DuckDB's lock.

        A reader's threads are ended first, while all that they use is there: DuckDB (1.5) drops its buffers before it
        waits for them, and one that still puts away the last task of a join then falls over what is gone.
        """
        if self._read_only:
            with suppress(duckdb.Error):  # after a fatal error nothing runs any more
                self._connection.execute("SET threads = 1")
        self._connection.close()

    def rows(self, name: str, /, **parameters: object) -> list[Row]:
        """The rows of the last statement of `sql/<name>.sql`, as dicts. Raises DoubledKey, duckdb.Error."""
        result = self._run(name, parameters)
        if result is None or result.description is None:
            return []
        columns = [column[0] for column in result.description]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def run(self, name: str, /, **parameters: object) -> None:
        """Executes every statement of `sql/<name>.sql`. Raises DoubledKey, duckdb.Error."""
        self._run(name, parameters)

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> tuple[list[str], list[Any]]:
        """An analyst's SQL: column names and rows. Raises WarehouseError with DuckDB's first words on a bad query.

        Statements may stand before the query (`ATTACH`, `SET`), but no other query, whose rows would be lost.
        """
        try:
            _demand_one_query(self._connection.extract_statements(sql))
            result = self._connection.execute(sql, parameters)
            if result is None or result.description is None:  # None: comments alone
                return [], []
            return [column[0] for column in result.description], result.fetchall()
        except duckdb.Error as error:
            raise WarehouseError(str(error).strip()) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a commit raises the commit number by one."""
        self._connection.execute("BEGIN")
        try:
            yield
            self.run("load/next_commit")
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """A transaction that is always rolled back: to see whether the store would take something."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    @property
    def commit_number(self) -> int:
        """The number of the last change in this file."""
        row = self._connection.execute("SELECT commit_number FROM ledger.state").fetchone()
        return int(row[0]) if row else 0

    def checkpoint(self) -> None:
        """Writes everything into the file itself, so that copying its bytes copies all."""
        self._connection.execute("CHECKPOINT")

    def table_sizes(self) -> dict[str, int]:
        """Every table by its name with the number of its rows, and every view and macro with 0."""
        tables = self._connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        sizes = {name: 0 for (name,) in self._connection.execute(_OTHER_OBJECTS).fetchall()}
        for schema, table in tables:
            row = self._connection.execute(f'SELECT count(*) FROM "{schema}"."{table}"').fetchone()  # noqa: S608 -- names of our own schema
            sizes[f"{schema}.{table}"] = row[0] if row else 0
        return sizes

    def copy_into(self, path: Path) -> None:
        """Writes everything in this file into a new one, without the holes. Raises WarehouseError."""
        here = self._connection.execute("SELECT current_database()").fetchone()
        target = str(path).replace("'", "''")
        try:
            self._connection.execute(f"ATTACH '{target}' AS compacted")
            self._connection.execute(f'COPY FROM DATABASE "{here[0] if here else ""}" TO compacted')
            self._connection.execute("DETACH compacted")
        except duckdb.Error as error:
            raise WarehouseError(f"{path} cannot be written: {str(error).splitlines()[0]}") from None

    def raise_commit_number(self, number: int) -> None:
        """Counts on from this number."""
        self.run("load/raise_commit_number", number=number)

    def migrate(self, now: datetime) -> list[str]:
        """Brings the file to the present schema and views; returns the names of what was applied.

        Each migration and its record commit together. Raises WarehouseError where the file was made by a newer
        version, or where a migration was edited after it had been applied.
        """
        applied = self._applied()
        files = migrations()
        for number, (name, sha256) in applied.items():
            if number not in files:
                raise WarehouseError(
                    f"{self.path} is at migration {name}, which this version does not know: upgrade technews"
                )
            if _sha256(files[number]) != sha256:
                raise WarehouseError(f"sql/schema/{name} was edited after it was applied to {self.path}: restore it")
        done = [self._apply(number, path, now) for number, path in files.items() if number not in applied]
        if self._refresh_marts() or done:
            done.append("marts")
        return done

    def _apply(self, number: int, path: Path, now: datetime) -> str:
        self._connection.execute("BEGIN")
        try:
            self._connection.execute(path.read_text(encoding="utf-8"))
            self._connection.execute(
                "INSERT INTO ledger.migrations VALUES (?, ?, ?, ?)", [number, path.name, _sha256(path), now]
            )
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return path.name

    def _refresh_marts(self) -> bool:
        marts = sorted((SQL / "marts").glob("*.sql"))
        sha256 = hashlib.sha256(b"".join(path.read_bytes() for path in marts)).hexdigest()
        row = self._connection.execute("SELECT marts_hash FROM ledger.state").fetchone()
        if row and row[0] == sha256:
            return False
        with self.transaction():
            for path in marts:
                self._connection.execute(path.read_text(encoding="utf-8"))
            self._connection.execute("UPDATE ledger.state SET marts_hash = ?", [sha256])
        return True

    def _applied(self) -> dict[int, tuple[str, str]]:
        exists = self._connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'ledger' AND table_name = 'migrations'"
        ).fetchone()
        if not exists:
            return {}
        rows = self._connection.execute("SELECT number, name, sha256 FROM ledger.migrations ORDER BY number").fetchall()
        return {number: (name, sha256) for number, name, sha256 in rows}

    def _run(self, name: str, parameters: Mapping[str, object]) -> duckdb.DuckDBPyConnection | None:
        result = None
        try:
            for statement in self._connection.extract_statements(_text(name)):
                wanted = {key: parameters[key] for key in statement.named_parameters}
                result = self._connection.execute(statement, wanted)
        except duckdb.Error as error:
            if "double key" in str(error):
                raise DoubledKey(f"sql/{name}.sql: {error}") from error
            if "no change from" in str(error):
                raise ForbiddenChange(f"sql/{name}.sql: {error}") from error
            if self._read_only and (why := self._other_version()):
                raise WarehouseError(f"{self.path} {why}") from error
            raise
        return result

    def _other_version(self) -> str | None:
        """Why our SQL may not fit a file that is only read: after an upgrade the first run migrates it."""
        there, here = max(self._applied(), default=-1), max(migrations())
        if there < here:
            return "was made by an older version: the next `technews run` brings it up to date"
        return "was made by a newer version: upgrade technews" if there > here else None

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except duckdb.Error:  # the failed statement may have ended the transaction already
            return


def migrations() -> dict[int, Path]:
    """The migrations in order: number to file. The numbers have no holes."""
    return {int(path.name.split("_")[0]): path for path in sorted((SQL / "schema").glob("*.sql"))}


def checks() -> list[tuple[str, str, str]]:
    """The checks: name, severity (`error` or `warn`) and what a row of their answer means, from their first line."""
    found = []
    for path in sorted((SQL / "checks").glob("*.sql")):
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        severity, meaning = re.fullmatch(r"-- (error|warn): (.+)", first).groups()  # type: ignore[union-attr]
        found.append((path.stem, severity, meaning))
    return found


@cache
def _text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _demand_one_query(statements: Sequence[duckdb.Statement]) -> None:
    if any(each.expected_result_type == [duckdb.ExpectedResultType.QUERY_RESULT] for each in statements[:-1]):
        raise WarehouseError("only its last statement may be a query; ask one at a time")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _opening_failed(path: Path, error: str, *, read_only: bool) -> WarehouseError:
    if read_only and not path.exists():
        if any(path.parent.glob("published/*.duckdb")):
            return WarehouseError(f"{path}: the link to what was published is lost: the next `technews run` makes it")
        return WarehouseError(f"{path}: nothing has been published yet: start with `technews run`")
    if "Could not set lock" in error:
        return WarehouseError(f"{path} is held open by another program; close it there and try again ({error})")
    return Damaged(path, error) if _DAMAGE.search(error) else WarehouseError(f"{path} cannot be opened: {error}")


def in_short(error: Exception) -> str:
    """What is wrong with a file, in a line of at most 200 characters, for one who names the cure himself."""
    return " ".join((error.words if isinstance(error, Damaged) else str(error)).split())[:200]


def failing_rows(warehouse: Warehouse, run_id: str | None) -> list[tuple[str, str, str, Sequence[Row]]]:
    """What the checks find: name, severity, meaning and the rule-breaking rows, for the checks that find any.

    `run_id` None looks at everything, else at the rows of that run.
    """
    found: list[tuple[str, str, str, Sequence[Row]]] = []
    for name, severity, meaning in checks():
        rows = warehouse.rows(f"checks/{name}", run_id=run_id)
        if rows:
            found.append((name, severity, meaning, rows))
    return found
