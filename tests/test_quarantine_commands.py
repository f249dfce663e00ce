"""What an operator does with a quarantined row: look at it, release it through mended rules, or discard it."""

import json
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import COMMAND, Answer, assert_refused, fingerprint

from technews.runlock import run_lock
from technews.validation import RULES, ArticleSuite
from technews.warehouse import Warehouse

Technews = Callable[..., Answer]

MENDED = tuple(
    replace(rule, arguments={**rule.arguments, "max_value": 10_000_000}) if rule.name == "text_length" else rule
    for rule in RULES
)


@pytest.fixture
def mended(environment: pytest.MonkeyPatch) -> None:
    """The rule that the newsroom's live page breaks has been mended: longer texts are allowed."""
    environment.setattr("technews.releases.ArticleSuite", lambda: ArticleSuite(MENDED))


def ask(home: Path, query: str) -> list[dict[str, Any]]:
    """Rows of the published warehouse."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as base:
        answer = base.execute(query)
        return [dict(zip((c[0] for c in answer.description), row, strict=True)) for row in answer.fetchall()]


def quarantined(home: Path) -> str:
    """The id of the one row in quarantine."""
    (row,) = ask(home, "SELECT quarantine_id FROM quarantine")
    return str(row["quarantine_id"])


def test_list_and_show(technews: Technews, filled_home: Path) -> None:
    """The list has a line a row; `show` gives the row whole, with its payload as JSON."""
    name = quarantined(filled_home)
    lines = technews("quarantine", "list", "--home", filled_home).out.splitlines()
    assert [line.split("\t")[:4] for line in lines] == [
        ["quarantine_id", "status", "rule", "column_name"],
        [name, "open", "text_length", "text"],
    ]
    (row,) = json.loads(technews("quarantine", "list", "--json", "--home", filled_home).out)
    assert len(row["value"]) == len(lines[1].split("\t")[4]) == 500
    shown = json.loads(technews("quarantine", "show", name, "--home", filled_home).out)
    assert len(shown["payload"]["article"]["text"]) > 500_000
    assert shown["violations"][0]["rule"] == "text_length"


@pytest.mark.parametrize("action", ["show", "release", "discard"])
def test_an_unknown_id_is_refused(technews: Technews, home_copy: Path, action: str) -> None:
    """An id that nothing has is named, with how to find the right one; nothing changes."""
    before = fingerprint(home_copy)
    answer = technews("quarantine", action, "q0000", "--home", home_copy)
    assert answer.code == 2
    assert answer.err == "technews: q0000: no such row in quarantine; `technews quarantine list` shows them\n"
    assert fingerprint(home_copy) == before


def test_a_row_that_still_breaks_the_rules_stays(technews: Technews, home_copy: Path) -> None:
    """Release validates through the present rules: does the row break them still, that is said and nothing changes."""
    before = fingerprint(home_copy)
    answer = technews("quarantine", "release", quarantined(home_copy), "--home", home_copy)
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "still breaks the rules, so nothing was done: text_length: text = " in answer.err
    assert "(80 to 500,000 characters are right)" in answer.err
    assert fingerprint(home_copy) == before


@pytest.mark.usefixtures("mended")
def test_a_release_loads_the_row_and_says_who_when_and_why(technews: Technews, home_copy: Path) -> None:
    """After the rule was mended the row loads in a run of its own; ledger, history and published file say so."""
    name = quarantined(home_copy)
    (row,) = ask(home_copy, "SELECT entry_id, created_at FROM quarantine")
    articles = ask(home_copy, "SELECT count(*) AS n FROM articles")[0]["n"]
    answer = technews(
        "quarantine", "release", name, "--by", "the desk", "--note", "live pages are long", "--home", home_copy
    )
    assert (answer.code, answer.err) == (0, "")
    (run,) = ask(home_copy, "SELECT * FROM runs WHERE flow = 'release'")
    assert answer.out == f"{name} is released: its entry is loaded now (run {run['run_id']})\n"
    assert (run["status"], run["reconciled"], run["loaded"]) == ("completed", True, 1)
    (decided,) = ask(home_copy, "SELECT * FROM quarantine")
    assert (decided["status"], decided["decided_by"], decided["note"]) == (
        "released",
        "the desk",
        "live pages are long",
    )
    assert decided["decided_at"] >= row["created_at"]
    history = ask(home_copy, f"FROM entry_history WHERE entry_id = '{row['entry_id']}' ORDER BY changed_at")
    assert [(step["outcome"], step["reason"]) for step in history] == [
        ("pending", "new"),
        ("quarantined", "invalid"),
        ("loaded", "released"),
    ]
    assert history[-1]["run_id"] == run["run_id"]
    (article,) = ask(home_copy, f"FROM articles WHERE entry_id = '{row['entry_id']}'")
    assert len(article["text"]) > 500_000
    assert article["revision"] == 1
    assert ask(home_copy, "SELECT count(*) AS n FROM articles")[0]["n"] == articles + 1
    assert technews("doctor", "--home", home_copy).code == 0
    before = fingerprint(home_copy)
    again = technews("quarantine", "release", name, "--home", home_copy)
    assert again.code == 1
    assert again.err == f"technews: {name} is released already (by the desk): nothing was done\n"
    assert technews("quarantine", "discard", name, "--home", home_copy).code == 1
    assert fingerprint(home_copy) == before


@pytest.mark.usefixtures("mended")
def test_a_release_is_judged_by_the_present_topics(technews: Technews, home_copy: Path, tmp_path: Path) -> None:
    """What no topic keeps any more is released as off topic, with its decision, and is no article."""
    topics = tmp_path / "config" / "topics"
    topics.mkdir(parents=True)
    (topics.parent / "entities.toml").write_text(
        '[[entity]]\nid = "pear"\nname = "Pear"\nkind = "product"\nen = ["pear"]\n'
    )
    (topics / "pears.toml").write_text(
        'id = "pears"\ntitle = "Pears"\nthreshold = 0.5\n[facet.pear]\nentities = ["pear"]\n'
    )
    name = quarantined(home_copy)
    answer = technews("quarantine", "release", name, "--topics", topics, "--home", home_copy)
    assert answer.err == ""
    assert "its entry is off topic now" in answer.out
    (entry,) = ask(home_copy, "SELECT e.* FROM entries AS e JOIN quarantine USING (entry_id)")
    assert (entry["outcome"], entry["reason"]) == ("off_topic", "released")
    assert ask(home_copy, f"SELECT relevant FROM decisions WHERE entry_id = '{entry['entry_id']}'") == [
        {"relevant": False}
    ]


def test_a_discarded_row_stays_marked(technews: Technews, home_copy: Path) -> None:
    """Discarding loads nothing and deletes nothing: the row says who, when and why, its entry stays quarantined."""
    name = quarantined(home_copy)
    articles = ask(home_copy, "SELECT count(*) AS n FROM articles")
    answer = technews("quarantine", "discard", name, "--by", "the desk", "--note", "a dump", "--home", home_copy)
    assert (answer.code, answer.err) == (0, "")
    (row,) = ask(home_copy, "SELECT q.*, e.outcome FROM quarantine AS q JOIN entries AS e USING (entry_id)")
    assert (row["status"], row["decided_by"], row["note"], row["outcome"]) == (
        "discarded",
        "the desk",
        "a dump",
        "quarantined",
    )
    assert row["decided_at"] is not None
    assert ask(home_copy, "SELECT count(*) AS n FROM articles") == articles
    again = technews("quarantine", "discard", name, "--home", home_copy)
    assert (again.code, again.err) == (1, f"technews: {name} is discarded already (by the desk): nothing was done\n")


@pytest.mark.usefixtures("mended")
def test_a_discarded_row_can_still_be_released(technews: Technews, home_copy: Path) -> None:
    """Who discarded the wrong row has lost nothing; the row keeps both decisions, and every rule holds."""
    name = quarantined(home_copy)
    assert technews("quarantine", "discard", name, "--by", "a", "--note", "a dump", "--home", home_copy).code == 0
    answer = technews("quarantine", "release", name, "--by", "b", "--note", "no dump", "--home", home_copy)
    assert "its entry is loaded now" in answer.out
    assert ask(home_copy, "SELECT status, decided_by, note FROM quarantine") == [
        {"status": "released", "decided_by": "b", "note": "no dump; discarded before by a: a dump"}
    ]
    assert technews("doctor", "--home", home_copy).code == 0


def test_a_decision_waits_for_the_writer_and_says_so(environment: pytest.MonkeyPatch, home_copy: Path) -> None:
    """While another writes, the command waits, names whom it waits for once, and goes on when the lock is free."""
    lock = run_lock(home_copy / "state" / "run.lock", "ingest", "20260302T100000Z-abc123")
    with lock:
        process = subprocess.Popen(
            [COMMAND, "quarantine", "discard", quarantined(home_copy), "--home", home_copy],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        killer = threading.Timer(60, process.kill)
        killer.start()
        assert process.stderr is not None
        assert process.stderr.readline().startswith("waiting for ingest run 20260302T100000Z-abc123 (process ")
        assert process.poll() is None
        assert ask(home_copy, "SELECT status FROM quarantine") == [{"status": "open"}]
    out, err = process.communicate(timeout=60)
    killer.cancel()
    assert (process.returncode, err) == (0, "")
    assert "is discarded (run " in out
    assert ask(home_copy, "SELECT status FROM quarantine") == [{"status": "discarded"}]


def test_two_decisions_at_once_are_one(technews: Technews, mended: None, home_copy: Path) -> None:
    """Who decides on a row that was decided on meanwhile is told so, and the first decision stands."""
    name, published = quarantined(home_copy), home_copy / "warehouse.duckdb"
    before = published.readlink()
    assert technews("quarantine", "release", name, "--by", "first", "--home", home_copy).code == 0
    decided = ask(home_copy, "SELECT (SELECT count(*) FROM runs) AS runs, decided_by FROM quarantine")
    newest = published.readlink()
    for action in ("release", "discard"):
        published.unlink()
        published.symlink_to(before)  # what the second read before the first had decided
        answer = technews("quarantine", action, name, "--by", "second", "--home", home_copy)
        assert_refused(answer, 1, f"{name} is released already (by first): nothing was done")
    published.unlink()
    published.symlink_to(newest)
    assert decided == ask(home_copy, "SELECT (SELECT count(*) FROM runs) AS runs, decided_by FROM quarantine")
    with Warehouse(home_copy / "state" / "technews.duckdb", read_only=True) as state:
        assert state.query("SELECT count(*) FROM runs")[1] == [(decided[0]["runs"],)], "no run of it, failed or not"
