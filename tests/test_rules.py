"""What operators configure is refused before a run where it is wrong; read once, it is known by its bytes."""

import errno
import json
import logging
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from technews.rules import Rules, read_configuration
from technews.settings import Settings, UsageError, read_settings

VERSIONS = {"apples": "apples-known"}
CONFIGURATION = {  # small, since most tests read it anew
    "feeds.toml": """
[[feed]]
id = "site"
url = "https://site.example/feed"
title = "Site"
language = "en"
country = "FR"
timezone = "UTC"
""",
    "entities.toml": """
[[entity]]
id = "apple"
name = "Apple"
kind = "company"
any = ["Apple"]
strong = ["firm"]
""",
    "topics/apples.toml": """
id = "apples"
title = "Apple and rain"
threshold = 0.5
[facet.firm]
[facet.rain.strong]
en = ["rain"]
""",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home and a configuration of its own, whose rules were read and noted by a run."""
    (tmp_path / "config" / "topics").mkdir(parents=True)
    for name, text in CONFIGURATION.items():
        (tmp_path / "config" / name).write_text(text, encoding="utf-8")
    settings = replace(read_settings({}), home=tmp_path, config=tmp_path / "config")
    settings.rules_note.parent.mkdir()
    read_configuration(settings, None, None)[1].write_note(settings.rules_note)
    note = json.loads(settings.rules_note.read_text(encoding="utf-8"))
    settings.rules_note.write_text(
        json.dumps(note | {"versions": VERSIONS}), encoding="utf-8"
    )  # to tell known from read
    return settings


def versions(settings: Settings) -> dict[str, str]:
    """The rule versions that a run of this configuration sets."""
    return dict(read_configuration(settings, None, None)[1].versions)


def test_rules_that_were_read_are_known(settings):
    """Not a byte has changed: they are not read again before a page asks for them, and then are what they were."""
    _, rules = read_configuration(settings, None, None)
    assert rules.versions == VERSIONS
    assert "entities" not in vars(rules)
    assert rules.topics[0].rule_version == read_rules_anew(settings)["apples"]


def read_rules_anew(settings: Settings) -> dict[str, str]:
    """The versions without a note."""
    return dict(Rules(settings.topics_dir, settings.entities_file).versions)


@pytest.mark.parametrize("name", ["topics/apples.toml", "entities.toml"])
def test_a_changed_byte_has_them_read_again(settings, name):
    """Be it only a comment: whether it means something else, reading must say."""
    file = settings.config / name
    file.write_text(file.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
    assert versions(settings) == read_rules_anew(settings)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("topics/apples.toml", "nonsense = 1\n", "nonsense"),
        ("topics/new.toml", "enabled = ", "new.toml"),
        ("entities.toml", "[[entity]]\nid = 3\n", "entities.toml"),
    ],
)
def test_a_mistake_is_refused_though_they_were_known(settings, name, text, word):
    """Before the run, as ever, with the file's name."""
    file = settings.config / name
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(text + before, encoding="utf-8")
    with pytest.raises(UsageError, match=word):
        read_configuration(settings, None, None)


@pytest.mark.parametrize("name", ["topics/apples.toml", "entities.toml"])
@pytest.mark.parametrize("text", ["# a word more\n", "nonsense = 1\n"])
def test_a_run_has_the_rules_of_its_start(settings, name, text):
    """What is edited before the first page asks for the rules, be it a mistake, is the next run's matter."""
    before = read_rules_anew(settings)
    _, rules = read_configuration(settings, None, None)
    file = settings.config / name
    file.write_text(text + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert {topic.id: topic.rule_version for topic in rules.topics} == before
    assert "Apple" in {entity.name for entity in rules.entities}


def test_entities_among_the_topics_are_no_entities(settings):
    """The same bytes under the same name mean something else there: nothing is known of them."""
    settings.entities_file.rename(settings.topics_dir / "entities.toml")
    with pytest.raises(UsageError, match="topics need entities"):
        read_configuration(settings, None, None)


def test_a_digest_is_of_one_set_of_files_alone(tmp_path):
    """Role, whole path and length go into it: no file passes for another, nor two for one."""
    digests = set()
    for name, entities, topics in [
        ("a", b"x", {"b": b"y"}),
        ("a", b"y", {"b": b"x"}),
        ("a", b"x", {"b": b"", "y": b""}),
        ("a", b"xy", {"b": b""}),
        ("other", b"x", {"b": b"y"}),
    ]:
        shutil.rmtree(tmp_path / name, ignore_errors=True)
        (tmp_path / name / "topics").mkdir(parents=True)
        (tmp_path / name / "entities.toml").write_bytes(entities)
        for stem, content in topics.items():
            (tmp_path / name / "topics" / f"{stem}.toml").write_bytes(content)
        digests.add(Rules(tmp_path / name / "topics", tmp_path / "none.toml")._digest_now())
    assert len(digests) == 5


def folder(file: Path) -> None:
    """A folder in a file's place."""
    file.mkdir()


def link_to_nowhere(file: Path) -> None:
    """A link whose target is gone."""
    file.symlink_to(file.parent / "gone")


def link_to_itself(file: Path) -> None:
    """A link that leads in a circle."""
    file.symlink_to(file)


def pipe(file: Path) -> None:
    """A pipe, which whoever reads would wait for."""
    os.mkfifo(file)


@pytest.mark.parametrize("name", ["topics/new.toml", "entities.toml"])
@pytest.mark.parametrize("made", [folder, link_to_nowhere, link_to_itself, pipe])
def test_what_cannot_be_read_is_refused_by_name(settings, name, made):
    """A topic or entities that are no file: which, and what to do, before the run."""
    file = settings.config / name
    file.unlink(missing_ok=True)
    made(file)
    with pytest.raises(UsageError, match=rf"{file}: not a file.* move this elsewhere"):
        read_configuration(settings, None, None)


@pytest.mark.parametrize(
    ("name", "method"),
    [("topics", "iterdir"), ("topics/apples.toml", "read_bytes"), ("entities.toml", "is_file")],
)
def test_a_missing_right_to_read_is_refused(settings, name, method, monkeypatch):
    """With the place and what to do; tests may run as a user whom no right binds, so the system's word is given."""
    place, real = settings.config / name, getattr(Path, method)

    def barred(path: Path) -> object:
        if path == place:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path)

    monkeypatch.setattr(Path, method, barred)
    with pytest.raises(UsageError, match=f"{place}: cannot be read: Permission denied; "):
        read_configuration(settings, None, None)


def test_a_path_that_is_too_long_is_refused(settings):
    """A folder named on the command line may be anything."""
    with pytest.raises(UsageError, match="File name too long"):
        read_configuration(settings, None, Path("/" + "x" * 300))


@pytest.mark.parametrize("made", [folder, link_to_nowhere, pipe, Path.touch])
def test_names_with_a_dot_in_front_are_no_topics(settings, made):
    """Editors keep locks and copies there; they change nothing, and the rules stay known."""
    made(settings.topics_dir / ".#new.toml")
    assert versions(settings) == VERSIONS
    assert [topic.id for topic in Rules(settings.topics_dir, settings.entities_file).topics] == ["apples"]


def test_a_removed_topic_is_no_longer_known(settings):
    """An empty folder is refused, whatever was noted."""
    (settings.topics_dir / "apples.toml").unlink()
    with pytest.raises(UsageError, match="no topic is there"):
        read_configuration(settings, None, None)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"digest": 1}', "null", "\x00", "1" * 10_000, pytest.param("[" * 100_000, id="deep")],
)
def test_a_damaged_note_is_no_note(settings, text):
    """The rules are read."""
    settings.rules_note.write_text(text, encoding="utf-8")
    assert versions(settings) == read_rules_anew(settings)


@pytest.mark.parametrize("held", [None, {}, [], ["ab"], "ab", 1, {"apples": None}, {"apples": ["x"]}])
def test_versions_of_another_shape_are_not_believed(settings, held):
    """Though the digest is right: a run sets them as its rule versions."""
    note = json.loads(settings.rules_note.read_text(encoding="utf-8"))
    settings.rules_note.write_text(json.dumps(note | {"versions": held}), encoding="utf-8")
    assert versions(settings) == read_rules_anew(settings)


@pytest.mark.parametrize("made", [folder, link_to_nowhere, link_to_itself, pipe])
@pytest.mark.parametrize("suffix", [".json", ".new"])
def test_a_note_that_cannot_be_kept_stops_no_run(settings, made, suffix, caplog):
    """The rules are read anew; where no note can be written either, one warning says so."""
    settings.rules_note.unlink()
    place = settings.rules_note.with_suffix(suffix)
    made(place)
    _, rules = read_configuration(settings, None, None)
    assert rules.versions == read_rules_anew(settings)
    with caplog.at_level(logging.WARNING, "technews"):
        rules.write_note(settings.rules_note)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == (0 if settings.rules_note.is_file() else 1)
    assert all(line.startswith(f"{settings.rules_note} cannot be written: ") for line in said)
    assert versions(settings) == read_rules_anew(settings)


def test_other_code_reads_them_again(settings, monkeypatch, tmp_path):
    """What a file means is decided by our code too: after an upgrade nothing is known."""
    (tmp_path / "other.py").write_text("# upgraded")
    monkeypatch.setattr("technews.rules.__file__", str(tmp_path / "rules.py"))
    assert versions(settings) == read_rules_anew(settings)


def test_the_note_is_of_the_files_that_were_read(settings):
    """What was edited between reading and noting is not known by that note."""
    settings.rules_note.unlink()
    _, rules = read_configuration(settings, None, None)
    file = settings.topics_dir / "apples.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    rules.write_note(settings.rules_note)
    assert versions(settings) == read_rules_anew(settings) != rules.versions


def test_rules_that_other_code_read_are_not_noted(settings, monkeypatch, tmp_path):
    """After an upgrade in mid-run nobody knows which code read them."""
    settings.rules_note.unlink()
    _, rules = read_configuration(settings, None, None)
    monkeypatch.setattr("technews.rules.__file__", str(tmp_path / "rules.py"))
    rules.write_note(settings.rules_note)
    assert not settings.rules_note.exists()
