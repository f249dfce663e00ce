"""All that operators configure, read together: feeds, entities, topics. What is wrong is refused before a run.

Reading the rules takes longer than all else that a quiet run does. So a run notes the digest of what it has read and
found right, and the next one, if not a byte has changed, parses the rules only when a page is to be judged. The
files are read once: a run has the rules of its start, whatever is edited meanwhile.
"""

import hashlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from technews.configuration import read_file
from technews.declared_feeds import read_feeds
from technews.records import Feed
from technews.settings import Settings, UsageError

if TYPE_CHECKING:
    from technews.entities import Entities
    from technews.needs import Needs
    from technews.publishers import Publishers
    from technews.relevance import Judge
    from technews.topics import Topic

_log = logging.getLogger("technews")


class Rules:
    """What decides: the entities, the topics, and who publishes.

    The files are read together, and each is parsed when first asked for. Whatever reads or parses them raises
    UsageError where a file is missing or wrong, or where no topic is enabled.
    """

    def __init__(self, topics_dir: Path, entities: Path) -> None:
        """Reads nothing yet. The entities are those beside the folder (`../entities.toml`), or else these."""
        self._folder, self._entities = topics_dir, entities
        self._digest, self._known = "", False

    @cached_property
    def entities(self) -> "Entities":
        """All entities."""
        from technews.entities import read_entities  # noqa: PLC0415 -- a quiet run judges nothing

        return read_entities(*self._files[0])

    @cached_property
    def all_topics(self) -> "tuple[Topic, ...]":
        """The topics of the folder, enabled and not."""
        from technews.topics import read_topic  # noqa: PLC0415 -- as above

        topics = tuple(read_topic(path, self.entities, content) for path, content in self._files[1:])
        if not topics:
            raise UsageError(f"{self._folder}: no topic is there; a topic is a file <id>.toml")
        return topics

    @cached_property
    def topics(self) -> "tuple[Topic, ...]":
        """The enabled topics."""
        enabled = tuple(topic for topic in self.all_topics if topic.enabled)
        if not enabled:
            raise UsageError(f"{self._folder}: no topic is enabled; write `enabled = true` in one of its files")
        return enabled

    @cached_property
    def publishers(self) -> "Publishers":
        """Who publishes."""
        from technews.entities import publishers_of  # noqa: PLC0415 -- as above
        from technews.publishers import Publishers  # noqa: PLC0415 -- as above

        return Publishers(publishers_of(self.entities))

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """The rule version of each enabled topic."""
        return {topic.id: topic.rule_version for topic in self.topics}

    def judge(self) -> "Judge":
        """A judge for all topics; building its matcher takes a moment."""
        from technews.relevance import Judge  # noqa: PLC0415 -- as above

        return Judge(self.topics, self.entities)

    def needs(self) -> "Needs":
        """What the enabled topics need of a page, for workers that look ahead."""
        from technews.needs import Needs  # noqa: PLC0415 -- as above

        return Needs.of(self.topics, self.entities)

    def read_unless_known(self, note: Path) -> None:
        """Reads the rules, unless an earlier run's note says that just these files are right, and gives `versions`."""
        self._digest = self._digest_now()
        if noted := _noted(note, self._digest):
            self.versions, self._known = noted, True
        _ = self.versions

    def write_note(self, note: Path) -> None:
        """Notes for later runs that these files are right; not where our code changed meanwhile.

        Where that cannot be written, it is logged: later runs only take longer.
        """
        if self._known or self._digest != self._digest_now():
            return
        temporary = note.with_suffix(".new")
        try:
            temporary.unlink(missing_ok=True)  # whatever is there: a link or a pipe would be written into
            temporary.write_text(json.dumps({"digest": self._digest, "versions": self.versions}), encoding="utf-8")
            temporary.replace(note)
        except OSError as error:
            _log.warning("%s cannot be written: %s; until it can, each run reads the rules anew", note, error.strerror)

    def _digest_now(self) -> str:
        """SHA-256 of all that decides what the files mean: bytes, places, roles, our code, the interpreter's version.

        Each part goes in with its lengths, so that no other parts make the same sequence.
        """
        digest = hashlib.sha256()
        for role, path, content in self._parts():
            name = os.fsencode(path.absolute())
            digest.update(f"{role} {len(name)} {len(content)} ".encode() + name + content)
        return digest.hexdigest()

    def _parts(self) -> Iterator[tuple[str, Path, bytes]]:
        yield "python", Path(sys.executable), sys.version.encode()
        for path in sorted(Path(__file__).parent.glob("[!.]*.py")):
            yield "code", path, path.read_bytes()
        for number, (path, content) in enumerate(self._files):
            yield "topic" if number else "entities", path, content

    @cached_property
    def _files(self) -> tuple[tuple[Path, bytes], ...]:
        """The file of the entities, then those of the topics by name, with their bytes."""
        try:
            if not self._folder.is_dir():
                raise UsageError(f"{self._folder}: no such folder; name one that holds topics as <id>.toml")
            entities = next((path for path in self._places if os.path.lexists(path)), None)
            if entities is None:
                raise UsageError(f"{' and '.join(map(str, self._places))}: no such file; topics need entities")
            return tuple((path, _read(path)) for path in (entities, *_topic_files(self._folder)))
        except OSError as error:
            where = error.filename or self._folder
            raise UsageError(f"{where}: cannot be read: {error.strerror}; give this user the right to") from None

    @property
    def _places(self) -> list[Path]:
        return list(dict.fromkeys([self._folder.parent / "entities.toml", self._entities]))


def _topic_files(folder: Path) -> list[Path]:
    """The files that are topics; names with a dot in front are editors' and systems' own."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".toml" and not path.name.startswith("."))


def _read(path: Path) -> bytes:
    if not path.is_file():  # a pipe would be waited for
        raise UsageError(f"{path}: not a file, or a link to none; put the file there, or move this elsewhere")
    return read_file(path)


def _noted(note: Path, digest: str) -> dict[str, str] | None:
    """The rule versions that a note gives for this digest; None where there is no such note, or it is damaged."""
    try:
        held = json.loads(note.read_bytes()) if note.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    match held:
        case {"digest": str(noted), "versions": dict(versions)} if noted == digest and versions:
            return versions if all(isinstance(version, str) for version in versions.values()) else None
    return None


def read_rules(topics_dir: Path, entities: Path) -> Rules:
    """The rules of a folder of topics, read. Raises UsageError."""
    rules = Rules(topics_dir, entities)
    _ = rules.topics
    return rules


def read_configuration(settings: Settings, feeds: Path | None, topics: Path | None) -> tuple[tuple[Feed, ...], Rules]:
    """Feeds and rules of a run: from the files named, else from the settings. Raises UsageError; touches nothing."""
    declared = read_feeds(feeds or settings.feeds_file)
    rules = Rules(topics or settings.topics_dir, settings.entities_file)
    rules.read_unless_known(settings.rules_note)
    return declared, rules
