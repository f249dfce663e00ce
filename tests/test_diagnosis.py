"""Doctor: each broken set-up is named in a line of its own with its cure, and the command ends with 1."""

import os
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from conftest import Answer

from technews import PROJECT_ROOT, surroundings
from technews.diagnosis import compare_feeds, judge_feed, judge_feeds, unpublished
from technews.ledger import opened
from technews.on_hold import on_hold
from technews.settings import read_settings

FEED = """[[feed]]
id = "octet"
url = "{url}"
title = "Octet"
language = "fr"
country = "FR"
timezone = "Europe/Paris"
"""


def failed(answer: Answer) -> list[str]:
    """The lines that say FAIL."""
    assert answer.code == 1
    return [line.removeprefix("FAIL ") for line in answer.out.splitlines() if line.startswith("FAIL ")]


def no_room(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A disk that is nearly full."""
    patch.setattr(surroundings.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 1 << 40, 1 << 20))


def other_package(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A package of another version than the lock file's."""
    version = surroundings.version
    patch.setattr(surroundings, "version", lambda name: "0.1" if name == "duckdb" else version(name))


def damaged_state(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A state file that was overwritten."""
    (home / "state" / "technews.duckdb").write_bytes(b"\0" * 5000)


def damaged_block(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A published file of which a block was overwritten: DuckDB's words on a bl-ock are no words on a lock."""
    published = (home / "warehouse.duckdb").resolve()
    published.chmod(0o644)
    content = published.read_bytes()
    published.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])


def newer_schema(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A file of a version that is not installed here."""
    with opened(read_settings({}, home), "ingest") as ledger:
        ledger.store.query("INSERT INTO ledger.migrations VALUES (9999, 'x', 'x', now())")
        ledger.finish("completed")
        ledger.publish()


def stale(home: Path, patch: pytest.MonkeyPatch) -> None:
    """No ingest for longer than the setting allows."""
    patch.setenv("TECHNEWS_STALE_HOURS", "0.01")
    with opened(read_settings({}, home), "ingest") as ledger:
        ledger.finish("completed")
        ledger.store.query("UPDATE ledger.runs SET ended_at = now() - INTERVAL 5 HOUR")
        ledger.publish()


def killed_up(home: Path, patch: pytest.MonkeyPatch) -> None:
    """`technews up` that was killed."""
    (home / "state" / "up.lock").write_text("4711 1")


def secret_missing(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A feed whose credentials are not in the environment."""
    _feeds(home, patch, "https://${OCTET_TOKEN}@octet.example/flux")


def private_feed(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A feed at an address that is refused."""
    _feeds(home, patch, "http://192.168.1.7/flux")


def topic_is_a_folder(home: Path, patch: pytest.MonkeyPatch) -> None:
    """A folder under a topic's name."""
    _feeds(home, patch, "https://octet.example/flux")
    (home.parent / "config" / "topics" / "new.toml").mkdir()


def _feeds(home: Path, patch: pytest.MonkeyPatch, url: str) -> None:
    config = home.parent / "config"
    shutil.copytree(surroundings.PROJECT_ROOT / "config", config)
    (config / "feeds.toml").write_text(FEED.format(url=url))
    patch.setenv("TECHNEWS_CONFIG", str(config))


@pytest.mark.parametrize(
    "case",
    [
        (no_room, "disk: 0.0 GiB free", "make room"),
        (other_package, "environment: 1 packages differ from the lock file: duckdb 0.1", "`make --always-make setup`"),
        (damaged_state, "state: ", "cannot be read"),
        (damaged_block, "warehouse: cannot be read: IO Error: Corrupt", "the next `technews run` publishes anew"),
        (newer_schema, "migrations: the file is at 9999", "upgrade technews"),
        (stale, "freshness: the last good ingest ended ", "`technews up` runs it on schedule"),
        (killed_up, "server: no Prefect server answers on port 1", "`technews up` starts it"),
        (
            secret_missing,
            "feed octet: can never be read: the environment variable OCTET_TOKEN is not set",
            "feeds.toml",
        ),
        (private_feed, "feed octet: can never be read: 192.168.1.7 is ", "feeds.toml"),
        (topic_is_a_folder, "configuration: ", "new.toml: not a file"),
    ],
    ids=lambda case: case[0].__name__,
)
def test_a_broken_set_up_is_named_with_its_cure(technews, environment, home_copy, case):
    """One line says what is wrong and what to do; nothing else is called broken."""
    break_it, what, cure = case
    break_it(home_copy, environment)
    (line,) = failed(technews("doctor", "--home", home_copy))
    assert line.startswith(what)
    assert cure in line


def test_a_lost_link_is_told_from_a_fresh_home(technews, home_copy):
    """Published files are there: that nothing was published yet would be untrue, and the state is not published."""
    (home_copy / "warehouse.duckdb").unlink()
    warehouse, publishing = failed(technews("doctor", "--home", home_copy))
    assert "the link to what was published is lost: the next `technews run` makes it" in warehouse
    assert publishing.startswith("publishing: ")


def test_doctor_looks_at_the_feeds_that_it_is_given(technews, filled_home, tmp_path):
    """`--feeds` names another file, as `run` takes it; the home's own feeds are told apart from it."""
    (tmp_path / "mine.toml").write_text(FEED.format(url="https://octet.example/flux"))
    answer = technews("doctor", "--home", filled_home, "--feeds", tmp_path / "mine.toml")
    assert f"ok   configuration: 1 feed in {tmp_path / 'mine.toml'}" in answer.out
    assert "ok   feeds: 12 are read in this home, 0 of them fail at present" in answer.out
    assert "none of these feeds is read in this home, but 12 others (" in answer.out


def test_mistakes_in_the_feeds_are_a_line_each(technews, filled_home, tmp_path):
    """Under one that says how many, to read and to correct one by one; what they hold does nothing on a terminal."""
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(FEED.format(url="https://octet.example/flux").replace('"FR"', '"\\u001b[31m"') + '"a\\nb" = 1\n')
    country = f"""{feeds}:6: country: '\\x1b[31m' is not a country code of ISO 3166-1, such as "FR" (Britain: "GB")\n"""
    unknown = (
        f"{feeds}:1: 'a\\nb': unknown key; known are country, every, full_text, id, language, timezone, title, url\n"
    )
    answer = technews("run", "--home", filled_home, "--feeds", feeds)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"technews: 2 mistakes in {feeds}:\n  {unknown}  {country}"
    said = technews("doctor", "--home", filled_home, "--feeds", feeds).out
    assert f"FAIL configuration: {unknown}FAIL configuration: {country}" in said


def test_a_misspelt_variable_is_noted(technews, environment, filled_home):
    """Every command warns of it, in a line on the error output, and goes on; doctor lists it."""
    environment.setenv("TECHNEWS_LOOKAHEAD", "0")
    words = "TECHNEWS_LOOKAHEAD is no setting: did you mean TECHNEWS_LOOK_AHEAD?\n"
    assert f"note settings: {words}" in technews("doctor", "--home", filled_home).out
    answer = technews("sql", "--home", filled_home, "SELECT 1")
    assert (answer.code, answer.out, answer.err) == (0, "1\n1\n", f"technews: {words}")


def test_a_facet_that_no_topic_has_is_noted(technews, environment, filled_home, tmp_path):
    """Mistyped in the entities, it would turn decisions without a word."""
    config = Path(shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config"))
    entities = config / "entities.toml"
    entities.write_text(entities.read_text().replace('strong = ["apple"]', 'strong = ["aple"]', 1))
    environment.setenv("TECHNEWS_CONFIG", str(config))
    said = technews("doctor", "--home", filled_home).out
    assert "note entities: entities.toml has the facet aple, no topic has: apple is meant?" in said
    assert "chips" not in said  # of a topic that lies elsewhere


@pytest.mark.parametrize(
    ("declared", "read", "words"),
    [
        ("ab", "ab", None),
        ("ab", "", None),
        ("abc", "bcd", "1 feed of it new to this home, 1 that it reads not in it: the next run takes that over"),
        (
            "xy",
            "abcd",
            "none of these feeds is read in this home, but 4 others (a, b, c ...), which a run would retire",
        ),
    ],
)
def test_a_configuration_of_another_home_is_said(declared, read, words):
    """Which feeds are counted is never left open: those configured, and those that the home reads."""
    finding = compare_feeds(set(declared), set(read))
    assert (finding and finding.says.startswith(words)) == (words and True)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_home_of_another_user_is_said(technews, home_copy):
    """A home that cannot be written is a finding."""
    home_copy.chmod(0o555)
    assert "cannot be written" in failed(technews("doctor", "--home", home_copy))[0]


@pytest.mark.parametrize(
    ("failures", "error", "read_before", "ok"),
    [
        pytest.param(1, "HTTP 404", timedelta(hours=1), True, id="once gone may be a slip"),
        pytest.param(3, "HTTP 404", timedelta(hours=1), False, id="gone for good"),
        pytest.param(3, "HTTP 410", None, False, id="gone, never read"),
        pytest.param(3, "not a feed: HTML", timedelta(hours=1), False, id="no feed any more"),
        pytest.param(3, "the environment variable A is not set", None, False, id="credentials missing"),
        pytest.param(3, "10.0.0.1 is a private address", None, False, id="refused address"),
        pytest.param(9, "HTTP 503", timedelta(hours=9), True, id="down for hours"),
        pytest.param(40, "HTTP 503", timedelta(days=4), False, id="down for days"),
        pytest.param(7, "connection refused", None, False, id="never read"),
        pytest.param(5, "timed out", timedelta(days=2), True, id="slow for two days"),
    ],
)
def test_a_failing_feed_needs_a_person_when_no_poll_will_mend_it(failures, error, read_before, ok):
    """A failure for good is believed after three polls, one that comes and goes after three days."""
    row = {
        "feed_id": "f",
        "consecutive_failures": failures,
        "last_error": error,
        "last_success_at": NOW - read_before if read_before else None,
    }
    found = judge_feed(row, NOW)
    assert found.ok is ok
    assert error in found.says
    assert ("tried again by itself" if ok else "feeds.toml") in found.says


@pytest.mark.parametrize(
    ("read", "failing", "ok"),
    [(71, 71, False), (71, 24, False), (71, 23, True), (2, 2, True), (3, 3, False), (0, 0, True)],
)
def test_many_failing_feeds_are_a_failure_of_this_machine(read, failing, ok):
    """A third of the feeds down at once needs a person, who is told where to look."""
    found = judge_feeds(read, ["connection failed"] * failing)
    assert found.ok is ok
    assert ("network" in found.says) is not ok


def test_private_hosts_are_allowed_by_a_variable():
    """Where they are why feeds fail, the cure is the variable, not the network, nor another address."""
    error = "192.168.1.7 is private, and TECHNEWS_ALLOW_HOSTS does not name it"
    row = {"feed_id": "f", "consecutive_failures": 3, "last_error": error, "last_success_at": NOW - timedelta(days=4)}
    for found in (judge_feeds(3, [error] * 3), judge_feed(row, NOW)):
        assert not found.ok
        assert "set TECHNEWS_ALLOW_HOSTS" in found.says
        assert "network" not in found.says
    assert "last read 2026-" in judge_feed(row, NOW).says
    assert "network" in judge_feeds(3, [error, error, "timeout"]).says


def test_doctor_counts_by_the_configured_rules(technews, environment, home_copy):
    """An edited topic is no rule of the last run yet; the present decisions are older all the same."""
    assert "ok   rules: 0 present decisions" in technews("doctor", "--home", home_copy).out
    _feeds(home_copy, environment, "https://octet.example/flux")
    topic = home_copy.parent / "config" / "topics" / "apple-china-ai.toml"
    topic.write_text(topic.read_text().replace("\nthreshold = 0.5\n", "\nthreshold = 0.6\n"))
    said = technews("doctor", "--home", home_copy).out
    assert "note rules: " in said
    assert "0 present decisions were" not in said
    assert "made by older rules: `technews replay --dry-run`" in said


def test_decisions_of_a_topic_that_is_gone_are_not_counted(technews, environment, home_copy):
    """No replay makes them anew; what a new topic has not judged yet is said, as a replay judges it."""
    _feeds(home_copy, environment, "https://octet.example/flux")
    topic = home_copy.parent / "config" / "topics" / "apple-china-ai.toml"
    topic.rename(topic.with_name("renamed.toml"))
    topic = topic.with_name("renamed.toml")
    topic.write_text(topic.read_text().replace('id = "apple-china-ai"', 'id = "renamed"'))
    said = technews("doctor", "--home", home_copy).out
    assert "ok   rules: 0 present decisions were made by older rules" in said
    assert re.search(
        r"^note rules: topic renamed has judged none of \d\d articles: `technews replay`$", said, re.MULTILINE
    )


STOPPED = {
    "work_pools/filter": [{"name": "technews", "is_paused": True}, {"name": "other", "is_paused": True}],
    "deployments/filter": [
        {"name": "ingest", "paused": False, "schedules": [{"active": False}]},
        {"name": "maintain", "paused": False, "schedules": [{"active": True}]},
        {"name": "backfill", "paused": False, "schedules": []},
        {"name": "replay", "paused": True, "schedules": []},
        {"name": "other", "paused": True, "schedules": []},
    ],
}


def test_what_an_operator_stopped_is_told(technews, environment, home_copy):
    """A note, for somebody wanted it; but it is why nothing is fresh, and not the network."""
    stale(home_copy, environment)
    environment.setattr("technews.on_hold.ask", lambda _, path, *__: STOPPED[path])
    answer = technews("doctor", "--home", home_copy)
    words = "the work pool technews is paused; the schedule of ingest is switched off; the deployment replay is paused"
    assert f"note deployments: {words}: nothing of that starts by itself" in answer.out
    (line,) = failed(answer)
    assert line.endswith(
        "the work pool technews is paused and the schedule of ingest is switched off: resume it in the UI"
    )


@pytest.mark.parametrize("answer", [None, {"detail": "x"}, [1], [{"name": "ingest", "schedules": 1, "paused": False}]])
def test_an_unusable_answer_on_deployments_is_none(environment, answer):
    """Another program may listen there, or another version of the engine."""
    environment.setattr("technews.on_hold.ask", lambda *_: answer)
    assert on_hold(read_settings(), {}) == {}


@pytest.mark.parametrize(
    ("last", "sound", "words"),
    [
        (None, True, ": the next `technews run` publishes them"),
        (("running", None), True, " publishes them; the last ingest was killed in the midst"),
        (("failed", "why"), False, ": they are published once no check fails; the last ingest failed: why"),
        (("completed", None), True, " publishes them; the last ingest completed"),
    ],
)
def test_what_readers_lack_names_what_publishes_it(last, sound, words):
    """The next run, unless what was written breaks a rule."""
    row = last and {"flow": "ingest", "status": last[0], "message": last[1]}
    assert unpublished(row, sound=sound).endswith(words)


def test_doctor_asks_the_port_that_up_was_started_with(technews, environment, home_copy):
    """`technews up` of a home may run on another port than the one that is set where doctor is called."""
    environment.setenv("TECHNEWS_SERVER_PORT", "2")
    (home_copy / "state" / "up.lock").write_text("4711 1")
    assert "server: no Prefect server answers on port 1:" in failed(technews("doctor", "--home", home_copy))[0]
