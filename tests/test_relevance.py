"""Judging and explaining: hard pieces of our own, what a page puts around a text, the sum that explains a score.

The pieces lie in data/relevance-*.txt and are put together by benchmarks/relevance_cases.py; all were written for this
project.
"""

import math
import re
import textwrap
import time

import pytest

from benchmarks import relevance_fit
from benchmarks.relevance import long_bodies
from benchmarks.relevance_cases import LABELLED, LANGUAGES, UNSEEN, Case, long_cases, short_cases
from technews import PROJECT_ROOT
from technews.entities import Entities, read_entities
from technews.explanation import in_words, marked, today
from technews.judged_pieces import JudgedPiece
from technews.nearest import Change
from technews.passages import passages
from technews.records import Reason
from technews.relevance import Judge, score_of
from technews.topics import MEASURES, read_topic

TOPIC = PROJECT_ROOT / "config" / "topics" / "apple-china-ai.toml"
EXAMPLE = PROJECT_ROOT / "examples" / "topics" / "ai-chips-export-controls.toml"
BYLINE = {
    "en": "By A. Writer\nPublished 3 May 2025, 10:42\nPhoto: B. Maker\n",
    "fr": "Par A. Plume\nPublié le 3 mai 2025 à 10h42\nPhoto : B. Image\n",
    "zh": "作者：甲乙\n2025-05-03 10:42\n图源：丙丁\n",
}


@pytest.fixture(scope="module")
def entities() -> Entities:
    """The alias table that the project ships."""
    return read_entities(PROJECT_ROOT / "config" / "entities.toml")


@pytest.fixture(scope="module")
def judge(entities: Entities) -> Judge:
    """The shipped topic, compiled."""
    return Judge([read_topic(TOPIC, entities)], entities)


def kept(judge: Judge, title: str, text: str, language: str | None) -> bool:
    """Whether the one topic of the judge keeps a piece."""
    return judge.judge(title, text, language)[0].relevant


def wrong(judge: Judge, cases: list[Case]) -> list[str]:
    """The cases that are judged otherwise than a careful reader would."""
    return [f"{c.kind}: {c.title}" for c in cases if kept(judge, c.title, c.text, c.language) is not c.relevant]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hard_short_pieces_are_told_apart(judge: Judge, language: str) -> None:
    """Of titles and summaries that were chosen to be hard, at least nine of ten are judged rightly in each language."""
    cases = [case for case in short_cases() if case.language == language]
    assert len(cases) >= 50
    assert len(wrong(judge, cases)) <= len(cases) / 10, wrong(judge, cases)


def test_headlines_that_nothing_was_learnt_from_are_told_apart(judge: Judge) -> None:
    """The rules hold beyond the pieces that they were made with."""
    cases = short_cases(UNSEEN)
    assert len(cases) >= 60
    assert not {case.title for case in cases} & {case.title for case in short_cases()}
    assert len(wrong(judge, cases)) <= len(cases) / 10, wrong(judge, cases)


PLAIN = {
    "en": (
        "The company, whose shares trade in New York, declined to comment. ",
        "Tencent Holdings declined to comment. ",
        "Which approach is best remains to be seen. ",
        "Revenue rose compared with a year earlier. ",
        "Its weekly briefing was postponed. ",
        "People close to Apple confirmed it on Weibo. ",
    ),
    "fr": (
        "C'est le meilleur moment, dit-on. ",
        "La fuite des cerveaux continue. ",
        "La séance est levée. ",
        "Le groupe se bat sur plusieurs fronts. ",
        "On sait que l'iPhone se vend bien. ",
    ),
    "zh": (
        "谁的责任尚不清楚。",
        "该公司在微博上回应。",
        "员工表示不知情。",
        "一周后再议。",
        "像苹果这样的公司并不多。",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_sentences_hardly_turn_a_decision(judge: Judge, language: str) -> None:
    """What any reporter writes ("declined to comment") behind the first sentence drops less than one piece in 20."""
    short = (case for case in short_cases() if case.language == language and case.relevant and case.text)
    rightly = [case for case in short if kept(judge, case.title, case.text, language)]
    assert len(rightly) >= 30
    turned = [
        (case.title, sentence)
        for case in rightly
        for sentence in PLAIN[language]
        if not kept(judge, case.title, f"{case.text} {sentence}", language)
    ]
    assert len(turned) < len(rightly) * len(PLAIN[language]) / 20, turned


@pytest.mark.parametrize(
    ("title", "text", "apple"),
    [
        ("Cook lands in Shanghai", "", True),  # a title alone may leave out whose chief he is
        ("Cook lands in Shanghai", "Apple's chief is to see officials.", True),
        ("Cook lands in Shanghai", "Tim Cook is to see officials.", True),
        ("Cook lands in Shanghai", "The novelist is to meet readers.", False),
        ("Cook opens a mine in Fuzhou", "Cook, a firm of Perth, digs for lithium.", False),
        ("库克抵达上海", "这位小说家将与读者见面。", False),
        ("库克抵达上海", "他将介绍新款iPhone。", True),
    ],
)
def test_a_bare_name_needs_company(judge: Judge, title: str, text: str, *, apple: bool) -> None:
    """A surname is Tim Cook's where the text names him in full, or his company or its products; else it is nobody's."""
    (verdict,) = judge.judge(title, text, "zh" if "库" in title else "en")
    assert bool(verdict.matches["apple"]) is apple
    assert any(mention.entity_id == "tim-cook" for mention in judge.mentions(title, text)) is apple


@pytest.mark.parametrize(
    ("title", "china"), [("Un accord sino-américain sur l'IA", True), ("Un ingénieur sino-américain de l'IA", False)]
)
def test_where_a_person_comes_from_is_no_subject(judge: Judge, title: str, *, china: bool) -> None:
    """What hides the origin of a person hides nothing between two countries."""
    (verdict,) = judge.judge(title, "", "fr")
    assert bool(verdict.matches["china"]) is china


def test_hard_wrapped_text_is_read_as_if_it_were_not(judge: Judge) -> None:
    """A line that goes on in lower case on the next one is no headline; where a name begins a line, it may be one."""
    cases = [case for case in short_cases() if case.language != "zh" and len(case.text) > 60]
    wrapped = [(case, textwrap.fill(case.text, 40)) for case in cases]
    goes_on = [(case, text) for case, text in wrapped if all(line[0].islower() for line in text.splitlines()[1:])]
    assert len(goes_on) >= 60
    for case, text in goes_on:
        assert kept(judge, case.title, text, case.language) is kept(judge, case.title, case.text, case.language), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_hard_long_pieces_are_told_apart(judge: Judge, language: str) -> None:
    """Of long pages with the themes in passing, apart, in lists and digests, 19 of 20 are judged rightly."""
    cases = [case for case in long_cases() if case.language == language]
    assert len(cases) >= 80
    assert len(wrong(judge, cases)) <= len(cases) / 20, wrong(judge, cases)


@pytest.mark.parametrize("around", ["byline", "title again", "site's name", "capitals"])
def test_what_a_page_puts_around_a_text_matters_little(judge: Judge, around: str) -> None:
    """Byline, repeated title, the site's name behind the title, a title in capitals: the verdict stays, but for few."""
    cases = list(long_cases())
    changed = []
    for c in cases:
        title, text = {
            "byline": (c.title, BYLINE[c.language] + c.text),
            "title again": (c.title, f"{c.title}\n{c.text}"),
            "site's name": (f"{c.title} - Example News", c.text),
            "capitals": (c.title.upper(), c.text),
        }[around]
        if kept(judge, title, text, c.language) is not kept(judge, c.title, c.text, c.language):
            changed.append(c.title)
    assert len(changed) <= len(cases) / 50, changed


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("apple picks alibaba for ai in china", "en"),
        ("apples tim cook praises deepseeks ai", "en"),
        ("lia dapple arrive en chine avec alibaba", "fr"),
    ],
)
def test_titles_without_capitals_are_read(judge: Judge, title: str, language: str) -> None:
    """A title made from an address has neither capitals nor apostrophes, and still names whom it names."""
    assert all(judge.judge(title, "", language)[0].matches.values())


@pytest.mark.parametrize(
    "text",
    [
        "美国国务院在华盛顿宣布，美国商务部将限制美国产品",
        "在华尔街，美国证监会提出其中方案，涉及中美洲",
        "其中美国区账号可用，美国国内市场与英国内阁无关",
        "新大陆上的字节码，一百度的高温，阿里斯与米海尔",
        "智能体验升级，预算力度加大",
        "Step 2: switch on 4x4 MIMO; the bone china stays in Chinatown",
        "Il se lia avec un géant asiatique du CAC 40",
    ],
)
def test_parts_of_other_words_name_nothing(judge: Judge, text: str) -> None:
    """Chinese writes no spaces, so a name may stand by chance where two other words meet; such places are known."""
    found = judge.judge(text, "", "fr" if text.startswith("Il") else None)[0]
    assert found.matches["apple"] == found.matches["china"] == 0
    assert found.matches["ai"] <= text.startswith("Il")  # "lia" is a mere hint, for titles that lost their apostrophe


def test_a_score_is_a_sum_that_can_be_read(judge: Judge) -> None:
    """Base, measures and cues add up to the points, and these make the score; cues say which word gave them."""
    title, text = "Apple picks Alibaba for AI in China", "Officials must approve the deal. Siri would run on Qwen."
    (explained,) = judge.explain(title, text, "en")
    assert explained.verdict == judge.judge(title, text, "en")[0]
    points = sum(part.points for part in explained.parts)
    assert explained.verdict.score == round(1 / (1 + math.exp(-points)), 4) == score_of(points)
    names = {part.name for part in explained.parts}
    assert {"base", "title", "opening", "approval", "partnership"} <= names
    said = explained.cues["approval"]
    assert (said.match.term.text, said.titled, said.worth) == ("approve", False, 0.5)
    assert explained.cues["partnership"].worth == 1


def test_a_part_that_counts_in_part_is_told_as_a_product(judge: Judge) -> None:
    """The value of a measure times what the topic gives for the whole of it are the points that stand before it."""
    title, text = "Apple picks Alibaba for AI in China", "Officials must approve the deal. Siri would run on Qwen."
    (explained,) = judge.explain(title, text, "en")
    judged = today(explained, JudgedPiece(title, text, "en"))
    words = in_words(_found(judged))
    (part,) = [each for each in judged["parts"] if each["name"] == "approval"]
    assert part["points"] == round(part["value"] * part["weight"], 2)
    assert f"{part['points']:+.2f}  approval: the text says “approve” (0.50 × {part['weight']:+.2f})" in words


def test_a_cue_counts_once_and_only_in_title_or_lead(judge: Judge) -> None:
    """A word deep in the body says nothing of what kind of piece it is, and repeating it adds nothing."""
    lead = "Apple and Alibaba worked on AI for China all year, in two towns and three tongues. " * 6

    def points(text: str) -> float:
        (explained,) = judge.explain("Apple's year", text, "en")
        return sum(part.points for part in explained.parts if part.name == "digest")

    assert points(f"{lead}\nA weekly roundup.") == 0
    once = points(f"A weekly roundup. {lead}")
    assert once < 0
    assert points(f"A weekly roundup, weekly. {lead}") == once


def reworded(title: str, text: str, change: Change) -> tuple[str, str]:
    """Title and text as somebody with a pencil leaves them who is told the change: words go, or are written."""
    if not change.struck:
        return " – ".join(filter(None, (title, *change.words))), text
    whole = [  # a word in Latin letters ends where no letter follows; a Chinese one anywhere
        re.sub(r"^(?=[A-Za-z0-9])", "(?<![A-Za-z0-9])", re.escape(word))
        + ("(?![A-Za-z0-9])" if word[-1].isascii() else "")
        for word in sorted(change.words, key=len, reverse=True)
    ]
    words = re.compile("|".join(whole))
    return words.sub("–", title), words.sub("–", text) if change.everywhere else text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_nearest_change_turns_the_decision(judge: Judge, language: str) -> None:
    """Whoever makes the named changes in the piece and has it judged again gets the other decision, and not before.

    What is kept can always be turned: without the words of one facet it is off topic.
    """
    cases = [c for c in (*short_cases(), *long_cases()) if c.language == language]
    named = 0
    for case in cases:
        title, text, before = case.title, case.text, kept(judge, case.title, case.text, language)
        (explained,) = judge.explain(title, text, language)
        assert explained.turn or not before, case.title
        for change in explained.turn.changes if explained.turn else ():
            assert kept(judge, title, text, language) is before, (case.title, change)
            title, text = reworded(title, text, change)
        if explained.turn:
            named += 1
            verdict = judge.judge(title, text, language)[0]
            assert verdict.relevant is not before, (case.title, explained.turn)
            assert verdict.score == score_of(explained.turn.points)
    assert named > len(cases) / 3


def test_a_piece_that_is_kept_for_many_reasons_hangs_on_a_facet(judge: Judge) -> None:
    """No few words turn it: then it is told which facet the fewest words show, and that one is what has to go."""
    title = "Apple turns to Alibaba to bring Apple Intelligence to China"
    lead = "Apple and Alibaba agreed to be partners in artificial intelligence for iPhones sold in mainland China."
    rest = (
        "Apple Intelligence awaits the approval of Beijing. Alibaba's Qwen models would answer in Chinese data centres."
    )
    text = f"{lead} {rest}"
    (explained,) = judge.explain(title, text, "en")
    assert explained.turn
    (change,) = explained.turn.changes
    assert (change.name, change.struck, change.everywhere) == ("apple", True, True)
    assert change.words == ("Apple", "Apple Intelligence", "iPhones")
    (verdict,) = judge.judge(*reworded(title, text, change), "en")
    assert (verdict.reason, verdict.matches["apple"]) == (Reason.FACET_MISSING, 0)
    words = in_words(_found(today(explained, JudgedPiece(title, text, "en"))))
    assert "nearest to being dropped: without “Apple”, “Apple Intelligence”, “iPhones” (apple)" in words


def test_a_missing_facet_is_named(judge: Judge) -> None:
    """A piece that lacks a facet has no sum: what it lacks is the reason."""
    (explained,) = judge.explain("Apple Intelligence speaks French", "Siri too.", "en")
    assert (explained.verdict.reason, explained.parts, explained.turn) == (Reason.FACET_MISSING, (), None)
    words = in_words(_found(today(explained, JudgedPiece("Apple Intelligence speaks French", "Siri too.", "en"))))
    assert "nothing shows china, and a piece must show every facet" in words


def _found(judged: dict[str, object]) -> dict[str, object]:
    entry = dict.fromkeys(("title", "url", "entry_id", "feed_id", "first_seen_at", "outcome", "reason"), "x")
    return {
        "entry": {**entry, "detail": "", "duplicate_of": None},
        "decisions": [],
        "today": [judged],
        "others": ["e2"],
        "history": [],
        "revisions": [],
        "metadata": None,
        "quarantine": [],
    }


def test_a_quarantined_entry_says_where_it_is_decided_on() -> None:
    """The way on is a command; an entry without a title has a line all the same."""
    found = {**_found({}), "today": []}
    found["entry"] = {**found["entry"], "outcome": "quarantined", "title": None}
    found["quarantine"] = [{"quarantine_id": "q1", "status": "open"}]
    words = in_words(found)
    assert words.startswith("(its feed gave no title)")
    assert "in quarantine, open: `technews quarantine show q1` says what is wrong" in words


def test_the_marked_text_shows_every_sign_and_little_else(judge: Judge) -> None:
    """Each sign stands in brackets with its facets, a hint with a question mark; long stretches without are left out."""
    gap = "Nothing of interest was said about the trams of the town. " * 20
    text = f"Apple spoke. {gap}DeepSeek and an iPad in Beijing."
    (explained,) = judge.explain("", text, "en")
    shown = marked(text, explained.signs)
    assert shown.startswith("[Apple:apple] spoke. ")
    assert "[DeepSeek:china+ai] and an [iPad:apple?] in [Beijing:china]." in shown
    assert " … " in shown
    assert len(shown) < 300
    assert marked(text, explained.signs, whole=True).count("trams") == 20


def test_stored_evidence_says_that_it_is_capped() -> None:
    """Three matches of each facet and field are stored; the explanation says of how many."""
    decision = {
        "topic_id": "t",
        "relevant": True,
        "score": 0.9,
        "threshold": 0.5,
        "rule_version": "t-1",
        "matches": {"apple": 7},
        "evidence": [
            {"facet": "apple", "field": "lead", "start": i, "term": "Apple", "snippet": "…"} for i in range(3)
        ],
    }
    found = {**_found({}), "today": [], "decisions": [decision]}
    assert "3 of 7 matches are stored: the best of each facet in title, lead and body" in in_words(found)


@pytest.mark.parametrize(
    ("title", "strong"),
    [
        ("iPhone 18 Pro, Xiaomi 16 and Samsung Z8: which AI editor is best?", {"ai"}),
        ("Note-takers of Apple, Notion, Tencent, Otter and Google put to work", set()),
        ("iPhone 18、荣耀Magic10和三星S27的AI算法", {"ai"}),
        ("Baidu, Alibaba and Tencent vie for AI on the iPhone", {"apple", "china", "ai"}),
        ("Apple and Alibaba bring AI to phones", {"apple", "china", "ai"}),
        ("苹果AI入华，阿里和百度受益", {"apple", "china", "ai"}),
    ],
)
def test_a_list_in_a_title_names_its_members_in_passing(judge: Judge, title: str, strong: set[str]) -> None:
    """A list of three or more shows what most of it shows; models and unknown names may stand between the known."""
    (explained,) = judge.explain(title, "")
    assert {sign.facet for sign in explained.signs if sign.strong} == strong


def test_lines_before_the_first_sentence_are_none_of_it() -> None:
    """A byline and a date stand in the lead, have no size, and leave the lead its length."""
    cuts = passages("By A. Writer\n3 May\n" + "A sentence that says something. " * 30)
    assert [cut.headline for cut in cuts[:3]] == [True, True, False]
    assert sum(cut.size for cut in cuts if cut.in_lead) >= 400
    assert not any(cut.headline for cut in passages("A title\nanother title\na third one"))


def test_lines_of_white_space_are_no_passages() -> None:
    """Spaces of any kind between paragraphs are read over, and passages begin where their lines do."""
    cuts = passages("It begins.\n \u00a0\u3000 \n\n  It ends.")
    assert [(cut.start, cut.end) for cut in cuts] == [(0, 10), (17, 27)]


def test_headlines_within_a_body_have_no_size() -> None:
    """Links to other pieces between paragraphs say nothing of the piece; a text of bare lines is read as it is."""
    lead = "A sentence that says something. " * 15
    cuts = passages(f"{lead}\nA paragraph that ends as paragraphs do.\nApple picks Alibaba\nAnother one ends here.")
    assert [cut.size > 0 for cut in cuts[-3:]] == [True, False, True]
    bare = passages("A sentence that says something. " * 13 + "\nno full stop here\nnone here\nIt ends.")
    assert all(cut.size for cut in bare)


SECOND = [
    ("Washington widens ban on AI chips for China", "Nvidia needs a licence for every export.", "en", True),
    ("Smuggled Nvidia GPUs found in crates of toys", "The AI chips fall under export controls.", "en", True),
    ("Huawei's Ascend gains as export curbs bite", "Chinese labs train AI models on its chips.", "en", True),
    ("Puces d'IA : les États-Unis durcissent leurs restrictions à l'exportation", "Nvidia est visé.", "fr", True),
    ("Contrebande de GPU : trois arrestations", "Des puces d'IA de Nvidia visées par les sanctions.", "fr", True),
    ("美国拟收紧AI芯片出口管制", "英伟达H20再度受限。", "zh", True),
    ("英伟达获准向中国出口H20", "出口许可即将发放，AI芯片股大涨。", "zh", True),
    ("Nvidia's revenue doubles", "Sales of AI accelerators grew; China was a tenth of them.", "en", False),
    ("US mulls export controls on quantum sensors", "No AI is involved.", "en", False),
    ("Export ban on soya lifted", "An AI forecast had warned of a glut.", "en", False),
    ("AMD présente son accélérateur d'IA", "La puce sortira en mars.", "fr", False),
    ("La Chine limite l'exportation de terres rares", "Les fabricants d'aimants s'inquiètent.", "fr", False),
    ("台积电扩产AI芯片", "新厂将于明年投产。", "zh", False),
    ("商务部：对稀土实施出口管制", "有关物项需申请许可。", "zh", False),
    ("Weekly roundup", "A chip maker hired a boss. An AI wrote a play. Sanctions on a bank were lifted.", "en", False),
]


@pytest.mark.parametrize(("title", "text", "language", "relevant"), SECOND)
def test_the_second_topic_judges_by_the_same_measures(
    entities: Entities, title: str, text: str, language: str, relevant: bool
) -> None:
    """The points that were learnt for one topic serve another, whose file names none."""
    topic = read_topic(EXAMPLE, entities)
    assert not topic.enabled
    assert kept(Judge([topic], entities), title, text, language) is relevant


def test_cost_is_linear_in_the_text(judge: Judge) -> None:
    """Ten times the text costs about ten times."""
    short, long = long_bodies(4_000)[:5], long_bodies(40_000)[:5]

    def seconds(cases: list[Case]) -> float:
        begun = time.process_time()
        for case in cases:
            judge.judge(case.title, case.text, case.language)
        return time.process_time() - begun

    seconds(short)
    once, tenfold = (min(seconds(cases) for _ in range(3)) for cases in (short, long))
    assert tenfold < 25 * once


def test_learning_finds_what_tells_pieces_apart(judge: Judge) -> None:
    """The right answers alone make what is on topic cost points or earn them; a hundred pieces settle nothing else."""
    cases = [(case, 1.0) for case in short_cases()[:120]]
    rows = relevance_fit.rows_of(judge, cases)
    weights = relevance_fit.fit(rows)
    assert weights == relevance_fit.fit(rows)
    right = sum(relevance_fit.kept(row, weights) is row.case.relevant for row in rows)
    assert right >= 0.9 * len(rows)
    named = dict(zip(("base", *MEASURES, *judge.topics[0].cues), weights, strict=True))
    assert named["app_store"] < 0 < named["partnership"]


def test_weights_are_written_where_they_stand(judge: Judge) -> None:
    """Learning changes numbers in the topic's file and nothing else: not its title, no comment."""
    topic = judge.topics[0]
    before = TOPIC.read_text(encoding="utf-8")
    weights = [9.0 + i for i in range(1 + len(MEASURES) + len(topic.cues))]
    after = relevance_fit.written(before, topic, weights)
    changed = [new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert len(changed) == len(weights)
    shipped = [topic.base, *topic.weights.values(), *(cue.weight for cue in topic.cues.values())]
    assert relevance_fit.written(after, topic, shipped) == before


@pytest.mark.skipif(not LABELLED.is_file(), reason="the labelled items lie beside the project, not in it")
def test_the_shipped_points_are_those_that_are_learnt(judge: Judge) -> None:
    """Whoever runs the script gets the numbers of the shipped file."""
    topic = judge.topics[0]
    learnt = relevance_fit.fit(relevance_fit.rows_of(judge, relevance_fit.all_cases()))
    assert learnt == [topic.base, *topic.weights.values(), *(cue.weight for cue in topic.cues.values())]
