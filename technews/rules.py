"""All that operators configure, read together: feeds, entities, topics. What is wrong is refused before a run."""

from dataclasses import dataclass, replace
from pathlib import Path

from technews.declared_feeds import read_feeds
from technews.entities import Entities, publishers_of, read_entities
from technews.needs import Needs
from technews.publishers import Publishers
from technews.records import Feed
from technews.relevance import Judge
from technews.settings import Settings, UsageError
from technews.topics import Topic, read_topics


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides: the entities, the topics, and who publishes."""

    entities: Entities
    topics: tuple[Topic, ...]
    publishers: Publishers

    def judge(self) -> Judge:
        """A judge for all topics; building its matcher takes a moment."""
        return Judge(self.topics, self.entities)

    def needs(self) -> Needs:
        """What the enabled topics need of a page, for workers that look ahead."""
        return Needs.of(self.topics, self.entities)

    @property
    def versions(self) -> dict[str, str]:
        """The rule version of each enabled topic."""
        return {topic.id: topic.rule_version for topic in self.topics}


def read_rules(topics_dir: Path, entities: Path) -> Rules:
    """The enabled topics of a folder (see `read_all_rules`). Raises UsageError, also where none is enabled."""
    rules = read_all_rules(topics_dir, entities)
    enabled = tuple(topic for topic in rules.topics if topic.enabled)
    if not enabled:
        raise UsageError(f"{topics_dir}: no topic is enabled; write `enabled = true` in one of its files")
    return replace(rules, topics=enabled)


def read_all_rules(topics_dir: Path, entities: Path) -> Rules:
    """All topics of a folder, with the entities beside it (`../entities.toml`), or else those. Raises UsageError."""
    if not topics_dir.is_dir():
        raise UsageError(f"{topics_dir}: no such folder; name one that holds topics as <id>.toml")
    places = dict.fromkeys([topics_dir.parent / "entities.toml", entities])
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise UsageError(f"{' and '.join(map(str, places))}: no such file; topics need entities")
    known = read_entities(found)
    topics = read_topics(topics_dir, known)
    if not topics:
        raise UsageError(f"{topics_dir}: no topic is there; a topic is a file <id>.toml")
    return Rules(known, topics, Publishers(publishers_of(known)))


def read_configuration(settings: Settings, feeds: Path | None, topics: Path | None) -> tuple[tuple[Feed, ...], Rules]:
    """Feeds and rules of a run: from the files named, else from the settings. Raises UsageError; touches nothing."""
    return read_feeds(feeds or settings.feeds_file), read_rules(topics or settings.topics_dir, settings.entities_file)
