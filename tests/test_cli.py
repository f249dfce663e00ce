"""The command line: what each command prints, how it ends, and that what goes wrong is one line with the cure."""

import errno
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import lxml.html
import pytest
import typer
from conftest import COMMAND, GOOD_FEED, Answer, assert_refused, fingerprint

from technews import PROJECT_ROOT, cli
from technews.records import sound_text

Technews = Callable[..., Answer]

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Apple picks Alibaba - Example Wire</title>
<meta property="og:site_name" content="Example Wire"></head><body><article><h1>Apple picks Alibaba</h1>
<p>Apple will use Alibaba's Qwen for its artificial intelligence on iPhones sold in China, people at both say.</p>
<p>The companies have filed the features with the regulator in Beijing, which has not answered until today.</p>
</article></body></html>"""


def commands(group: object = None, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """Every command and group by the words that call it."""
    group = group or typer.main.get_command(cli.app)
    found = {path: group}
    for name, command in getattr(group, "commands", {}).items():
        found |= commands(command, (*path, name))
    return found


# --- help


@pytest.mark.parametrize("path", commands(), ids=lambda path: " ".join(path) or "technews")
def test_every_command_shows_an_example_that_is_right_usage(technews: Technews, path: tuple[str, ...]) -> None:
    """What --help gives as an example is a call that the command line understands."""
    answer = technews(*path, "--help")
    assert (answer.code, answer.err) == (0, "")
    example = " ".join(answer.out.split("Example: ", 1)[1].split())
    _, *words = shlex.split(example[example.rindex("technews ") :] if "|" in example else example)
    assert tuple(words[: len(path)]) == path
    called = max((p for p in commands() if tuple(words[: len(p)]) == p), key=len)
    commands()[called].make_context("technews", words[len(called) :])  # raises on an option that is not there


def test_help_lists_what_is_there_and_fits_its_lines(technews: Technews) -> None:
    """No command is announced that is not there yet, and no description is cut off."""
    answer = technews()
    assert answer.code == 0
    listed = re.findall(r"^  (\w+)  +\w", answer.out.split("Commands:")[1], re.MULTILINE)
    assert listed == [
        "run",
        "clean",
        "classify",
        "explain",
        "up",
        "sql",
        "report",
        "maintain",
        "restore",
        "doctor",
        "backfill",
        "replay",
        "retry",
        "feeds",
        "quarantine",
    ]
    for path in commands():
        assert "..." not in technews(*path, "--help").out.partition("Commands:")[2]


# --- refusals


MISUSE = {
    "unknown command": (["fetch"], ["'fetch'", "`technews --help`"]),
    "unknown option": (["run", "--all"], ["--all", "`technews run --help`"]),
    "command missing": (["quarantine"], ["Missing command", "`technews quarantine --help`"]),
    "argument missing": (["explain"], ["Missing argument", "`technews explain --help`"]),
    "several lines in the argument": (["fe\ntch\x1b[31m"], ["fe"]),
    "option without value": (["sql", "SELECT 1", "--home"], ["--home", "--help`"]),
    "feeds file missing": (["run", "--feeds", "none.toml"], ["none.toml: no such file"]),
    "topics folder missing": (["run", "--topics", "none"], ["none: no such folder"]),
    "topics folder missing for classify": (["classify", "--topics", "none"], ["none: no such folder"]),
    "topic unknown": (["classify", "--topic", "pears"], ["--topic pears", "apple-china-ai"]),
    "empty query": (["sql", " ; "], ["the query is empty"]),
    "clean with no address": (
        ["clean", "a.html", "--url", "notaurl"],
        ["--url notaurl", "such as https://news.example"],
    ),
    "clean of two files with one address": (
        ["clean", "a.html", "b.html", "--url", "https://news.example/a"],
        ["--url is the address of one page", "2 files"],
    ),
    "clean without files": (["clean"], ["Missing argument", "`technews clean --help`"]),
}


@pytest.mark.parametrize(("arguments", "words"), MISUSE.values(), ids=MISUSE)
def test_bad_usage_is_one_line(technews: Technews, tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    """Bad usage ends with 2 and one line that says what would be right, and makes no home."""
    assert_refused(technews(*arguments), 2, *words)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (GOOD_FEED.replace('"fr"', '"french"'), ["feeds.toml:5: language: 'french'", "ISO 639-1"]),
        (GOOD_FEED + "evry = 5\n", ["feeds.toml:8: evry: unknown key", "every"]),
        (GOOD_FEED + GOOD_FEED.replace("/flux", "/rss"), ["feeds.toml:9: id:", "line 2"]),
        (GOOD_FEED.replace('title = "Octet"', 'title = "Octet'), ["feeds.toml:4: not valid TOML"]),
        ("", ["feeds.toml:1: feed: declares no feed"]),
        ("\ud8ff", ["feeds.toml: cannot be read as UTF-8 text"]),
    ],
    ids=["bad value", "unknown key", "doubled feed", "no TOML", "no feed", "not UTF-8"],
)
def test_a_wrong_feeds_file_is_refused_at_its_place(
    technews: Technews, tmp_path: Path, written: str, words: list[str]
) -> None:
    """File, line and key are named, exit 2, and nothing is left behind: no home is made."""
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(written, encoding="utf-8", errors="surrogatepass")
    before = fingerprint(tmp_path)
    assert_refused(technews("run", "--feeds", feeds), 2, *words)
    assert fingerprint(tmp_path) == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"topics/pears.toml": 'id = "pears"\ntitel = "Pears"\n'}, ["pears.toml:2: titel: unknown key"]),
        ({"topics/apple-china-ai.toml": None}, ["no topic is there"]),
        ({"entities.toml": None}, ["entities.toml: no such file"]),
        ({"feeds.toml": "[feed]\nid = 1\n"}, ["feeds.toml:1: feed: write each as a table of its own, [[feed]]"]),
    ],
    ids=["unknown key in a topic", "no topic", "no entities", "one table where several are meant"],
)
def test_a_wrong_configuration_folder_is_refused(
    technews: Technews,
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
    changes: dict[str, str | None],
    words: list[str],
) -> None:
    """The folder that TECHNEWS_CONFIG names is read whole before anything is touched."""
    config = Path(shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config"))
    for name, text in changes.items():
        if text is None:
            (config / name).unlink()
        else:
            (config / name).write_text(text, encoding="utf-8")
    environment.setenv("TECHNEWS_CONFIG", str(config))
    before = fingerprint(tmp_path)
    assert_refused(technews("run"), 2, *words)
    assert fingerprint(tmp_path) == before


@pytest.mark.parametrize("command", ["run", "doctor", "feeds list", "sql x", "explain x", "report", "quarantine list"])
def test_a_setting_that_cannot_be_read_is_named(
    technews: Technews, environment: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    """Every command that reads the settings refuses a bad one by its name."""
    environment.setenv("TECHNEWS_RUN_MINUTES", "a quarter")
    assert_refused(technews(*command.split()), 2, "TECHNEWS_RUN_MINUTES='a quarter'", "number from 0.01 to 1440")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", ["sql 'SELECT 1'", "report", "explain x", "quarantine list", "quarantine show q1"])
def test_before_the_first_run_readers_say_what_to_do(technews: Technews, tmp_path: Path, command: str) -> None:
    """Nothing is published yet: one line says how it comes to be, and no home is made by looking."""
    assert_refused(technews(*shlex.split(command)), 1, "nothing has been published yet", "`technews run`")
    assert not (tmp_path / "home").exists()


def test_before_the_first_run_the_configured_feeds_are_listed(
    technews: Technews, environment: pytest.MonkeyPatch, tmp_path: Path, filled_home: Path
) -> None:
    """With the same columns as later; no home is made by looking."""
    environment.setenv("TECHNEWS_CONFIG", str(tmp_path))
    (tmp_path / "feeds.toml").write_text(GOOD_FEED, encoding="utf-8")
    (row,) = json.loads(technews("feeds", "list", "--json").out)
    assert "Not read yet" in technews("feeds", "list").out
    assert not (tmp_path / "home").exists()
    (later, *_) = json.loads(technews("feeds", "list", "--json", "--home", filled_home).out)
    assert list(row) == list(later)


def test_a_traceback_comes_with_debug_alone(technews: Technews) -> None:
    """--debug shows where it happened, and still ends with the one line."""
    answer = technews("--debug", "sql", "SELECT 1")
    assert answer.code == 1
    assert answer.err.startswith("Traceback (most recent call last)")
    assert answer.err.rstrip().split("\n")[-1].startswith("technews: ")


def test_an_unexpected_error_is_one_line_too(technews: Technews, environment: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is named by its kind, without line breaks or escape sequences, and ends with 1."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("first\nsecond \x1b[31mred")

    environment.setattr("technews.diagnosis.diagnose", fail)
    assert_refused(technews("doctor"), 1, "ZeroDivisionError: first second", "technews --debug")
    assert "\x1b" not in technews("doctor").err


# --- clean


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Files as they lie about: a good page, one of another charset, and what is no page at all."""
    made = {
        "good.html": PAGE.encode(),
        "gbk.html": PAGE.replace("utf-8", "gb2312").replace("Apple picks", "苹果选择").encode("gbk"),
        "wrong.html": PAGE.replace("people at both", "employés").encode("latin-1"),
        "empty.html": b"",
        "picture.html": b"\x89PNG\r\n\x1a\n\x00\x00" + bytes(range(256)) * 20,
        "deep.html": b"<div>" * 100_000,
        "short.html": b"<!DOCTYPE html><title>A title</title><article><h1>A title</h1><p>Words of a text that is short.</p></article>",
        "notes.md": b"# Apple picks Alibaba\n\nTurn <name> into the name.\n" + b"Apple will use Alibaba's Qwen. " * 40,
    }
    for name, body in made.items():
        (tmp_path / name).write_bytes(body)
    return [tmp_path / name for name in [*made, "missing.html", "."]]


def test_clean_answers_for_every_file_in_order(command: Technews, files: list[Path]) -> None:
    """One JSON line a file, whatever the file is: the good ones are read, the others say why, and it ends with 1."""
    answer = command("clean", *files, files[0])
    assert answer.code == 1
    assert answer.err == "technews: 7 of 11 files gave no article: `error` on the line says why\n"
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert len(lines) == len(files) + 1
    keys = ["url", "title", "text", "author", "published_at", "modified_at", "language", "publisher", "error"]
    assert all(list(line) == [*keys, "file"] for line in lines)
    assert [line["file"] for line in lines] == [str(file) for file in (*files, files[0])]
    good, gbk, wrong, empty, picture, deep, short, notes, missing, folder, again = lines
    assert good == again
    assert (good["title"], good["publisher"], good["language"], good["error"]) == (
        "Apple picks Alibaba",
        "Example Wire",
        "en",
        None,
    )
    assert good["text"].startswith("Apple will use Alibaba's Qwen")
    assert gbk["title"] == "苹果选择 Alibaba"
    assert "Qwen" in wrong["text"]  # one letter of it may be lost, not the page
    assert all(line["error"] and not line["text"] for line in (empty, picture, deep, short, notes, missing, folder))
    assert (short["title"], short["error"]) == ("A title", "too_short: 30 characters")
    assert notes["error"] == "not_html: a page begins with `<`"
    assert missing["error"] == "No such file or directory"
    assert "Is a directory" in folder["error"]


def test_clean_knows_the_address_it_is_told(technews: Technews, files: list[Path]) -> None:
    """--url is the page's address, from which its publisher may follow."""
    answer = technews("clean", files[0], "--url", "https://wire.example/a?b=1")
    assert json.loads(answer.out)["url"] == "https://wire.example/a?b=1"
    assert (answer.code, answer.err) == (0, "")


# --- classify


@pytest.fixture
def answers(technews: Technews, environment: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """`classify` on these bytes."""

    def classify(stdin: bytes, *arguments: object) -> Answer:
        lines = stdin.splitlines(keepends=True)
        environment.setattr(sys, "stdin", SimpleNamespace(buffer=iter(lines)))
        return technews("classify", *arguments)

    return classify


def test_classify_answers_each_line_in_order(answers: Callable[..., Answer]) -> None:
    """Every line has its answer under its own id, of whatever kind the id is; blank lines are passed over."""
    title = "Apple takes Alibaba's Qwen for its AI in China"
    ids = ["b", 7, None, 1.5, True, ["x", {"y": None}], {"z": []}, "\ud800", "é\u2028"]
    lines = [json.dumps({"id": i, "title": title if n % 2 else "Orchards", "text": ""}) for n, i in enumerate(ids)]
    answer = answers(("\ufeff" + "\n\r\n".join(lines)).encode())
    assert (answer.code, answer.err) == (0, "")
    found = [json.loads(line) for line in answer.out.rstrip("\n").split("\n")]
    assert [line["id"] for line in found] == ids
    assert [line["relevant"] for line in found] == [bool(n % 2) for n in range(len(ids))]
    evidence = found[1]["evidence"]
    assert {e["facet"] for e in evidence} == {"apple", "china", "ai"}
    assert all(title[e["start"] :].startswith(e["term"]) for e in evidence)


def test_classify_points_into_the_text_as_it_was_given(answers: Callable[..., Answer]) -> None:
    """Offsets count the characters of the input, composed or not, and the verdict is that on the same text made sound."""
    plain = "L'IA générative d'Apple attend Pékin"
    odd = unicodedata.normalize("NFD", "À\x00\x07 \ud800\u200b " + plain.replace("Apple", "App\x01le"))
    text = f"{odd}\r\n{odd} 蘋\u200b果 が"
    pieces = [(odd, text), (sound_text(odd), sound_text(text))]
    lines = [json.dumps({"title": title, "text": text, "language": "fr"}) for title, text in pieces]
    given, sound = map(json.loads, answers("\n".join(lines).encode()).out.splitlines())
    assert (given["relevant"], given["score"]) == (sound["relevant"], sound["score"])
    assert [sound_text(e["term"]) for e in given["evidence"]] == [e["term"] for e in sound["evidence"]]
    assert {"App\x01le", "蘋\u200b果", "ge\u0301ne\u0301rative", "Pe\u0301kin"} <= {
        e["term"] for e in given["evidence"]
    }
    for (title, body), found in zip(pieces, (given, sound), strict=True):
        for e in found["evidence"]:
            assert (title if e["field"] == "title" else body)[e["start"] :].startswith(e["term"])


def test_classify_takes_what_may_be_missing(answers: Callable[..., Answer]) -> None:
    """Id, text and language may be left out or null; a language of another kind than text is none."""
    answer = answers(b'{"title": "Apple"}\n{"title": "", "text": null, "language": 5}\n')
    assert [json.loads(line)["id"] for line in answer.out.splitlines()] == [None, None]


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b'["a list"]',
        b'"a text"',
        b'{"id": 1, "title": 5}',
        b'{"id": 1, "text": ["a"]}',
        b'{"id": NaN, "title": "a"}',
        b'{"id": 1, "title": "\xff"}',
        b"[" * 100_000,
        b'{"id": 1, "title": "a"',
        b'{"id": 1e999, "title": "a"}',
        b'{"id": ' + b"[" * 900 + b"]" * 900 + b', "title": "a"}',
    ],
    ids=[
        "no JSON",
        "list",
        "text",
        "title a number",
        "text a list",
        "NaN",
        "not UTF-8",
        "deep",
        "cut off",
        "infinite id",
        "deep id",
    ],
)
def test_classify_names_the_line_that_it_cannot_read(answers: Callable[..., Answer], line: bytes) -> None:
    """A bad line is named by its number and makes the exit code 2; the other lines have their answers."""
    answer = answers(b'{"id": 1, "title": "Apple"}\n' + line + b'\n{"id": 3, "text": ""}\n')
    assert answer.code == 2
    assert [json.loads(line)["id"] for line in answer.out.splitlines()] == [1, 3]
    assert answer.err.startswith("technews: line 2: not a JSON object such as")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("line", [b'{"id": 2}', b'{"id": 2, "title": null}'], ids=["no texts", "null"])
def test_classify_gives_no_verdict_on_nothing(answers: Callable[..., Answer], line: bytes) -> None:
    """A line that has neither title nor text is named."""
    answer = answers(line)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "technews: line 1: neither title nor text: there is nothing to judge\n"


def test_classify_reads_what_clean_writes(command: Technews, answers: Callable[..., Answer], files: list[Path]) -> None:
    """`technews clean … | technews classify`: the url is the id, else the file; what holds no article is named alone."""
    named, others = command("clean", files[0], "--url", "https://wire.example/a"), command("clean", files[0], files[3])
    answer = answers((named.out + others.out).encode())
    assert answer.code == 2
    assert [json.loads(line)["id"] for line in answer.out.splitlines()] == ["https://wire.example/a", str(files[0])]
    assert answer.err.startswith(f"technews: line 3: no article in {files[3]}: ")


def test_several_topics_need_a_choice(answers: Callable[..., Answer], tmp_path: Path) -> None:
    """With more than one topic enabled, `classify` without --topic names the choices; a disabled one can be tried."""
    config = Path(shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config"))
    topic = (config / "topics" / "apple-china-ai.toml").read_text(encoding="utf-8")
    for name, enabled in (("second", "true"), ("third", "false")):
        text = re.sub(r"^enabled = \w+", f"enabled = {enabled}", topic, flags=re.MULTILINE)
        (config / "topics" / f"{name}.toml").write_text(text.replace('"apple-china-ai"', f'"{name}"'), encoding="utf-8")
    line = b'{"id": 1, "title": "Apple takes Qwen for AI in China"}\n'
    topics = ("--topics", config / "topics")
    assert_refused(answers(line, *topics), 2, "there are 2 topics", "--topic apple-china-ai | second")
    assert_refused(answers(line, *topics, "--topic", "fourth"), 2, "--topic fourth", "apple-china-ai | second | third")
    for name in ("second", "third"):
        assert json.loads(answers(line, *topics, "--topic", name).out)["topic"] == name


def test_a_folder_of_topics_needs_no_entities_of_its_own(answers: Callable[..., Answer], tmp_path: Path) -> None:
    """Topics without entities beside them use the configured ones; the only topic of a folder need not be named."""
    line = b'{"title": "Washington adds export controls on AI chips for China"}\n'
    answer = answers(line, "--topics", PROJECT_ROOT / "examples" / "topics")
    assert json.loads(answer.out)["relevant"] is True
    (tmp_path / "topics").mkdir()
    assert_refused(answers(line, "--topics", tmp_path / "topics"), 2, f"{tmp_path / 'topics'}: no topic is there")


def test_topics_without_any_entities_are_refused(
    answers: Callable[..., Answer], tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    """Where there are none beside the topics and none are configured, both places are named."""
    environment.setenv("TECHNEWS_CONFIG", str(tmp_path / "empty"))
    answer = answers(b"{}\n", "--topics", PROJECT_ROOT / "examples" / "topics")
    places = (PROJECT_ROOT / "examples" / "entities.toml", tmp_path / "empty" / "entities.toml")
    assert_refused(answer, 2, " and ".join(map(str, places)), "topics need entities")


# --- explain


def test_explain_says_why_by_address_and_by_id(technews: Technews, filled_home: Path) -> None:
    """Kept or dropped: outcome, score, evidence and history, as words and as JSON, by id or any known address."""
    one_each = "SELECT DISTINCT ON (outcome) * FROM entries ORDER BY outcome, feed_id, published_at, title"
    rows = json.loads(technews("sql", one_each, "--json", "--home", filled_home).out)
    by_outcome = {row["outcome"]: row for row in rows}
    assert set(by_outcome) >= {"loaded", "off_topic", "duplicate", "quarantined", "gone", "blocked"}
    words: dict[str, str] = {}
    for outcome, row in by_outcome.items():
        by_id = outcome == "duplicate"  # whose address is that of the entry that it repeats
        answer = technews("explain", row["entry_id"] if by_id else row["url"], "--home", filled_home)
        assert answer.code == 0
        words[outcome] = answer.out
        assert f"outcome: {outcome} ({row['reason']}" in words[outcome]
        found = json.loads(technews("explain", row["entry_id"], "--json", "--home", filled_home).out)
        assert found["entry"]["entry_id"] == row["entry_id"]
        assert [step["outcome"] for step in found["history"]] == ["pending", outcome]
        assert bool(found["decisions"]) == (outcome in ("loaded", "off_topic", "duplicate", "quarantined"))
    kept = words["loaded"]
    assert re.search(r"topic apple-china-ai: kept, score [\d.]+, threshold 0.500", kept)
    assert re.search(r"  china +title at +\d+  \S+: … .+ …", kept)
    # The sum and the marked piece, of an off-topic page too, whose text is nowhere but in the archive.
    assert re.search(r"the score as a sum \(the rules that decided\):\n +-[\d.]+  base", kept)
    assert re.search(r"in all: a score of [\d.]+; kept from 0.500 on\n  nearest to being dropped: ", kept)
    assert re.search(r"the piece, with what shows a facet .+:\n.*\[[^]]+:(?:apple|china|ai)[^]]*\]", kept)
    dropped = words["off_topic"]
    assert re.search(r"the score as a sum \(the rules that decided\):\n  (0: nothing shows| +-[\d.]+  base)", dropped)
    assert "the piece, with what shows a facet" in dropped
    assert by_outcome["duplicate"]["duplicate_of"] in words["duplicate"]


def test_explain_judges_the_piece_that_was_judged(technews: Technews, filled_home: Path) -> None:
    """Whatever was decided on (a page, the text of a feed, a row in quarantine) is found, and judged as it was."""
    ask = """SELECT DISTINCT ON (full_text, outcome, reason) entry_id, full_text, outcome, reason
             FROM entries JOIN feeds USING (feed_id) WHERE outcome IN ('loaded', 'off_topic', 'quarantined')
             ORDER BY full_text, outcome, reason, feed_id, entries.title"""
    rows = json.loads(technews("sql", ask, "--json", "--home", filled_home).out)
    dropped = {"facet_missing", "below_threshold"}
    assert {row["reason"] for row in rows if row["full_text"]} == {"on_topic", *dropped}
    assert {row["reason"] for row in rows if not row["full_text"]} == {"on_topic", "invalid", *dropped}
    for row in rows:
        found = json.loads(technews("explain", row["entry_id"], "--json", "--home", filled_home).out)
        ((decided,), (today,)) = found["decisions"], found["today"]
        assert (today["relevant"], today["score"]) == (decided["relevant"], decided["score"]), row
        assert today["title"], row


def test_explain_takes_an_articles_id(technews: Technews, filled_home: Path) -> None:
    """The first column of `articles` means the entry that speaks for the article, and not those that repeat it."""
    ask = """SELECT article_id, entry_id FROM articles
             WHERE entry_id IN (SELECT duplicate_of FROM entries) ORDER BY ALL LIMIT 1"""
    (row,) = json.loads(technews("sql", ask, "--json", "--home", filled_home).out)
    answer = technews("explain", row["article_id"], "--home", filled_home)
    assert answer.code == 0
    assert f"entry {row['entry_id']} of feed" in answer.out
    assert "outcome: loaded (on_topic)" in answer.out
    assert "another entry" not in answer.out


def test_explain_names_the_row_in_quarantine(technews: Technews, filled_home: Path) -> None:
    """With the command that shows it."""
    ask = "SELECT entry_id, quarantine_id FROM quarantine WHERE status = 'open' ORDER BY ALL LIMIT 1"
    (row,) = json.loads(technews("sql", ask, "--json", "--home", filled_home).out)
    answer = technews("explain", row["entry_id"], "--home", filled_home)
    assert f"in quarantine, open: `technews quarantine show {row['quarantine_id']}` says what" in answer.out


def test_explain_cuts_nothing_for_a_file(
    technews: Technews, environment: pytest.MonkeyPatch, filled_home: Path
) -> None:
    """A program or file gets the whole text, marked; a terminal what stands around the marks."""
    ask = "SELECT entry_id, text FROM articles ORDER BY len(text) DESC LIMIT 1"
    (row,) = json.loads(technews("sql", ask, "--json", "--home", filled_home).out)
    entry_id, text = row.values()

    def unmarked(shown: str) -> str:
        return re.sub(r"\[([^]]+):[a-z+?]+\]", r"\1", shown)

    (today,) = json.loads(technews("explain", entry_id, "--json", "--home", filled_home).out)["today"]
    assert unmarked(today["text"]) == text
    words = technews("explain", entry_id, "--home", filled_home).out
    assert all(line in unmarked(words) for line in text.splitlines())
    environment.setattr("sys.stdout.isatty", lambda: True)
    assert len(technews("explain", entry_id, "--home", filled_home).out) < len(words)


def test_explain_of_what_nobody_has_seen(technews: Technews, filled_home: Path) -> None:
    """An unknown name is refused with another way to search, in one line whatever the name holds."""
    hostile = technews("explain", "a\nb\x1b[31mc\u202e", "--home", filled_home)
    assert_refused(hostile, 2, "a b [31mc : no entry has")
    assert_refused(
        technews("explain", "https://nowhere.example/a", "--home", filled_home), 2, "no entry has", "`technews sql`"
    )


# --- sql


QUERIES = {
    "no SQL": ("SELCT 1", ["syntax error"]),
    "unknown column": ("SELECT titel FROM articles", ["titel", "title"]),
    "unknown view": ("SELECT * FROM artikel", ["artikel"]),
    "new table": ("CREATE TABLE mine (a INTEGER)", ["read-only", "a file of your own"]),
    "deletion": ("DELETE FROM ledger.entries", ["read-only"]),
    "change": ("UPDATE content.articles SET site = ''", ["read-only"]),
    "two queries": ("SELECT 1; SELECT 2", ["ask one at a time"]),
    "query before a statement": ("SHOW TABLES; SET threads = 1", ["ask one at a time"]),
    "error in a row": ("SELECT error('first' || chr(10) || 'second')", ["first second"]),
}


def test_sql_is_asked_from_the_standard_input(command: Technews, filled_home: Path) -> None:
    """As a shell pipes it, with the mark that some editors put before a text; what is no text is refused."""
    query = "\ufeffSELECT count(*) AS n FROM feeds".encode()
    assert command("sql", "-f", "-", "--csv", "--home", filled_home, stdin=query).out.splitlines()[0] == "n"
    refused = command("sql", "-f", "-", "--home", filled_home, stdin=b"SELECT '\xff'")
    assert (refused.code, "-: is not UTF-8 text" in refused.err) == (2, True)
    assert command("sql", "-f", "-", "--home", filled_home).code == 2  # nothing comes
    closed = subprocess.run([COMMAND, "sql", "-f", "-"], preexec_fn=lambda: os.close(0), check=False, timeout=60)
    assert closed.returncode == 2


def test_ctrl_c_ends_a_long_query(filled_home: Path) -> None:
    """At once, by the signal: to a shell that is 130."""
    query = "SELECT a.range % 7 AS k, sum(sqrt(a.range * b.range)) FROM range(200000) a, range(200000) b GROUP BY ALL"
    asked = subprocess.Popen([COMMAND, "sql", query, "--home", filled_home], stderr=subprocess.PIPE)
    try:
        while len(list(Path(f"/proc/{asked.pid}/task").iterdir())) < 2:  # DuckDB's own thread: it is at work
            time.sleep(0.05)
        time.sleep(1)
        asked.send_signal(signal.SIGINT)
        assert asked.wait(5) == -signal.SIGINT
    finally:
        asked.kill()


def test_a_file_of_sql_is_asked(technews: Technews, filled_home: Path, tmp_path: Path) -> None:
    """The example queries begin with a comment."""
    query = tmp_path / "q.sql"
    query.write_text("-- How many.\nSELECT count(*) AS n FROM feeds;\n", encoding="utf-8")
    answer = technews("sql", "--file", str(query), "--home", filled_home)
    assert (answer.code, answer.out.splitlines()[0]) == (0, "n")
    query.write_text("SELECT 1\nFROM feeds\nWHER x", encoding="utf-8")
    assert "(line 3)" in technews("sql", "--file", str(query), "--home", filled_home).err
    refused = technews("sql", "--file", str(tmp_path / "none.sql"), "--home", filled_home)
    assert (refused.code, "none.sql" in refused.err) == (2, True)
    assert technews("sql", "--home", filled_home).code == 2


def test_a_query_may_begin_with_a_comment(technews: Technews, filled_home: Path) -> None:
    """As an argument too, wherever it stands among the options; what has no space behind its dashes is an option."""
    query = (PROJECT_ROOT / "sql" / "queries" / "who_was_first.sql").read_text(encoding="utf-8")
    for arguments in ([query, "--csv", "--home", filled_home], ["--csv", "--home", filled_home, query]):
        answer = technews("sql", *arguments)
        assert (answer.code, answer.out.splitlines()[0].split(",")[0]) == (0, "published_on"), answer
    assert "n" in technews("sql", "--\nSELECT 1 AS n", "--home", filled_home).out
    assert_refused(technews("sql", "-- Nothing else.\n;", "--home", filled_home), 2, "the query is empty")
    assert_refused(technews("sql", query, "--jsn", "--home", filled_home), 2, "No such option: --jsn")
    assert_refused(technews("sql", "--SELECT 1", "--home", filled_home), 2, "No such option: --SELECT 1")


@pytest.mark.parametrize(
    "query",
    [
        "SET threads = 1; SELECT 7 AS n;",
        "CREATE TEMP TABLE t AS SELECT 7 AS n; FROM t",
        "PIVOT (SELECT 'n' AS name, 7 AS v) ON name USING sum(v); -- one query, of which the database makes two",
    ],
)
def test_statements_may_stand_before_a_query(technews: Technews, filled_home: Path, query: str) -> None:
    """What gives no rows is done, and the query after it answered."""
    assert technews("sql", query, "--home", filled_home).out == "n\n7\n"


@pytest.mark.parametrize(("query", "words"), QUERIES.values(), ids=QUERIES)
def test_a_query_that_fails_says_why(technews: Technews, filled_home: Path, query: str, words: list[str]) -> None:
    """A query that cannot be answered, or would change something, ends with 2 and DuckDB's words in one line."""
    assert_refused(technews("sql", query, "--home", filled_home), 2, *words)


def test_rows_go_to_programs_as_tabs_json_or_csv(technews: Technews, filled_home: Path) -> None:
    """Without a terminal: names and rows with tabs, each row one line; with --json and --csv those, no column lost."""
    query = "SELECT 'a' || chr(9) || 'b' || chr(10) || 'c' AS t, NULL AS n, 1.5 AS d, 'nan'::DOUBLE AS x, [1, 2] AS l"
    assert technews("sql", query, "--home", filled_home).out == "t\tn\td\tx\tl\na b c\t\t1.5\tnan\t[1, 2]\n"
    query += ", 2 AS n, TIMESTAMPTZ '2026-03-02 10:00:00+08:00' AS at, MAP {1: 'é'} AS m, DATE '2026-03-02' AS day"
    assert json.loads(technews("sql", query, "--json", "--home", filled_home).out) == [
        {"t": "a\tb\nc", "n": None, "d": 1.5, "x": None, "l": [1, 2], "n_2": 2, "at": "2026-03-02T02:00:00+00:00",
         "m": {"1": "é"}, "day": "2026-03-02"}
    ]  # fmt: skip
    query = "SELECT 'a, b' AS t, 1 AS t, [1] AS l"
    assert technews("sql", query, "--csv", "--home", filled_home).out == 't,t_2,l\n"a, b",1,[1]\n'
    assert_refused(technews("sql", query, "--csv", "--json", "--home", filled_home), 2, "choose one")


def test_text_from_the_web_does_nothing_on_a_terminal(environment: pytest.MonkeyPatch, filled_home: Path) -> None:
    """Escape sequences, marks of direction and markup in a title stay what they are: characters or nothing."""
    query = (
        "SELECT '[bold]loud[/bold] ' || chr(27) || '[31mred' || chr(155) || '2J' || chr(8238) || 'tfel' AS \"[red]t\""
    )
    reader, terminal = pty.openpty()
    arguments = [COMMAND, "sql", query, "--home", filled_home]
    with subprocess.Popen(arguments, stdout=terminal, stderr=terminal, stdin=subprocess.DEVNULL) as process:
        os.close(terminal)
        shown = b""
        while chunk := _read(reader):
            shown += chunk
    os.close(reader)
    text = shown.decode()
    assert process.returncode == 0
    assert "[bold]loud[/bold]" in text
    assert "[red]t" in text
    assert "┃" in text  # a table, since this is a terminal
    assert "\x1b[31m" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end was closed
        return b""


def test_a_reader_that_goes_away_is_no_error(environment: pytest.MonkeyPatch, filled_home: Path) -> None:
    """`technews sql … | head -1` shows one line and no complaint."""
    line = f"{COMMAND} sql 'SELECT * FROM range(300000)' --home {filled_home} | head -1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == (b"range\n", b"")


def test_output_of_another_encoding(environment: pytest.MonkeyPatch, filled_home: Path) -> None:
    """Where the output takes no Chinese, text shows the characters' numbers, and JSON stays JSON."""
    environment.setenv("PYTHONIOENCODING", "ascii")
    arguments = [COMMAND, "sql", "SELECT '苹果😀' AS t", "--home", filled_home]
    plain = subprocess.run(arguments, capture_output=True, check=False, timeout=60)
    assert (plain.returncode, plain.stdout) == (0, b"t\n\\u82f9\\u679c\\U0001f600\n")
    as_json = subprocess.run([*arguments, "--json"], capture_output=True, check=False, timeout=60)
    assert json.loads(as_json.stdout) == [{"t": "苹果😀"}]


# --- feeds, report, doctor


def test_feeds_list(technews: Technews, filled_home: Path) -> None:
    """Every feed with its state, as lines and as JSON."""
    lines = technews("feeds", "list", "--home", filled_home).out.splitlines()
    assert lines[0].split("\t") == ["feed_id", "state", "entries_7d", "explanation"]
    rows = json.loads(technews("feeds", "list", "--json", "--home", filled_home).out)
    assert len(rows) == len(lines) - 1 == 12
    assert {row["language"] for row in rows} == {"en", "fr", "zh"}


def page_of(home: Path) -> lxml.html.HtmlElement:
    """The report in a home, as a tree."""
    return lxml.html.document_fromstring((home / "report.html").read_bytes())


def test_the_report_is_a_page_in_which_web_text_is_inert(technews: Technews, home_copy: Path) -> None:
    """A title that is markup is shown as text; an address that is no web address is no link; no script runs."""
    hostile = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'><a href="javascript:alert(3)">'
    with writable(home_copy) as base:
        base.execute("UPDATE content.article_revisions SET title = ?, url = 'javascript:alert(4)'", [hostile])
        base.execute("UPDATE ledger.entries SET title = ?", [hostile])
        base.execute("UPDATE ledger.feeds SET title = ?", [hostile])
        base.execute("UPDATE ledger.quarantine SET value = ?", [hostile])
    answer = technews("report", "--home", home_copy)
    assert (answer.code, answer.out) == (0, f"{home_copy / 'report.html'}\n")
    page = page_of(home_copy)
    assert hostile in page.text_content()
    assert not page.xpath("//script | //img | //iframe | //form | //object | //link | //@*[starts-with(name(), 'on')]")
    assert not [link for _, _, link, _ in page.iterlinks() if not link.startswith(("http://", "https://"))]


def test_the_report_links_what_was_kept(technews: Technews, home_copy: Path) -> None:
    """Every kept article is linked, with its evidence; the dropped ones are there with their reason."""
    technews("report", "--home", home_copy)
    page = page_of(home_copy)
    kept = json.loads(technews("sql", "SELECT url, title FROM articles", "--json", "--home", home_copy).out)
    assert {article["url"] for article in kept} <= set(page.xpath("//a/@href"))
    assert all(article["title"] in page.text_content() for article in kept)
    assert "facet_missing" in page.text_content()
    assert "text_length" in page.text_content()


def test_the_report_after_a_quiet_run_tells_of_the_last_that_had_entries(technews: Technews, home_copy: Path) -> None:
    """Most runs find nothing new: where entries went is told of the latest that took up any, and that it is said."""
    technews("report", "--home", home_copy)
    before = page_of(home_copy)
    assert not before.xpath("//p[contains(., 'took up none')]")
    ((busy,),) = [
        row.values()
        for row in json.loads(technews("sql", "SELECT run_id FROM runs", "--json", "--home", home_copy).out)
    ]
    with writable(home_copy) as base:
        base.execute("""INSERT INTO ledger.runs SELECT * REPLACE (
            'quiet' AS run_id, started_at + INTERVAL 1 HOUR AS started_at, 0 AS due, 0 AS entries_new, 0 AS reopened)
            FROM ledger.runs""")
    technews("report", "--home", home_copy)
    after = page_of(home_copy)
    assert f"took up none. These are of run {busy}," in after.text_content()
    steps = "//table[.//th = 'dropped here, and why']"
    assert after.xpath(steps)[0].text_content() == before.xpath(steps)[0].text_content()
    assert "It is read well" in after.text_content()


def writable(home: Path) -> duckdb.DuckDBPyConnection:
    """A connection that changes the published file of a copied home, as no command can."""
    published = (home / "warehouse.duckdb").resolve()
    published.chmod(0o644)
    return duckdb.connect(str(published))


def test_doctor_finds_nothing_wrong(technews: Technews, filled_home: Path) -> None:
    """On a good home no line says FAIL; what is no fault but worth a look is a note; the command ends with 0."""
    answer = technews("doctor", "--home", filled_home)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert {line.split()[0] for line in lines} == {"ok", "note"}
    assert {line.split()[1] for line in lines if line.startswith("note")} <= {
        "contact:",
        "configuration:",
        "feeds:",
        "backups:",
    }
    assert all(line[5] != " " for line in lines)
    assert {
        "environment",
        "configuration",
        "home",
        "disk",
        "run lock",
        "migrations",
        "freshness",
        "feeds",
        "state",
        "server",
        "check unique_keys",
    } <= {line[5:].split(":")[0] for line in lines}


def test_doctor_names_what_is_damaged(technews: Technews, home_copy: Path) -> None:
    """A doubled row is found, counted and shown; the command ends with 1."""
    with writable(home_copy) as base:
        base.execute("INSERT INTO content.articles SELECT * FROM content.articles ORDER BY article_id LIMIT 1")
        (doubled,) = base.execute("SELECT min(article_id) FROM content.articles").fetchone() or ()
    answer = technews("doctor", "--home", home_copy)
    assert answer.code == 1
    (failed,) = [line for line in answer.out.splitlines() if line.startswith("FAIL check unique_keys")]
    assert f"key {doubled}, times 2" in failed
    assert answer.err == "technews: something needs a person: see the lines that say FAIL\n"


@pytest.mark.parametrize("damage", [b"", b"no database", b"\0" * 5000], ids=["empty", "text", "zeros"])
def test_doctor_on_a_file_that_is_no_database(technews: Technews, home_copy: Path, damage: bytes) -> None:
    """A warehouse that cannot be read is a finding, not a failure of the command."""
    published = (home_copy / "warehouse.duckdb").resolve()
    published.chmod(0o644)
    published.write_bytes(damage)
    answer = technews("doctor", "--home", home_copy)
    assert answer.code == 1
    assert "FAIL warehouse: " in answer.out
    assert answer.err.count("\n") == 1


def test_doctor_without_a_home_says_how_it_comes_to_be(technews: Technews, tmp_path: Path) -> None:
    """Nothing is there yet: the cure is a run; and looking makes nothing."""
    answer = technews("doctor", "--home", tmp_path / "none")
    assert answer.code == 1
    assert "FAIL home: " in answer.out
    assert "`technews run`" in answer.out
    assert not (tmp_path / "none").exists()


def test_doctor_on_a_wrong_configuration(
    technews: Technews, environment: pytest.MonkeyPatch, filled_home: Path
) -> None:
    """A configuration that no run would take is a finding with its place, beside all others."""
    environment.setenv("TECHNEWS_CONFIG", "/nowhere")
    answer = technews("doctor", "--home", filled_home)
    assert answer.code == 1
    assert "FAIL configuration: /nowhere/feeds.toml: no such file" in answer.out
    assert "ok   check unique_keys" in answer.out


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_what_cannot_be_written_is_named_with_the_cure(number: int) -> None:
    """A home of somebody else, or on a disk that is mounted to be read only."""
    error = OSError(number, os.strerror(number), "/h/state/run.lock")
    said = f"/h/state/run.lock: {os.strerror(number)}; mend its owner or mode, or name another --home"
    assert cli._in_one_line(error) == (said, 1)
