"""Matching: what folding sees through, where words end, which longer phrase hides a shorter one, and true offsets."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technews.matching import Matcher, Term, doubted, fold, language_of, standing

APPLE = (
    Term("Apple", entity="apple"),
    Term("apple", "zh", entity="apple"),
    Term("苹果", "zh", entity="apple"),
    Term("mac", entity="mac"),
    Term("iphone", entity="iphone"),
    Term("Apple Daily"),
    Term("Big Apple"),
    Term("apples"),
    Term("苹果日报"),
    Term("苹果汁"),
    Term("orchard", entity="apple", doubt=True),
    Term("果园", entity="apple", doubt=True),
)
AI = (
    Term("ai", "en", facet="ai", scope="t"),
    Term("AI", "fr", facet="ai", scope="t"),
    Term("IA", "fr", facet="ai", scope="t"),
    Term("ai", "zh", facet="ai", scope="t"),
    Term("on-device", "en", facet="ai", scope="t"),
    Term("人工智能", "zh", facet="ai", scope="t"),
    Term("j'ai", scope="t"),
    Term("Pékin", "fr", facet="china", scope="t"),
    Term("Café", "fr", facet="place", scope="t"),
)
MATCHER = Matcher([*APPLE, *AI])


def found(text: str, language: str) -> list[str]:
    """The parts of the original text that stand as matches for scope `t`."""
    matches = MATCHER.find(text, language)
    against = doubted(matches, standing(matches))
    return [text[m.start : m.end] for m in standing(matches, "t") if m.term.entity not in against]


@pytest.mark.parametrize(
    ("text", "language", "want"),
    [
        pytest.param("苹果AI合作", "zh", ["苹果", "AI"], id="chinese-neighbours-are-no-part-of-a-latin-word"),
        pytest.param("She said the email explains the chair again", "en", [], id="ai-inside-words"),
        pytest.param("A new AI, by ai-labs", "en", ["AI", "ai"], id="ai-in-any-case-in-english"),
        pytest.param("J'ai vu ce que j’ai fait, ai-je dit", "fr", [], id="french-verb"),
        pytest.param("J'AI TOUT VU", "fr", [], id="french-verb-in-capitals"),
        pytest.param("l'IA d'Apple", "fr", ["IA", "Apple"], id="elision"),
        pytest.param("l’IA d’Apple", "fr", ["IA", "Apple"], id="elision-typographic-apostrophe"),
        pytest.param("Le dialogue via la cafétéria", "fr", [], id="ia-inside-words"),
        pytest.param("The IA department", "en", [], id="french-abbreviation-in-english-text"),
        pytest.param("washing machines and macaroni", "en", [], id="start-of-a-longer-word"),
        pytest.param("two Macs, an iPhone16 and iPhones", "en", ["Macs", "iPhone", "iPhones"], id="plural-and-version"),
        pytest.param("an apple a day, APPLE shares", "en", ["APPLE"], id="capitals-tell-firm-from-fruit"),
        pytest.param("apple 手机", "zh", ["apple"], id="no-fruit-in-latin-letters-in-chinese"),
        pytest.param("Apples in the Big Apple, says Apple Daily", "en", [], id="longer-phrases-hide"),
        pytest.param("苹果日报停刊，喝苹果汁", "zh", [], id="longer-phrases-hide-chinese"),
        pytest.param("Pineapple from Applebee's", "en", [], id="part-of-other-names"),
        pytest.param("Ａｐｐｌｅ の ＡＩ", "zh", ["Ａｐｐｌｅ", "ＡＩ"], id="full-width"),
        pytest.param("蘋果與人工智能", "zh", ["蘋果", "人工智能"], id="traditional-characters"),
        pytest.param("Pe\u0301kin et PEKIN", "fr", ["Pe\u0301kin", "PEKIN"], id="accents-composed-or-not"),
        pytest.param("Vu a\u0300 Pe\u0301kine\u0301", "fr", [], id="accents-within-a-longer-word"),
        pytest.param("Le Cafe\u0301, dit-il", "fr", ["Cafe\u0301"], id="the-accent-of-the-last-letter"),
        pytest.param("App\u200ble et i\u00adPhone", "fr", ["App\u200ble", "i\u00adPhone"], id="zero-width-inside"),
        pytest.param("App\x01le and i\x00Phone\x7f", "en", ["App\x01le", "i\x00Phone"], id="control-inside-ascii"),
        pytest.param(
            "on device, on-device, on\u2011device", "en", ["on device", "on-device", "on\u2011device"], id="hyphens"
        ),
        pytest.param("Apple\nDaily", "en", ["Apple"], id="a-phrase-does-not-cross-a-paragraph"),
        pytest.param("😀苹果😀AI", "zh", ["苹果", "AI"], id="astral-characters"),
        pytest.param("Apple orchard robots", "en", [], id="words-of-another-subject"),
        pytest.param("Apple sues an orchard; Apple wins", "en", ["Apple", "Apple"], id="one-word-of-another-subject"),
        pytest.param("山东苹果丰收，果园引入人工智能", "zh", ["人工智能"], id="orchard-chinese"),
        pytest.param("\ud800 Apple", "en", ["Apple"], id="lone-surrogate"),
        pytest.param("", "en", [], id="empty"),
    ],
)
def test_finds_what_a_reader_sees(text: str, language: str, want: list[str]) -> None:
    """A term stands where a reader of that language would say that it is named, with its place in the original."""
    assert found(text, language) == want


def test_another_topics_words_hide_nothing() -> None:
    """A topic's phrases matter to that topic alone, so that a verdict does not depend on which topics are loaded."""
    matcher = Matcher(
        [Term("Apple", entity="apple"), Term("Apple shares", scope="a"), Term("Apple", facet="x", scope="b")]
    )
    matches = matcher.find("Apple shares", "en")
    assert standing(matches, "a") == []
    assert [m.term.facet for m in standing(matches, "b")] == ["", "x"]
    assert [m.term.entity for m in standing(matches)] == ["apple"]


@given(st.text(), st.text())
def test_folding_keeps_places(before: str, after: str) -> None:
    """Whatever stands around it, a name is found at its true code points."""
    text = f"{before} 苹果 {after}"
    spans = {(m.start, m.end) for m in MATCHER.find(text, "zh") if m.term.text == "苹果"}
    assert (len(before) + 1, len(before) + 3) in spans


@given(st.text())
def test_folded_places_are_in_the_text(text: str) -> None:
    """Every folded character comes from a character of the original, in order."""
    folded = fold(text)
    places = [folded.original(i) for i in range(len(folded.text))]
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Apple et son intelligence artificielle dans les iPhone de Chine", "fr"),
        ("Apple is said to be in talks with a firm in China", "en"),
        ("苹果与 Alibaba 合作推出 AI 功能", "zh"),
        ("蘋果 Apple Intelligence", "zh"),
        ("", "en"),
    ],
)
def test_language_is_guessed_where_none_is_given(text: str, want: str) -> None:
    """Script tells Chinese, function words tell French from English."""
    assert language_of(text) == want


@pytest.mark.parametrize(
    "piece", ["AI 苹果\u200b… j'ai Apple Daily ", "\ufdfa\u200b…㍿"], ids=["terms", "odd characters"]
)
def test_cost_is_linear_in_the_text(piece: str) -> None:
    """A hostile text of nothing but terms, or of characters that become none or up to 18, costs what its length does."""

    def seconds(times: int) -> float:
        text = piece * times
        start = time.process_time()
        standing(MATCHER.find(text, "zh"), "t")
        return time.process_time() - start

    seconds(100)
    small, large = min(seconds(500) for _ in range(3)), min(seconds(5_000) for _ in range(3))
    assert large < 30 * small
