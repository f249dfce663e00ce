"""Reading TOML files that operators edit: the exact file, line and key of whatever is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from technews.configuration import Table, read_table, read_tables, sub_table
from technews.settings import UsageError


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a file, byte for byte as given."""

    def write(text: str) -> Path:
        path = tmp_path / "file.toml"
        path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
        return path

    return write


def refusal(call: Callable[[], object]) -> str:
    """The one line in which a call is refused, without the folder."""
    with pytest.raises(UsageError) as refused:
        call()
    message = str(refused.value)
    assert "\n" not in message
    return message[message.index("file.toml") :] if "file.toml" in message else message


DOCUMENTS = {
    "open text": ('a = 1\n[[thing]]\nb = "x\n', "file.toml:3: not valid TOML"),
    "end within a text": ('a = """\nb\n\n', "file.toml:2: not valid TOML"),
    "key twice": ("[[thing]]\na = 1\na = 2\n", "file.toml:3: not valid TOML"),
    "no value": ("a =\n", "file.toml:1: not valid TOML"),
    "bare word": ("[[thing]]\n\n\nx = yes\n", "file.toml:4: not valid TOML"),
    "not UTF-8": ("a = '\udce9'\n", "file.toml: cannot be read as UTF-8 text"),
    "endless number": (f"a = {'9' * 5000}\n", "file.toml: cannot be read as TOML"),
    "lists without end": (f"a = {'[' * 20_000}\n", "file.toml"),
    "other table": ("[[thing]]\na = 1\n\n[other]\nb = 1\n", "file.toml:4: other: unknown; this file holds [[thing]]"),
    "key outside of a table": (
        "\n# a note\nid = 5\n[[thing]]\n",
        "file.toml:3: id: unknown; this file holds",
    ),
    "single brackets": ("# a note\n[thing]\na = 1\n", "file.toml:2: thing: write each as a table of its own"),
    "list of numbers": ("thing = [1, 2]\n", "file.toml:1: thing: write each as a table of its own"),
}


@pytest.mark.parametrize(("text", "message"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_cannot_be_read(written: Callable[[str], Path], text: str, message: str) -> None:
    """What is no TOML, or not of the expected tables, is refused at its line."""
    path = written(text)
    assert refusal(lambda: read_tables(path, "thing")).startswith(message)


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_is_none(tmp_path: Path, kind: str) -> None:
    """A missing file or a folder in its place is named, with what to do."""
    path = tmp_path if kind == "folder" else tmp_path / "none.toml"
    message = refusal(lambda: read_tables(path, "thing"))
    assert message.startswith(str(path))
    assert ("no such file" if kind == "missing" else "cannot be read") in message


LAYOUTS = {
    "plain": ('[[thing]]\nid = "a"\n\n[[thing]]\nn = 1\nid = "b"\n', [(1, 2), (4, 6)]),
    "notes and blank lines": ('# x\n\n[[thing]]  # first\n# id = "z"\nid = "a"\n', [(3, 5)]),
    "spaces in the header": ('[[ thing ]]\n  id = "a"\n', [(1, 2)]),
    "quoted keys": ("[[thing]]\n\"id\" = 'a'\n", [(1, 2)]),
    "CRLF": ('[[thing]]\r\nid = "a"\r\n', [(1, 2)]),
    "byte order mark": ('\ufeff[[thing]]\nid = "a"\n', [(1, 2)]),
    "line separator within a text": ('[[thing]]\nx = "\u2028\x85"\nid = "a"\n', [(1, 3)]),
    "inline tables": ('\nthing = [{id = "a"}, {id = "b"}]\n', [(2, 2), (2, 2)]),
}


@pytest.mark.parametrize(("text", "places"), LAYOUTS.values(), ids=LAYOUTS)
def test_lines_are_those_that_an_editor_shows(
    written: Callable[[str], Path], text: str, places: list[tuple[int, int]]
) -> None:
    """Table and key are found at their line, however the file is laid out; inline tables at that of their list."""
    tables = read_tables(written(text), "thing")
    assert [(table.line, table.lines.get("id", table.line)) for table in tables] == places


VALUES = {
    "text missing": ("", lambda t: t.text("a", meaning="a name"), "1: a: missing; give a name"),
    "text a number": ("a = 5", lambda t: t.text("a"), "2: a: 5 is not a text"),
    "text empty": ('a = ""', lambda t: t.text("a"), "2: a: '' is not a text"),
    "text blank": ('a = " \\t"', lambda t: t.text("a"), r"2: a: ' \t' is not a text"),
    "text not of the pattern": ('a = "B"', lambda t: t.text("a", pattern="[a-z]"), "2: a: 'B' is not a text"),
    "line break after the pattern": ('a = "b\\n"', lambda t: t.text("a", pattern="[a-z]"), r"2: a: 'b\n' is not"),
    "text of thousands": (f'a = ["{"x" * 9999}"]', lambda t: t.text("a"), "2: a: ['xxx"),
    "flag a text": ('a = "true"', lambda t: t.flag("a", default=True), "2: a: 'true' is not true or false"),
    "flag a number": ("a = 1", lambda t: t.flag("a", default=True), "2: a: 1 is not true or false"),
    "number missing": ("", lambda t: t.number("a", low=0, high=1), "1: a: missing; give a number from 0 to 1"),
    "number a text": ('a = "1"', lambda t: t.number("a", low=0, high=1), "2: a: '1' is not a number from 0 to 1"),
    "number a flag": ("a = true", lambda t: t.number("a", low=0, high=1), "2: a: True is not a number from 0 to 1"),
    "number too small": ("a = -0.1", lambda t: t.number("a", low=0, high=1), "2: a: -0.1 is not a number"),
    "number too large": ("a = 2", lambda t: t.number("a", low=0, high=1), "2: a: 2 is not a number"),
    "number none": ("a = nan", lambda t: t.number("a", low=0, high=1), "2: a: nan is not a number"),
    "number endless": ("a = inf", lambda t: t.number("a", low=0, high=1), "2: a: inf is not a number"),
    "list a text": ('a = "b"', lambda t: t.texts("a"), "2: a: 'b' is not a list of texts"),
    "list of numbers": ("a = [1]", lambda t: t.texts("a"), "2: a: [1] is not a list of texts"),
    "list with a blank": ('a = ["b", " "]', lambda t: t.texts("a"), "2: a: ['b', ' '] is not a list of texts"),
    "unknown key": ("b = 1\na = 1", lambda t: t.only(["b", "c"]), "3: a: unknown key; known are b, c"),
    "key with a line break": ('"a\\nb" = 1', lambda t: t.only([]), r"1: 'a\nb': unknown key"),
    "dotted key": ("a.b = 1", lambda t: t.text("a"), "2: a: {'b': 1} is not a text"),
}


@pytest.mark.parametrize(("line", "read", "message"), VALUES.values(), ids=VALUES)
def test_a_value_of_another_kind(
    written: Callable[[str], Path], line: str, read: Callable[[Table], object], message: str
) -> None:
    """File, line, key, the value (no more than shows what is meant) and what would be right, in one line."""
    (table,) = read_tables(written(f"[[thing]]\n{line}\n"), "thing")
    said = refusal(lambda: read(table))
    assert said.startswith(f"file.toml:{message}")
    assert len(said) < 300


def test_values_that_are_right(written: Callable[[str], Path]) -> None:
    """Right values come as they are, defaults where nothing is written."""
    (table,) = read_tables(written('[[thing]]\nt = "x"\nf = false\nn = 1\nl = ["a", "é"]\n'), "thing")
    table.only(["t", "f", "n", "l"])
    assert (table.text("t"), table.text("none", default="y")) == ("x", "y")
    assert (table.flag("f", default=True), table.flag("none", default=True)) == (False, True)
    assert (table.number("n", low=0, high=1), table.number("none", low=0, high=1, default=0.5)) == (1.0, 0.5)
    assert (table.texts("l"), table.texts("none")) == (("a", "é"), ())


def test_sub_tables_have_lines_of_their_own(written: Callable[[str], Path]) -> None:
    """A key within `[weights]` is named by the line within it, though the document has a key of that name."""
    document = read_table(written('title = "x"\nsize = 1\n\n[weights]\n# how much\ntitle = "much"\n'))
    weights = sub_table(document, "weights")
    assert weights.line == 4
    assert refusal(lambda: weights.number("title", low=0, high=1)).startswith("file.toml:6: title: 'much'")
    assert refusal(lambda: weights.number("lead", low=0, high=1)).startswith("file.toml:4: lead: missing")
    assert refusal(lambda: sub_table(document, "size")).startswith("file.toml:2: size: 1 is not a table")
    assert refusal(lambda: sub_table(document, "facet")).startswith("file.toml:1: facet: missing; give a table [facet]")
