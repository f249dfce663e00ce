"""Topics: files are refused where they are bad; the shipped topics keep and drop what a careful reader would.

The pieces are written for this project; outlets and persons in them are invented where no public figure is meant.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from technews import PROJECT_ROOT
from technews.entities import Entities, read_entities
from technews.records import Evidence, Reason, Verdict
from technews.relevance import Judge
from technews.rules import read_rules
from technews.settings import UsageError
from technews.topics import read_topic

CONFIG = PROJECT_ROOT / "config"
SHARED = PROJECT_ROOT / ".." / "shared" / "data"
WEATHER = "The rest of the morning was given to the town's new tram line, its stops and the price of a ticket."

ENTITIES = """
[[entity]]
id = "zorb"
name = "Zorb"
kind = "company"
any = ["Zorb"]
strong = ["firm"]
"""
STRANGER = '[[entity]]\nid = "x"\nname = "X"\nkind = "media"\nany = ["Xx"]\n'
TOPIC = """id = "t"
title = "Zorb and rain"
threshold = 0.5
[weights]
title = 2
[facet.firm]
[facet.rain.strong]
en = ["rain"]
"""


@pytest.fixture(scope="module")
def entities() -> Entities:
    """The alias table that the project ships."""
    return read_entities(CONFIG / "entities.toml")


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The shipped topic, compiled."""
    return read_rules(CONFIG / "topics", CONFIG / "entities.toml").judge()


def small(tmp_path: Path, topic: str = TOPIC, entities_text: str = ENTITIES) -> Judge:
    """A judge for an invented topic, which no code knows."""
    (tmp_path / "entities.toml").write_text(entities_text, encoding="utf-8")
    (tmp_path / "t.toml").write_text(topic, encoding="utf-8")
    entities = read_entities(tmp_path / "entities.toml")
    return Judge([read_topic(tmp_path / "t.toml", entities)], entities)


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        pytest.param("colour = 1\n" + TOPIC, 1, "colour", "unknown key", id="unknown-key"),
        pytest.param(TOPIC.replace('"t"', '"u"'), 1, "id", "not the file's name", id="id-is-not-the-file-name"),
        pytest.param(TOPIC.replace("0.5", "3", 1), 3, "threshold", "number from", id="threshold-out-of-range"),
        pytest.param(TOPIC.replace("title = 2", "titel = 2"), 5, "titel", "unknown key", id="unknown-weight"),
        pytest.param(
            TOPIC.replace("firm", "farm"), 6, "farm", "nothing shows this facet", id="facet-that-nothing-shows"
        ),
        pytest.param(TOPIC + "xx = []\n", 9, "xx", "unknown key", id="unknown-language"),
        pytest.param(TOPIC + 'fr = ["\u200b"]\n', 9, "fr", "nothing that could be found", id="invisible-term"),
        pytest.param(TOPIC + '[facet.rain]\nentities = ["nobody"]\n', 10, "entities", "no entity", id="unknown-entity"),
        pytest.param(TOPIC + "[facet.rain.wek]\n", 9, "wek", "unknown key", id="unknown-strength"),
        pytest.param(TOPIC.replace("[facet.firm]", "[facet.firm"), 6, "", "not valid TOML", id="no-toml"),
        pytest.param('id = "t"\ntitle = "T"\nthreshold = 0.5\n', 1, "facet", "missing", id="no-facets"),
        pytest.param('id = "t"\ntitle = "T"\nthreshold = 0.5\n[facet]\n', 4, "facet", "empty", id="empty-facets"),
        pytest.param(TOPIC + '[cue.x]\nen = ["a"]\n', 9, "weight", "missing", id="cue-without-weight"),
        pytest.param(TOPIC + "[cue.x]\nweight = 1\n", 9, "x", "no words", id="cue-without-words"),
        pytest.param(TOPIC + '[cue.rain]\nweight = 1\nen = ["a"]\n', 9, "rain", "facet has", id="cue-named-as-facet"),
        pytest.param(TOPIC + '[cue.title]\nweight = 1\nen = ["a"]\n', 9, "title", "a measure has", id="cue-as-measure"),
        pytest.param(TOPIC + '[not]\nen = ["Rain"]\n', 9, "not", "always hide", id="word-that-hides-itself"),
        pytest.param(TOPIC + '[not]\nany = ["Rain"]\n', 9, "not", "always hide", id="word-hidden-in-any-language"),
        pytest.param(
            TOPIC + '[cue.x]\nweight = 1\nen = ["a"]\n[not]\nany = ["a"]\n', 12, "not", "the cue x", id="cue-hidden"
        ),
        pytest.param(
            TOPIC + '[facet.rain.aside]\nen = ["a"]\n[not]\nen = ["a"]\n', 11, "not", "facet rain", id="aside-hidden"
        ),
        pytest.param(TOPIC + '[not]\nen = ["Zorb"]\n', 9, "not", "shows firm", id="entity-hidden"),
        pytest.param(TOPIC + '[facet.rain.weak]\nany = ["rain"]\n', 6, "facet", "strong and weak", id="hint-in-any"),
        pytest.param(
            TOPIC + '[cue.x]\nweight = 1\nfr = ["雨"]\n[cue.y]\nweight = 1\nen = ["雨"]\n',
            9,
            "cue",
            "of x and of y",
            id="two-cues-in-chinese",
        ),
        pytest.param(TOPIC + '[facet.rain.weak]\nen = ["rain"]\n', 6, "facet", "strong and weak", id="hint-and-proof"),
        pytest.param(
            TOPIC + '[cue.x]\nweight = 1\nen = ["a"]\n[cue.y]\nweight = 1\nen = ["a"]\n',
            9,
            "cue",
            "of x and of y",
            id="two-cues",
        ),
        pytest.param(TOPIC + "[tail]\nen = 3\n", 10, "en", "list of texts", id="tail-no-list"),
    ],
)
def test_bad_files_are_refused_where_they_are_bad(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    """The message names file, line and key, and says what would be right."""
    with pytest.raises(UsageError, match=says) as refused:
        small(tmp_path, text)
    assert str(refused.value).startswith(f"{tmp_path / 't.toml'}:{line}: {key}")


@pytest.mark.parametrize(
    ("title", "relevant"),
    [("The update is out, except in Norway.", False), ("Norway still waits for Zorb rain", True)],
)
def test_words_of_an_aside_make_a_sign_a_hint(tmp_path: Path, title: str, *, relevant: bool) -> None:
    """A facet that stands in one clause with words of an aside is a hint, unless the title shows it."""
    text = TOPIC + '[facet.land.strong]\nen = ["Norway"]\n[facet.land.aside]\nen = ["except in"]\n'
    judge = small(tmp_path, text)
    piece = ("Zorb rain", title) if not relevant else (title, "Zorb rain for all, except in Norway.")
    (explained,) = judge.explain(*piece, "en")
    assert {sign.strong for sign in explained.signs[explained.titled :] if sign.facet == "land"} == {relevant}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Zorb met Blip.", 0.3),
        ("Zorb saw a cloud.", 0.3),
        ("Zorb saw a cloud and a puddle.", 0.5),
        ("Zorb met Blip under a cloud.", 1.0),
        ("Zorb met Blip. It saw a cloud.", 0.3),
    ],
)
def test_a_name_and_a_word_that_hint_prove_it_together(tmp_path: Path, text: str, value: float) -> None:
    """Either alone, or in another sentence, or words among themselves are hints; side by side they are a proof."""
    hints = '[facet.rain.weak]\nen = ["cloud", "puddle"]\n'
    entities = ENTITIES + '[[entity]]\nid = "b"\nname = "B"\nkind = "media"\nany = ["Blip"]\nweak = ["rain"]\n'
    (explained,) = small(tmp_path, TOPIC + hints, entities).explain("", text, "en")
    assert {part.name: part.value for part in explained.parts}["sentence"] == pytest.approx(value, abs=0.02)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """A mistyped folder is no folder without topics, under which everything would be dropped."""
    with pytest.raises(UsageError, match="no such folder"):
        read_rules(tmp_path / "topcis", CONFIG / "entities.toml")


def test_a_topic_is_configuration_alone(tmp_path: Path) -> None:
    """A topic of invented words works without a line of code, and its verdict explains itself."""
    verdict = small(tmp_path).judge("Zorb sells umbrellas", "It will rain, says Zorb. Rain is good for Zorb.", "en")[0]
    assert (verdict.topic_id, verdict.relevant, verdict.reason) == ("t", True, Reason.ON_TOPIC)
    assert verdict.matches == {"firm": 3, "rain": 2}
    assert verdict.evidence == (
        Evidence("firm", "zorb", "Zorb", "title", "en", 0, "Zorb sells umbrellas"),
        Evidence("firm", "zorb", "Zorb", "lead", "en", 19, "It will rain, says Zorb. Rain is good for Zorb."),
        Evidence("firm", "zorb", "Zorb", "lead", "en", 42, " will rain, says Zorb. Rain is good for Zorb."),
        Evidence("rain", "", "rain", "lead", "en", 8, "It will rain, says Zorb. Rain is good for Zorb."),
        Evidence("rain", "", "Rain", "lead", "en", 25, "It will rain, says Zorb. Rain is good for Zorb."),
    )


def test_many_points_make_no_overflow(tmp_path: Path) -> None:
    """Sixty cues of the most points give a score of 0 or 1, no error."""
    for sign, score in (("-", 0.0), ("", 1.0)):
        cues = "".join(f'[cue.c{i}]\nweight = {sign}20\nany = ["w{i}w"]\n' for i in range(60))
        words = " ".join(f"w{i}w" for i in range(60))
        assert small(tmp_path, TOPIC + cues).judge(f"Zorb in the rain {words}", "", "en")[0].score == score


def test_the_rule_version_follows_topic_and_entities(tmp_path: Path) -> None:
    """It names the topic, and changes with the topic's file and with the entities that it uses."""
    before = small(tmp_path).topics[0].rule_version
    again = small(tmp_path).topics[0].rule_version
    other_topic = small(tmp_path, TOPIC.replace("0.5", "0.6", 1)).topics[0].rule_version
    (tmp_path / "entities.toml").write_text(ENTITIES.replace('["Zorb"]', '["Zorb", "Zorbs"]'), encoding="utf-8")
    other_entities = read_topic(tmp_path / "t.toml", read_entities(tmp_path / "entities.toml")).rule_version
    (tmp_path / "entities.toml").write_text(ENTITIES + STRANGER, encoding="utf-8")
    stranger = read_topic(tmp_path / "t.toml", read_entities(tmp_path / "entities.toml")).rule_version
    (tmp_path / "entities.toml").write_text(ENTITIES + STRANGER + 'not = ["Zorb rain"]\n', encoding="utf-8")
    shadowed = read_topic(tmp_path / "t.toml", read_entities(tmp_path / "entities.toml")).rule_version
    assert before == again
    assert len({before, other_topic, other_entities, stranger, shadowed}) == 5
    assert before.startswith("t-")
    assert len(before) == len("t-") + 8


def one(judge: Judge, title: str, text: str, language: str | None) -> Verdict:
    """The verdict of the one shipped topic."""
    (verdict,) = judge.judge(title, text, language)
    return verdict


ON_TOPIC = [
    pytest.param(
        "Alibaba falls as lawmakers question iPhone tie-up",
        "Shares in Alibaba fell 4% on Monday. Members of Congress want to know how its AI would run on iPhones that "
        "Apple sells in China.",
        "en",
        id="from-the-partners-side",
    ),
    pytest.param(
        "Tim Cook calls DeepSeek's models efficient", "The Apple chief spoke to analysts.", "en", id="china-unnamed"
    ),
    pytest.param("国行iPhone的AI还要等多久", "", "zh", id="market-version-title-only"),
    pytest.param("苹果AI入华，阿里提供大模型", "苹果已向网信办提交备案材料。", "zh", id="joined-scripts"),
    pytest.param("蘋果傳與百度合作", "蘋果將在中國的 iPhone 上採用百度的人工智慧。", "zh", id="traditional"),
    pytest.param(
        "L’IA d’Apple attend Pékin", "Le régulateur n'a pas encore donné son accord à Apple.", "fr", id="elision"
    ),
    pytest.param("Ａｐｐｌｅ：ＡＩ功能登陆中国", "Ａｐｐｌｅ表示ＡＩ功能将在中国上线。", "zh", id="full-width"),
    pytest.param(
        "Pe\u0301kin examine l'IA d'Apple",
        "Le mode\u0300le d'Apple est entre les mains de Pe\u0301kin.",
        "fr",
        id="decomposed",
    ),
    pytest.param("APPLE, ALIBABA SUBMIT AI FOR APPROVAL IN CHINA", "", "en", id="wire-in-capitals"),
    pytest.param("Apple picks Baidu for AI search in China", "", None, id="language-guessed"),
]

OFF_TOPIC = [
    pytest.param(
        "Apple opens a shop in Chengdu",
        "Apple said again that the fair main hall can contain rain. Email us in China.",
        "en",
        id="ai-inside-words",
    ),
    pytest.param(
        "Applebee's lets AI take orders in Shanghai",
        "Pineapple is a hit in China, says the AI.",
        "en",
        id="apple-in-words",
    ),
    pytest.param("Machines that pick apples: China's AI orchards", "Apple growers in Yantai use AI.", "en", id="fruit"),
    pytest.param("山东苹果用上人工智能", "果园里的机器人采摘苹果，中国果农用上大模型。", "zh", id="fruit-chinese"),
    pytest.param("苹果期货大涨，AI预测行情", "中国苹果期货主力合约上涨，分析师使用人工智能模型。", "zh", id="futures"),
    pytest.param(
        "苹果日报旧址将改建AI中心", "香港苹果日报大楼由中国企业买下，用作人工智能研究。", "zh", id="newspaper"
    ),
    pytest.param(
        "Big Apple hosts Chinese AI fair",
        "New York, the Big Apple, welcomes AI firms from China.",
        "en",
        id="big-apple",
    ),
    pytest.param(
        "Cook serves AI dumplings in Beijing",
        "The cook trained a language model on recipes from China.",
        "en",
        id="cook",
    ),
    pytest.param(
        "J'ai vu Apple à Shanghai", "J'AI VISITÉ la boutique d'Apple en Chine ; j'ai aimé.", "fr", id="french-verb"
    ),
    pytest.param(
        "Le dialogue d'Apple via Pékin", "Apple parle du marché chinois à la cafétéria.", "fr", id="ia-inside-words"
    ),
    pytest.param(
        "千问App登顶苹果应用商店", "阿里的AI应用千问在苹果App Store中国区排名第一。", "zh", id="app-store-rank"
    ),
    pytest.param(
        "Running Qwen on a MacBook", "A hobbyist runs the model on a Mac with 16 GB.", "en", id="model-on-a-mac"
    ),
    pytest.param(
        "Apple Intelligence arrive en Italie",
        "Apple étend Apple Intelligence à l'Italie. Elle reste absente dans l'UE et en Chine.",
        "fr",
        id="aside-eu-or-china",
    ),
    pytest.param(
        "Weekly notes",
        "Apple cut the price of a cable. A tram opened in Beijing. OpenAI hired a chef.",
        "en",
        id="three-sentences",
    ),
    pytest.param("苹果降价；北京开新地铁；OpenAI招人", "三则新闻，分别来自三个地方。", "zh", id="three-headlines"),
    pytest.param(
        "Phone makers",
        "Rivals such as Acme, Samsung, Apple, Google and Huawei all show AI at the fair.",
        "en",
        id="list",
    ),
    pytest.param("", "", None, id="empty"),
]


@pytest.mark.parametrize(("title", "text", "language"), ON_TOPIC)
def test_keeps_pieces_about_all_facets(judge: Judge, title: str, text: str, language: str | None) -> None:
    """A piece whose title and lead are about all facets is kept, however they are written."""
    verdict = one(judge, title, text, language)
    assert verdict.relevant, verdict
    assert verdict.reason is Reason.ON_TOPIC


@pytest.mark.parametrize(("title", "text", "language"), OFF_TOPIC)
def test_drops_pieces_that_only_look_like_it(judge: Judge, title: str, text: str, language: str | None) -> None:
    """Words that look like a facet, asides and separate stories do not make a piece about the topic."""
    verdict = one(judge, title, text, language)
    assert not verdict.relevant, verdict
    assert verdict.reason in (Reason.FACET_MISSING, Reason.BELOW_THRESHOLD)


AI_PIECE = (
    "Apple Intelligence now sums up long mails, and Apple says that its model runs on the device. Testers liked it."
)
LONG = [
    pytest.param(
        "Apple Intelligence, reviewed",
        [*[AI_PIECE, WEATHER] * 6, "It is not offered in China for now.", AI_PIECE, WEATHER],
        id="aside-in-a-long-review",
    ),
    pytest.param(
        "The week in technology",
        ["Here is what happened this week."]
        + [
            "Apple said that its new phone will have a better camera, and that shops will open early on Friday.",
            "In Shenzhen, a maker of batteries in China began to build its third plant, which will open in a year.",
            "A start-up raised money for a chatbot that books tables; its language model was trained on menus.",
            WEATHER,
        ]
        * 4,
        id="digest-of-separate-stories",
    ),
    pytest.param(
        "Apple mends a fault in its weather app",
        ["Apple has mended a fault that showed the wrong town.", WEATHER, WEATHER, "Related articles"]
        + [
            "Apple picks Alibaba for AI in China",
            "China clears Apple's AI",
            "Baidu, too, works on Apple's AI for China",
        ]
        * 2,
        id="related-articles-after-a-heading",
    ),
    pytest.param(
        "Apple mends a fault in its weather app",
        ["Apple has mended a fault that showed the wrong town.", WEATHER, WEATHER]
        + [
            "Apple picks Alibaba for AI in China",
            "China clears Apple's AI",
            "Baidu, too, works on Apple's AI for China",
        ]
        * 2,
        id="related-articles-without-a-heading",
    ),
    pytest.param(
        "A history of the pocket computer",
        [WEATHER] * 9
        + ["Apple entered in 2007.", WEATHER, "Plants in China made most of them.", WEATHER, "Then came AI.", WEATHER],
        id="passing-mentions-far-apart",
    ),
    pytest.param(
        "Ten shares to watch",
        [
            f"{name} rose by 3% after its results; analysts expect more of the same next year."
            for name in ("Apple", "A maker of AI software", "Alibaba of China", "A bank", "A railway", "A grocer") * 4
        ],
        id="list-of-shares",
    ),
]


@pytest.mark.parametrize(("title", "paragraphs"), LONG)
def test_long_bodies_with_the_facets_in_passing_are_dropped(judge: Judge, title: str, paragraphs: list[str]) -> None:
    """Passing mentions in a long text do not add up to a theme."""
    verdict = one(judge, title, "\n".join(paragraphs), "en")
    assert all(count or "heading" not in title for count in verdict.matches.values())
    assert not verdict.relevant, verdict


def test_a_long_piece_about_the_topic_is_kept(judge: Judge) -> None:
    """Paragraphs of background do not hide a theme that title, lead and body share; nor does a dull title."""
    about = (
        "Apple needs a partner for its AI in China. Alibaba's Qwen would run on iPhones there once regulators agree."
    )
    text = f"{about}\n{WEATHER}\n{about}\n{WEATHER}\n{WEATHER}\n{about}\n{WEATHER}"
    assert one(judge, "Apple's AI waits for China", text, "en").relevant
    assert one(judge, "A long wait", text, "en").relevant


@pytest.mark.parametrize("language", ["en", "fr", "zh", "de", "zh-Hans", "fr_FR", "EN", "", None])
def test_evidence_points_into_the_original(judge: Judge, language: str | None) -> None:
    """Each term stands at its offset in the title or in the text as stored, whatever was folded to find it."""
    title = "Ａｐｐｌｅ’s AI… 😀 蘋果"
    text = "\u200bApple… et l’IA en Pe\u0301kin 阿里巴巴.\n" + "DeepSeek… Qwen3 苹果AI合作 國行 iPhones ".join(
        ["", *"abc"]
    )
    verdict = one(judge, title, text, language)
    assert len(verdict.evidence) >= 3
    for piece in verdict.evidence:
        source = title if piece.field == "title" else text
        assert source[piece.start : piece.start + len(piece.term)] == piece.term
        assert piece.term in piece.snippet


def test_a_verdict_does_not_depend_on_other_topics(judge: Judge, entities: Entities) -> None:
    """Several topics are judged in one pass, each as if it were alone."""
    example = read_topic(PROJECT_ROOT / "examples" / "topics" / "ai-chips-export-controls.toml", entities)
    both = Judge([*judge.topics, example], entities)
    for case in [*ON_TOPIC, *OFF_TOPIC]:
        title, text, language = case.values
        assert both.judge(title, text, language)[0] == one(judge, title, text, language)


@pytest.mark.parametrize(
    ("title", "text", "language", "relevant"),
    [
        ("US tightens export controls on AI chips", "Nvidia may no longer sell its H20 accelerator.", "en", True),
        ("Washington durcit le contrôle des exportations de puces IA", "Nvidia est visé.", "fr", True),
        ("美国收紧AI芯片出口管制", "英伟达的人工智能芯片需要出口许可。", "zh", True),
        ("Nvidia's AI chips sell well", "Demand for the accelerators is high.", "en", False),
        ("Potato chips face export controls", "An AI sorts the crisps.", "en", False),
    ],
)
def test_the_example_topic_is_a_proof(
    entities: Entities, title: str, text: str, language: str, *, relevant: bool
) -> None:
    """Another subject is another file: it is off by default, and works."""
    topic = read_topic(PROJECT_ROOT / "examples" / "topics" / "ai-chips-export-controls.toml", entities)
    assert not topic.enabled
    assert Judge([topic], entities).judge(title, text, language)[0].relevant is relevant


def test_mentions_count_every_name_of_an_entity(judge: Judge) -> None:
    """All names of an entity count together, under its common English name, with its first place in the text."""
    text = "Selon The Information, l'Administration du cyberespace étudie le dossier d'Alibaba (阿里巴巴)."
    found = {m.entity_id: m for m in judge.mentions("Apple et Alibaba", text, "fr")}
    assert (found["alibaba"].name, found["alibaba"].kind) == ("Alibaba", "company")
    assert (found["alibaba"].count, found["alibaba"].in_title) == (3, True)
    assert text[found["alibaba"].first_start :].startswith("Alibaba")
    assert (found["apple"].count, found["apple"].in_title, found["apple"].first_start) == (1, True, -1)
    assert (found["the-information"].kind, found["cac"].kind) == ("media", "regulator")
    assert not found["cac"].in_title


def test_hostile_texts_are_judged_in_time(judge: Judge) -> None:
    """A megabyte of terms, of one endless line or of odd characters gives a verdict, no error."""
    for piece in ("AI Apple China ", "苹果AI中国、", "a.", "\n", "\u200b\ud800…", "Apple, "):
        verdict = one(judge, piece * 10, piece * (200_000 // len(piece)), None)
        assert 0 <= verdict.score <= 1


def test_judging_is_light() -> None:
    """A command that only classifies loads no engine, database, validator, extractor or frame."""
    heavy = "prefect duckdb great_expectations pandas numpy trafilatura lxml httpx"
    code = (
        "import sys, technews.relevance, technews.topics, technews.entities;"
        f"print(*sorted(set('{heavy}'.split()) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the labelled items lie beside the project, not in it")
def test_the_labelled_items_are_told_apart(judge: Judge) -> None:
    """Precision and recall over real titles and summaries stay at what was measured, in each language."""
    lines = (SHARED / "relevance" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    items = [item for item in map(json.loads, lines) if not item["borderline"]]
    for language in ("en", "fr", "zh"):
        pairs = [
            (item["label"] == "relevant", one(judge, item["title"], item["text"], item["lang"]).relevant)
            for item in items
            if item["lang"] == language
        ]
        hits = sum(want and got for want, got in pairs)
        f1 = 2 * hits / (sum(want for want, _ in pairs) + sum(got for _, got in pairs))
        assert f1 >= 0.92, language


@pytest.mark.skipif(not SHARED.is_dir(), reason="the founding documents lie beside the project, not in it")
def test_the_founding_documents_are_kept(judge: Judge) -> None:
    """Both are on topic, with and without their titles, and every entity that a careful reader finds is mentioned."""
    for name, document in json.loads((SHARED / "seeds" / "expected.json").read_text("utf-8"))["documents"].items():
        text = (SHARED / "seeds" / name).read_text(encoding="utf-8")
        assert one(judge, document["title"], text, "fr").relevant
        assert one(judge, "", text, "fr").relevant
        named = {m.name for m in judge.mentions(document["title"], text, "fr")}
        # Versions ("Qwen 2.5") are named as their model.
        wanted = {n.removesuffix("-V3").removesuffix(" 2.5") for names in document["mentions"].values() for n in names}
        assert wanted - named == set()
