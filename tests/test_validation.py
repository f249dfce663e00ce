"""The suite of rules, with the real Great Expectations: what it lets pass, what it names, and how it fails."""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from technews.extraction import content_hash
from technews.records import Article, DateReading, Entry, Evidence, Feed, Judged, Outcome, Reason, Verdict, Violation
from technews.validation import RULES, ArticleSuite, Rule, SuiteError, Summary, articles_frame

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEXT = "Le fabricant négocie avec un partenaire chinois pour les modèles de son assistant. " * 3
CHINESE = "苹果公司正在与中国合作伙伴商谈，为其语音助手选择本地的大型语言模型，监管部门的审批仍在进行之中。"
FEED = Feed("l-octet", "https://octet.example/flux", "L'Octet", "fr", "FR", "Europe/Paris", timedelta(minutes=30))
ENTRY = Entry(
    entry_id="l-octet:1",
    feed=FEED,
    url="https://octet.example/1",
    title="Titre",
    author=None,
    summary="",
    content="",
    published=DateReading(),
    outcome=Outcome.PENDING,
    attempts=0,
    first_seen_at=NOW,
)


def evidence(facet: str) -> Evidence:
    """One piece of evidence for a facet."""
    return Evidence(facet=facet, entity=facet, term=facet, field="body", language="fr", start=0, snippet="Le fabricant")


VERDICT = Verdict(
    topic_id="apple-china-ai",
    relevant=True,
    score=3.0,
    threshold=2.0,
    rule_version="apple-china-ai-1",
    reason=Reason.ON_TOPIC,
    matches={"apple": 2, "china": 1, "space": 0},
    evidence=(evidence("apple"), evidence("china")),
)


def judged(number: int = 1, *, verdicts: tuple[Verdict, ...] = (VERDICT,), **changes: Any) -> Judged:
    """A good row, with changes to its article; the hash fits unless it is one of the changes."""
    article = Article(
        entry=replace(ENTRY, entry_id=f"l-octet:{number}"),
        url=f"https://octet.example/{number}",
        canonical_url=None,
        title="Un partenaire pour l'assistant",
        text=TEXT,
        language="fr",
        publisher_id="l-octet",
        publisher="L'Octet",
        author=None,
        published=DateReading(),
        modified_at=None,
        fetched_at=NOW,
        content_hash="",
        word_count=36,
        extractor="trafilatura",
        cleaner_version="1",
    )
    article = replace(article, **changes)
    if "content_hash" not in changes:
        article = replace(article, content_hash=content_hash(article.title, article.text))
    return Judged(article, verdicts)


def of_entry(row: Judged, entry_id: str) -> Judged:
    """The row under another entry."""
    return replace(row, article=replace(row.article, entry=replace(ENTRY, entry_id=entry_id)))


@pytest.fixture(scope="module")
def suite() -> Iterator[ArticleSuite]:
    """One suite for the module: building it takes seconds. No warning may come out of it, nor out of its checks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield ArticleSuite()


BAD_ROWS = {
    "relative address": ("url_absolute", "url", judged(url="/2026/03/assistant")),
    "address without host": ("url_absolute", "url", judged(url="https:///assistant")),
    "other scheme": ("url_absolute", "url", judged(url="ftp://octet.example/1")),
    "line break after the address": ("url_absolute", "url", judged(url="https://octet.example/1\n")),
    "control character in the address": ("url_absolute", "url", judged(url="https://octet.example/\x00")),
    "space in the address": ("url_absolute", "url", judged(url="https://octet.example/a b")),
    "canonical address relative": ("canonical_url_absolute", "canonical_url", judged(canonical_url="/1")),
    "canonical address without host": ("canonical_url_absolute", "canonical_url", judged(canonical_url="https:///1")),
    "canonical address of another scheme": ("canonical_url_absolute", "canonical_url", judged(canonical_url="about:x")),
    "canonical address empty": ("canonical_url_absolute", "canonical_url", judged(canonical_url="")),
    "no title": ("title_present", "title", judged(title="")),
    "title of white space": ("title_present", "title", judged(title=" \n\u3000\u00a0")),
    "title without width": ("title_present", "title", judged(title="\u200b\ufeff")),
    "text one too short": ("text_length", "text", judged(text="a" * 79)),
    "no text": ("text_length", "text", judged(text="")),
    "text one too long": ("text_length", "text", judged(text="b" * 500_001)),
    "Chinese text one too short": ("text_length_zh_ja", "text", judged(text=CHINESE[:39], language="zh")),
    "Chinese text one too long": ("text_length_zh_ja", "text", judged(text="果" * 500_001, language="zh")),
    "unknown language": ("language_known", "language", judged(language="xx")),
    "language with a region": ("language_known", "language", judged(language="fr-FR")),
    "no language": ("language_known", "language", judged(language="")),
    "no publisher": ("publisher_present", "publisher", judged(publisher=" ")),
    "no publisher id": ("publisher_id_present", "publisher_id", judged(publisher_id="")),
    "hash of another text": ("content_hash_right", "content_hash", judged(content_hash=content_hash("a", "b"))),
    "no hash": ("content_hash_right", "content_hash", judged(content_hash="")),
    "no verdict": ("decision_present", "verdicts", judged(verdicts=())),
    "a counted facet without evidence": (
        "evidence_present",
        "evidence",
        judged(verdicts=(replace(VERDICT, matches={"apple": 2, "china": 1, "ai": 1}),)),
    ),
    "relevant without any evidence": (
        "evidence_present",
        "evidence",
        judged(verdicts=(replace(VERDICT, matches={}, evidence=()),)),
    ),
    "evidence of another topic": (
        "evidence_present",
        "evidence",
        judged(verdicts=(VERDICT, replace(VERDICT, topic_id="robots", evidence=()))),
    ),
}


@pytest.fixture(scope="module")
def found_in_bad_rows(suite: ArticleSuite) -> dict[str, tuple[Violation, ...]]:
    """What the suite says of each bad row, all checked in one batch."""
    rows = [of_entry(row, name) for name, (_, _, row) in BAD_ROWS.items()]
    return dict(zip(BAD_ROWS, suite.check(rows), strict=True))


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_row_that_breaks_one_rule_is_named_with_it(
    found_in_bad_rows: dict[str, tuple[Violation, ...]], name: str
) -> None:
    """A bad row is caught by the rule that is meant for it, and by no other."""
    rule, column, _ = BAD_ROWS[name]
    assert [(violation.rule, violation.column) for violation in found_in_bad_rows[name]] == [(rule, column)]


def test_every_rule_has_a_row_that_breaks_it() -> None:
    """No rule is there that nothing shows to work; names are unique and reasons are sentences."""
    assert {case[0] for case in BAD_ROWS.values()} | {"entry_unique"} == {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(len(rule.reason.split()) > 5 for rule in RULES)


GOOD_ROWS = {
    "plain": judged(),
    "text of 80": judged(text="a" * 80),
    "text of 500,000": judged(text="b" * 500_000),
    "Chinese text of 40": judged(text=CHINESE[:40], language="zh"),
    "Japanese text of 40": judged(text="あ" * 40, language="ja"),
    "canonical address": judged(canonical_url="HTTPS://octet.example:8443/a?b=c#d"),
    "canonical address with a space": judged(canonical_url="https://octet.example/le titre"),
    "address outside ASCII": judged(url="https://八位.example/新闻/1"),
    "bare host": judged(url="http://octet.example"),
    "title that reads as nothing": judged(title="None"),
    "title that reads as no number": judged(title="nan"),
    "title of pictures": judged(title="🍎🇨🇳🤖"),
    "text with line breaks and NUL-like signs": judged(text="␀ première ligne\n" * 20),
    "text of pictures": judged(text="👩‍💻" * 100),
    "text that is a formula": judged(text="=1+1 `language` == @x; DROP TABLE articles --" * 4),
    "off topic for a second topic, without evidence": judged(
        verdicts=(VERDICT, replace(VERDICT, topic_id="robots", relevant=False, evidence=()))
    ),
}


def test_good_rows_pass(suite: ArticleSuite) -> None:
    """What keeps the rules passes whole, at the bounds and with hostile signs too."""
    rows = [of_entry(row, name) for name, row in GOOD_ROWS.items()]
    broken = {name: found for name, found in zip(GOOD_ROWS, suite.check(rows), strict=True) if found}
    assert broken == {}


def test_one_bad_row_stops_none_of_fifty(suite: ArticleSuite) -> None:
    """Violations stand at the place of their row; all others stay valid."""
    rows = [judged(number) for number in range(51)]
    rows[17] = judged(17, title="", language="zz")
    found = suite.check(rows)
    assert [number for number, broken in enumerate(found) if broken] == [17]
    assert [(violation.rule, violation.value) for violation in found[17]] == [
        ("title_present", ""),
        ("language_known", "zz"),
    ]


def test_doubled_entry_is_named_at_each_place(suite: ArticleSuite) -> None:
    """Of two rows of one entry neither is the right one."""
    found = suite.check([judged(1), judged(2), judged(1, title="Autre titre")])
    assert [[violation.rule for violation in broken] for broken in found] == [["entry_unique"], [], ["entry_unique"]]


def test_every_row_bad(suite: ArticleSuite) -> None:
    """A batch without a good row is judged like any other: twenty rows and more are all named."""
    found = suite.check([judged(number, publisher="") for number in range(60)])
    assert all([violation.rule for violation in broken] == ["publisher_present"] for broken in found)
    assert len(found) == 60


def test_values_are_short_and_sound(suite: ArticleSuite) -> None:
    """A value of any length is cut to 500 characters, and holds nothing that a database refuses."""
    [[long], [odd]] = suite.check([judged(1, url="x" * 100_000), judged(2, url="a\x00b\ud800c")])
    assert (len(long.value), long.value[-2:]) == (500, "x…")
    assert odd.value == "ab?c"


def test_a_comparison_shows_both_sides(suite: ArticleSuite) -> None:
    """Where a row is compared with what it should be, the value says both."""
    [[broken]] = suite.check([judged(verdicts=(replace(VERDICT, evidence=(evidence("china"),)),))])
    assert broken.value == (
        "apple-china-ai, apple-china-ai/china; expected apple-china-ai, apple-china-ai/apple, apple-china-ai/china"
    )


def test_nothing_to_check(suite: ArticleSuite) -> None:
    """An empty batch has no violations."""
    assert suite.check([]) == []


def test_frame_has_one_kind_a_column() -> None:
    """Columns have the same type whatever the rows hold, none at all included."""
    kinds = articles_frame([]).dtypes.to_dict()
    assert articles_frame([judged(canonical_url=None)]).dtypes.to_dict() == kinds
    assert kinds["verdicts"] == kinds["row"] == "int64"


def test_summary_counts_what_each_rule_looked_at() -> None:
    """The summary adds up over batches: rows that a rule does not speak of are not counted as checked."""
    suite = ArticleSuite()
    suite.check([judged(1), judged(2, text=CHINESE, language="zh"), judged(3, canonical_url="x")])
    suite.check([judged(1, text="court")])
    counts = {line.rule: line for line in suite.summary()}
    assert [*counts] == [rule.name for rule in RULES]
    assert counts["url_absolute"] == Summary("url_absolute", checked=4, failed=0)
    assert counts["canonical_url_absolute"] == Summary("canonical_url_absolute", checked=1, failed=1)
    assert counts["text_length"] == Summary("text_length", checked=3, failed=1)
    assert counts["text_length_zh_ja"] == Summary("text_length_zh_ja", checked=1, failed=0)


BROKEN_SUITES = {
    "column that is not there": Rule("r", "", "nowhere", "ExpectColumnValuesToMatchRegex", {"regex": "a"}),
    "compared with no column": Rule("r", "", "title", "ExpectColumnPairValuesToBeEqual", against="nowhere"),
    "expression that does not compile": Rule("r", "", "title", "ExpectColumnValuesToMatchRegex", {"regex": "("}),
    "numbers expected of a text": Rule("r", "", "title", "ExpectColumnValuesToBeBetween", {"min_value": 1}),
    "success without rows": Rule("r", "", "verdicts", "ExpectColumnMaxToBeBetween", {"max_value": 9}),
    "failure without rows": Rule("r", "", "verdicts", "ExpectColumnMaxToBeBetween", {"max_value": 0}),
}


@pytest.mark.parametrize("rule", BROKEN_SUITES.values(), ids=BROKEN_SUITES)
def test_a_broken_suite_blames_no_row(rule: Rule) -> None:
    """An exception inside an expectation raises SuiteError with the rule's name, whatever else is right."""
    broken = ArticleSuite([RULES[0], rule])
    with pytest.raises(SuiteError, match=r"rule r: ."):
        broken.check([judged()])
    assert {line.checked for line in broken.summary()} == {0}


@pytest.mark.parametrize(
    "rule",
    [
        Rule("r", "", "title", "ExpectWonders"),
        Rule("r", "", "title", "ExpectColumnValuesToMatchRegex", {"pattern": "a"}),
    ],
    ids=["unknown expectation", "unknown argument"],
)
def test_a_suite_that_cannot_be_built_says_so(rule: Rule) -> None:
    """A rule that Great Expectations does not understand is refused when the suite is built."""
    with pytest.raises(SuiteError, match="cannot be built"):
        ArticleSuite([rule])


def test_nothing_is_printed(suite: ArticleSuite, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither a good nor a bad batch nor a broken suite writes to the terminal."""
    suite.check([judged(1), judged(2, title="")])
    with pytest.raises(SuiteError):
        ArticleSuite([BROKEN_SUITES["column that is not there"]]).check([judged()])
    assert capfd.readouterr() == ("", "")


def test_the_module_is_light_until_a_suite_is_built() -> None:
    """Who imports the module has not yet paid for Great Expectations or pandas."""
    code = "import sys, technews.validation; print({'great_expectations', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "set()\n"
