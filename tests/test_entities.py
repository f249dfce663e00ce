"""The alias table: bad files are refused where they are bad, and the table that we ship holds together."""

from pathlib import Path

import pytest

from technews import PROJECT_ROOT
from technews.entities import Entities, read_entities
from technews.matching import Matcher, fold, standing
from technews.settings import UsageError
from technews.topics import read_topic

GOOD = '[[entity]]\nid = "acme"\nname = "Acme"\nkind = "company"\nany = ["Acme"]\n'
OTHER = '[[entity]]\nid = "zenith"\nname = "Zenith"\nkind = "company"\n'


@pytest.fixture(scope="module")
def shipped() -> Entities:
    """The table that the project ships."""
    return read_entities(PROJECT_ROOT / "config" / "entities.toml")


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        pytest.param(GOOD + 'colour = "red"\n', 6, "colour", "unknown key", id="unknown-key"),
        pytest.param(GOOD + GOOD, 7, "id", "unique", id="doubled-id"),
        pytest.param(GOOD.replace("company", "firm"), 4, "kind", "one of company", id="unknown-kind"),
        pytest.param(GOOD.replace('"acme"', '"Ac me"'), 2, "id", "lower-case", id="bad-id"),
        pytest.param(GOOD.replace('any = ["Acme"]\n', ""), 2, "id", "nothing would ever find it", id="dead"),
        pytest.param(GOOD + 'zh = ["\u200b"]\n', 6, "zh", "nothing that could be found", id="invisible-name"),
        pytest.param(GOOD + 'strong = ["ai"]\nweak = ["ai"]\n', 7, "weak", "under strong too", id="contradiction"),
        pytest.param(GOOD + 'strong = ["A I"]\n', 6, "strong", "facet names", id="bad-facet"),
        pytest.param(GOOD + 'domains = ["https://acme.example/"]\n', 6, "domains", "web domains", id="bad-domain"),
        pytest.param(GOOD + 'country = "France"\n', 6, "country", "ISO 3166-1", id="bad-country"),
        pytest.param(GOOD + GOOD.replace('"acme"', '"zenith"'), 10, "any", "already names 'acme'", id="doubled-name"),
        pytest.param(
            GOOD + GOOD.replace('"acme"', '"zenith"').replace('["Acme"]', '["Zenith"]'),
            8,
            "name",
            "is the name of",
            id="name",
        ),
        pytest.param(GOOD + 'not = ["ACME"]\n', 6, "not", "always hide", id="name-hidden-by-its-own-not"),
        pytest.param(GOOD + 'bare = ["Acmy"]\n', 6, "bare", "no name of the entity", id="bare-name-that-is-no-name"),
        pytest.param(GOOD + 'unless = ["acme"]\n', 6, "unless", "against itself", id="name-doubted-by-itself"),
        pytest.param(
            GOOD + 'zh = ["阿客"]\n' + OTHER + 'fr = ["阿客"]\n',
            11,
            "fr",
            "already names 'acme'",
            id="chinese-name-twice",
        ),
        pytest.param(GOOD + OTHER + 'en = ["acme"]\n', 10, "en", "already names 'acme'", id="name-of-any-language"),
        pytest.param(GOOD + "en = [3]\n", 6, "en", "list of texts", id="not-texts"),
    ],
)
def test_bad_files_are_refused_where_they_are_bad(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    """The message names file, line and key, and says what would be right."""
    path = tmp_path / "entities.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says) as refused:
        read_entities(path)
    assert str(refused.value).startswith(f"{path}:{line}: {key}: ")


def test_every_shipped_name_finds_its_entity(shipped: Entities) -> None:
    """No name is dead: alone in a text of its language, it is found as its entity and hidden by nothing."""
    matcher = Matcher(shipped.terms())
    lost = []
    for entity in shipped:
        for term in entity.names:
            matches = standing(matcher.find(term.text, "en" if term.language == "any" else term.language))
            if entity.id not in {m.term.entity for m in matches}:
                lost.append((entity.id, term.text))
    assert lost == []


def test_no_shipped_name_means_two_entities(shipped: Entities) -> None:
    """A name means one entity, also across the lists of several languages."""
    holders: dict[str, set[str]] = {}
    for entity in shipped:
        for term in entity.names:
            holders.setdefault(fold(term.text).text, set()).add(entity.id)
    assert {name: ids for name, ids in holders.items() if len(ids) > 1} == {}


def test_no_shipped_name_is_hidden_by_another_entity(shipped: Entities) -> None:
    """No entity's shadow or doubt is another entity's name: the one would say that the other is not meant."""
    names = {(fold(term.text).text, entity.id) for entity in shipped for term in entity.names}
    against = {(fold(t.text).text, e.id) for e in shipped for t in (*e.shadows, *e.doubts)}
    held = dict(names)
    assert [(text, by, held[text]) for text, by in sorted(against) if text in held] == []


def test_every_shipped_facet_is_some_topics(shipped: Entities) -> None:
    """A facet that no topic asks for is dead, or misspelt."""
    files = [
        *(PROJECT_ROOT / "config" / "topics").glob("*.toml"),
        *(PROJECT_ROOT / "examples" / "topics").glob("*.toml"),
    ]
    asked = {facet.name for path in files for facet in read_topic(path, shipped).facets}
    assert {facet for entity in shipped for facet in (*entity.strong, *entity.weak)} <= asked


@pytest.mark.parametrize(
    "path",
    [*PROJECT_ROOT.glob("config/topics/*.toml"), *PROJECT_ROOT.glob("examples/topics/*.toml")],
    ids=lambda p: p.stem,
)
def test_no_word_of_a_topic_is_dead_or_said_twice(shipped: Entities, path: Path) -> None:
    """Each word is listed once for its facet or cue, not as hint and as proof, and is found alone in its language."""
    topic = read_topic(path, shipped)
    terms = [term for term in topic.terms() if not term.is_shadow]
    folded = [(term.facet, term.language, fold(term.text).text) for term in terms if term.text.islower()]
    assert sorted({key for key in folded if folded.count(key) > 1}) == []
    matcher = Matcher([*shipped.terms(), *topic.terms()])
    dead = [
        term.text
        for term in terms
        if term.facet
        not in {
            m.term.facet
            for m in standing(matcher.find(term.text, "en" if term.language == "any" else term.language), topic.id)
        }
    ]
    assert dead == []


def test_no_two_shipped_publishers_share_a_domain(shipped: Entities) -> None:
    """A domain belongs to one publisher, and every medium has country and language."""
    domains = [domain for entity in shipped for domain in entity.domains]
    assert len(domains) == len(set(domains))
    assert [e.id for e in shipped if e.kind == "media" and not (e.domains and e.country and e.language)] == []


def test_the_shipped_table_is_broad(shipped: Entities) -> None:
    """All kinds are there, and the facets of the default topic are shown by many."""
    kinds = {entity.kind for entity in shipped}
    assert kinds == {"company", "person", "product", "model", "regulator", "media", "research", "place", "organization"}
    assert len(shipped) > 300
    assert all(sum(shipped.showing(facet).values()) > 15 for facet in ("apple", "china", "ai", "chips"))


def test_publishers_come_from_the_table(shipped: Entities) -> None:
    """Whatever has web domains is a publisher, with its family, country and language."""
    publishers = pytest.importorskip("technews.publishers", reason="publishers are a module of their own")
    from technews.entities import publishers_of

    by_id = {publisher.id: publisher for publisher in publishers_of(shipped)}
    assert isinstance(by_id["igeneration"], publishers.Publisher)
    assert (by_id["igeneration"].domains, by_id["igeneration"].family) == (("igen.fr",), "MacGeneration")
    assert (by_id["the-information"].name, by_id["the-information"].country) == ("The Information", "US")
