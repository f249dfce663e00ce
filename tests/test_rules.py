"""What operators configure is refused before a run where it is wrong; read once, it is known by its bytes."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from technews import PROJECT_ROOT
from technews.rules import Rules, read_configuration
from technews.settings import Settings, UsageError, read_settings

VERSIONS = {"apple-china-ai": "apple-china-ai-known"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home and a configuration of its own, whose rules were read and noted by a run."""
    shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config")
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
    assert rules.topics[0].rule_version == read_rules_anew(settings)["apple-china-ai"]


def read_rules_anew(settings: Settings) -> dict[str, str]:
    """The versions without a note."""
    return dict(Rules(settings.topics_dir, settings.entities_file).versions)


@pytest.mark.parametrize("name", ["topics/apple-china-ai.toml", "entities.toml"])
def test_a_changed_byte_has_them_read_again(settings, name):
    """Be it only a comment: whether it means something else, reading must say."""
    file = settings.config / name
    file.write_text(file.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
    assert versions(settings) == read_rules_anew(settings)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("topics/apple-china-ai.toml", "nonsense = 1\n", "nonsense"),
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


def test_a_removed_topic_is_no_longer_known(settings):
    """An empty folder is refused, whatever was noted."""
    (settings.topics_dir / "apple-china-ai.toml").unlink()
    with pytest.raises(UsageError, match="no topic is there"):
        read_configuration(settings, None, None)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"digest": 1}', "null", "\x00"])
def test_a_damaged_note_is_no_note(settings, text):
    """The rules are read."""
    settings.rules_note.write_text(text, encoding="utf-8")
    assert versions(settings) == read_rules_anew(settings)


def test_other_code_reads_them_again(settings, monkeypatch, tmp_path):
    """What a file means is decided by our code too: after an upgrade nothing is known."""
    (tmp_path / "other.py").write_text("# upgraded")
    monkeypatch.setattr("technews.rules.__file__", str(tmp_path / "rules.py"))
    assert versions(settings) == read_rules_anew(settings)


def test_files_that_change_while_they_are_read_are_not_noted(settings):
    """The note would say of the new files what was found in the old."""
    settings.rules_note.unlink()
    _, rules = read_configuration(settings, None, None)
    settings.entities_file.write_text(settings.entities_file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    rules.write_note(settings.rules_note)
    assert not settings.rules_note.exists()
