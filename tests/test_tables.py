"""Rows for people and programs: one line a row, valid JSON, and web text that does nothing."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest

from technews.tables import cell, counted, json_text, show, show_csv, unique

AT = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (False, "false"),
        (["é", None, {"a\nb": "c\x1bd\u202e"}], r'["é", null, {"a\nb": "c\u001bd\u202e"}]'),
        (AT, "2026-03-02 10:00:00+00:00"),
        ("a\tb\r\nc", "a b c"),
        ("\x1b]0;title\x07x", " ]0;title x"),
        ("\x9b2Jx", " 2Jx"),
        ("abc\u202edef\u2066\u200f", "abc def "),
        ("a\u2028b\x85c", "a b c"),
        ("a\ud800b", "a b"),
        ("苹果 é 😀 \u200d", "苹果 é 😀 \u200d"),
    ],
    ids=["none", "flag", "list", "time", "breaks", "escape", "C1", "direction", "separators", "surrogate", "letters"],
)
def test_a_cell_is_one_inert_line(value: object, shown: str) -> None:
    """Whatever ends a line, steers a terminal or turns the direction of writing becomes a space; letters stay."""
    assert cell(value) == shown


def test_columns_and_long_values(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists cut long values for a terminal alone, with a sign that they did; a column's name is as inert as a value."""
    shown = (["a\tb", "c"], [("x" * 11, "y" * 10)])
    show(*shown, longest=10)
    assert capsys.readouterr().out == f"a b\tc\n{'x' * 11}\t{'y' * 10}\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    show(*shown, longest=10)
    out = capsys.readouterr().out
    assert f" {'x' * 9}… " in out
    assert "y" * 10 in out


def test_csv_can_be_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    """Quotes, commas and lines of a value stay; lists are JSON, nothing is empty, and what steers a terminal stays out."""
    value = ['say "a", b', "one\ntwo\x1b[31m\u202e", ["é", 1], {"k": None}, None, AT, 1.5]
    show_csv(["t,1", "x", "l", "m", "n", "at", "d"], [value])
    names, row = csv.reader(StringIO(capsys.readouterr().out))
    assert names == ["t,1", "x", "l", "m", "n", "at", "d"]
    assert row == ['say "a", b', "one\ntwo [31m ", '["é", 1]', '{"k": null}', "", "2026-03-02 10:00:00+00:00", "1.5"]


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a_2", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_2", "a_2_2"]),
        ([], []),
    ],
)
def test_doubled_columns_get_names_of_their_own(columns: list[str], names: list[str]) -> None:
    """No column is lost where rows become objects."""
    assert unique(columns) == names


@pytest.mark.parametrize(
    ("value", "read_back"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        (Decimal("2.50"), 2.5),
        (Decimal(170141183460469231731687303715884105727), 170141183460469231731687303715884105727),
        (AT, "2026-03-02T10:00:00.123456+00:00"),
        (date(2026, 3, 2), "2026-03-02"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ({AT: [float("nan"), (1, {2})]}, {"2026-03-02 10:00:00+00:00": [None, [1, [2]]]}),
        ("\ud800", "\ud800"),
        ("a\x1bé", "a\x1bé"),
    ],
)
def test_json_is_valid_whatever_comes(value: object, read_back: object) -> None:
    """What JSON has no word for becomes null, a number or its text (RFC 8259); it can always be written."""
    text = json_text(value)
    text.encode()
    assert json.loads(text, parse_constant=int) == read_back  # int refuses NaN
    assert "\x1b" not in text


def test_letters_stay_letters() -> None:
    """Chinese and French are read as they are written."""
    assert json_text({"title": "苹果 é"}) == '{"title": "苹果 é"}'


def test_rows_too_wide_for_the_terminal_are_blocks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SELECT *` over a wide view is read line by line; a table would show each column's first letter at best."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    show([f"column_{n}" for n in range(20)], [[f"value {n} [b]" for n in range(20)]])
    out = capsys.readouterr().out
    assert "row 1" in out
    assert [line.split("  ") for line in out.splitlines()][20] == ["column_19", "value 19 [b]"]
    show(["a", "b"], [["x", "long " * 40]])
    assert "row 1" not in capsys.readouterr().out


def test_no_rows_are_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the names of the columns, however many."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    show([f"column_{n}" for n in range(9)], [])
    out = " ".join(capsys.readouterr().out.split())
    assert out.startswith("no rows (column_0, column_1,")
    assert out.endswith("column_8)")


@pytest.mark.parametrize(
    ("values", "table"),
    [
        (["feed-" + "i" * 25, "words " * 20], True),
        (["feed-" + "i" * 25, "https://site.example/" + "p" * 40], False),
        (["feed-" + "i" * 25, "https://site.example/" + "p" * 200], False),
        (["苹果" * 40, "words " * 20], True),
    ],
)
def test_no_id_or_address_is_broken(
    values: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, table: bool
) -> None:
    """Who copies an id from a table gets it whole; what does not fit side by side is written in blocks."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    show(["id", "explanation"], [values])
    out = capsys.readouterr().out
    assert ("row 1" not in out) is table
    assert "…" not in out
    assert all(word in out for value in values for word in value.split() if word.isascii())


@pytest.mark.parametrize(
    ("number", "thing", "words"),
    [
        (0, "feed", "0 feeds"),
        (1, "feed", "1 feed"),
        (2, "entry", "2 entries"),
        (1, "entry", "1 entry"),
        (1200, "document", "1,200 documents"),
    ],
)
def test_a_number_and_its_noun_agree(number, thing, words):
    """One is singular, none and many are plural."""
    assert counted(number, thing) == words
