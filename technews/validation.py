"""The rules that every loaded article keeps, as a Great Expectations suite over pandas frames.

The suite names for each row the rules that it breaks, so that the good rows of a batch load. An exception inside an
expectation looks like bad data to Great Expectations; here it raises `SuiteError`, so that a fault of ours quarantines
nobody's article. Great Expectations and pandas cost seconds to import: that happens when a suite is built, not before.

Exceptions:

    SuiteError          the suite itself failed; says nothing about the rows
"""

import gc
import logging
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from technews.extraction import content_hash
from technews.languages import ISO_639_1, counts_characters
from technews.records import Judged, Verdict, Violation, sound_text

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.data_context.types.base import DataContextConfig
    from great_expectations.expectations.expectation import Expectation

LONGEST_VALUE: Final = 500  # characters of a violation's value; the whole row is in the quarantine's payload
_ROW: Final = "row"
# RFC 3986, section 4.3, with an authority; the scheme in either case (section 3.1).
_URL: Final = r"^(?i:https?)://[^\s\x00-\x1f\x7f/?#]+(?:[/?#][^\s\x00-\x1f\x7f]*)?\Z"
# What a page writes after the host of its canonical address, spaces for one, is no reason to lose the article.
_HOST_NAMED: Final = r"^(?i:https?)://[^\s\x00-\x1f\x7f/?#]+(?:[/?#]|\Z)"
# Something to see: neither white space nor one of the characters without width that pages pad titles with.
_VISIBLE: Final = "[^\\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]"
# Written without spaces: there a character says about what half a word does elsewhere.
_DENSE: Final = sorted(code for code in ISO_639_1 if counts_characters(code))


class SuiteError(Exception):
    """The suite itself failed: an expectation raised, or gave no answer. No row is to blame."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a name, why it is there, and the expectation that checks it.

    `expectation` is a class of `great_expectations.expectations`, `arguments` what it takes beside the column. With
    `against`, the expectation compares `column` with that column, row by row.
    """

    name: str
    reason: str
    column: str
    expectation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    against: str | None = None

    @property
    def demand(self) -> str:
        """What a value must be, in words: its limits where it has any, else why the rule is there."""
        least, most = self.arguments.get("min_value"), self.arguments.get("max_value")
        if least is None:
            return self.reason
        unit = " characters" if self.expectation == "ExpectColumnValueLengthsToBeBetween" else ""
        return f"{least:,} to {most:,}{unit} are right" if most is not None else f"at least {least:,}{unit}"


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows a rule has looked at in this run, and how many of them broke it."""

    rule: str
    checked: int
    failed: int


def _matches(pattern: str, column: str, name: str, reason: str) -> Rule:
    return Rule(name, reason, column, "ExpectColumnValuesToMatchRegex", {"regex": pattern})


def _long_enough(least: int, languages: str, name: str, reason: str) -> Rule:
    """From `least` to 500,000 characters of text, for languages `IN` or `NOT_IN` the dense ones."""
    condition = {"type": "comparison", "column": {"name": "language"}, "operator": languages, "parameter": _DENSE}
    bounds = {"min_value": least, "max_value": 500_000, "row_condition": condition}
    return Rule(name, reason, "text", "ExpectColumnValueLengthsToBeBetween", bounds)


RULES: Final = (
    _matches(_URL, "url", "url_absolute", "analysts follow the address, and it identifies the article"),
    _matches(
        _HOST_NAMED,
        "canonical_url",
        "canonical_url_absolute",
        "another page that names it is the same article; none is right too",
    ),
    _matches(
        _VISIBLE, "title", "title_present", "without a title it cannot be listed, and was hardly read as an article"
    ),
    _long_enough(80, "NOT_IN", "text_length", "less is a notice or a failed extraction, more a dump of a page"),
    _long_enough(40, "IN", "text_length_zh_ja", "Chinese and Japanese say the same in half as many characters"),
    Rule(
        "language_known",
        "analysts group by the language, so it is a code of ISO 639-1 and nothing else",
        "language",
        "ExpectColumnValuesToBeInSet",
        {"value_set": sorted(ISO_639_1)},
    ),
    _matches(_VISIBLE, "publisher", "publisher_present", "who says something is half of the news"),
    _matches(
        _VISIBLE, "publisher_id", "publisher_id_present", "without it every count by publisher misses the article"
    ),
    Rule(
        "content_hash_right",
        "revisions are told apart by it: one of another title and text invents or hides a revision",
        "content_hash",
        "ExpectColumnPairValuesToBeEqual",
        against="hash_of_text",
    ),
    Rule(
        "entry_unique",
        "two rows of one entry in a batch would replace each other in an order that nobody chose",
        "entry_id",
        "ExpectColumnValuesToBeUnique",
    ),
    Rule(
        "decision_present",
        "nothing is loaded that no topic has judged",
        "verdicts",
        "ExpectColumnValuesToBeBetween",
        {"min_value": 1},
    ),
    Rule(
        "evidence_present",
        "whoever reads that an article is on topic can see why, for each facet that was counted",
        "evidence",
        "ExpectColumnPairValuesToBeEqual",
        against="matches",
    ),
)


def in_words(violation: Violation) -> str:
    """A broken rule for a person: its name, what it found, and what would be right."""
    shown = f"{violation.value[:80]}{'…' if len(violation.value) > 80 else ''}"
    demand = next((f" ({rule.demand})" for rule in RULES if rule.name == violation.rule), "")
    return f"{violation.rule}: {violation.column} = {shown}{demand}"


class ArticleSuite:
    """The rules, made ready once and applied to any number of batches.

    Building it imports Great Expectations (seconds). It writes no file, asks no network and prints nothing.
    """

    def __init__(self, rules: Sequence[Rule] = RULES) -> None:
        """Builds the suite. Raises SuiteError where a rule is not one that Great Expectations understands."""
        self._rules = tuple(rules)
        self._checked: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        with _quiet(), _uncollected(), _suite_errors("cannot be built"):
            import great_expectations as gx  # noqa: PLC0415 - seconds, so only where a row is to be checked

            source = gx.get_context(mode="ephemeral", project_config=_context()).data_sources.add_pandas("technews")
            self._batches = source.add_dataframe_asset("articles").add_batch_definition_whole_dataframe("batch")
            self._suite = gx.ExpectationSuite("articles", expectations=[_expectation(rule) for rule in self._rules])

    def check(self, rows: Sequence[Judged]) -> list[tuple[Violation, ...]]:
        """The violations of each row, in the order of the rows and of the rules; an empty tuple is a valid row.

        Raises SuiteError where the suite failed; then no row has been judged, and none is counted in the summary.
        """
        if not rows:
            return []
        frame = articles_frame(rows)
        with _suite_errors("failed"):
            batch = self._batches.get_batch(batch_parameters={"dataframe": frame})
            answer = batch.validate(
                self._suite,
                result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [_ROW]},
            )
        results = {_rule_of(result): result for result in answer.results}
        broken = {rule.name: _broken_rows(rule, results.get(rule.name)) for rule in self._rules}
        for rule in self._rules:
            result = results[rule.name].result
            self._checked[rule.name] += result["element_count"] - result["missing_count"]
            self._failed[rule.name] += len(broken[rule.name])
        return [
            tuple(_violation(rule, frame, row) for rule in self._rules if row in broken[rule.name])
            for row in range(len(rows))
        ]

    def summary(self) -> tuple[Summary, ...]:
        """What each rule has checked and found so far, in the order of the rules."""
        return tuple(Summary(rule.name, self._checked[rule.name], self._failed[rule.name]) for rule in self._rules)


def articles_frame(rows: Sequence[Judged]) -> "pd.DataFrame":
    """The rows as the columns that the rules speak of, one row each, under the position of the row.

    Texts that are absent are empty, so that no rule passes them over as missing; only `canonical_url` may be missing.
    """
    import pandas as pd  # noqa: PLC0415 - a second, so only where a row is to be checked

    text = pd.StringDtype(storage="python", na_value=float("nan"))
    kinds: dict[str, Any] = dict.fromkeys(_TEXTS, text) | dict.fromkeys((_ROW, "verdicts"), "int64")
    facts = [{_ROW: position, **_facts(row)} for position, row in enumerate(rows)]
    return pd.DataFrame(facts, columns=list(kinds)).astype(kinds)


_TEXTS: Final = (
    *("entry_id", "url", "canonical_url", "title", "text", "language", "publisher_id", "publisher"),
    *("content_hash", "hash_of_text", "matches", "evidence"),
)


def _facts(row: Judged) -> dict[str, object]:
    article = row.article
    title, text = _encodable(article.title), _encodable(article.text)
    return {
        "entry_id": _encodable(article.entry.entry_id),
        "url": _encodable(article.url),
        "canonical_url": None if article.canonical_url is None else _encodable(article.canonical_url),
        "title": title,
        "text": text,
        "language": _encodable(article.language),
        "publisher_id": _encodable(article.publisher_id),
        "publisher": _encodable(article.publisher),
        "content_hash": _encodable(article.content_hash),
        "hash_of_text": content_hash(title, text),
        "verdicts": len(row.verdicts),
        "matches": ", ".join(_counted(row.verdicts)),
        "evidence": ", ".join(_explained(row.verdicts)),
    }


def _encodable(text: str | None) -> str:
    """The text, empty if absent, with `?` for lone surrogates: one of them would fail the check of a whole batch."""
    return (text or "").encode("utf-8", "replace").decode("utf-8")


def _counted(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """What evidence is owed for: each topic that keeps the article, and each of its facets that has a match."""
    for verdict in verdicts:
        if verdict.relevant:
            yield verdict.topic_id
            yield from (f"{verdict.topic_id}/{facet}" for facet, count in sorted(verdict.matches.items()) if count)


def _explained(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Of what is owed, what the evidence at hand shows, in the same order."""
    for verdict in verdicts:
        shown = {f"{verdict.topic_id}/{evidence.facet}" for evidence in verdict.evidence}
        if shown:
            shown.add(verdict.topic_id)
        yield from (owed for owed in _counted([verdict]) if owed in shown)


def _context() -> "DataContextConfig":
    """A context in memory alone: no Data Docs, usage statistics or progress bars."""
    from great_expectations.data_context.types import base  # noqa: PLC0415 - seconds, so only where a suite is built

    return base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=base.ProgressBarsConfig(globally=False, metric_calculations=False),
    )


def _expectation(rule: Rule) -> "Expectation":
    from great_expectations import expectations  # noqa: PLC0415 - seconds, so only where a suite is built

    columns = {"column_A": rule.column, "column_B": rule.against} if rule.against else {"column": rule.column}
    made: Expectation = getattr(expectations, rule.expectation)(**columns, **rule.arguments, meta={"rule": rule.name})
    return made


def _rule_of(result: "ExpectationValidationResult") -> str | None:
    config = result.expectation_config
    return config.meta.get("rule") if config and config.meta else None


def _broken_rows(rule: Rule, result: "ExpectationValidationResult | None") -> frozenset[int]:
    """The positions of the rows that break the rule. Raises SuiteError where the expectation gave no true answer."""
    if result is None:
        raise SuiteError(f"rule {rule.name}: no result")
    if message := _exception_in(result.exception_info or {}):
        raise SuiteError(f"rule {rule.name}: {message}")
    found = frozenset(int(place[_ROW]) for place in result.result.get("unexpected_index_list") or ())
    if bool(found) == result.success or "element_count" not in result.result:
        raise SuiteError(f"rule {rule.name}: no answer row by row (success={result.success}, rows named: {len(found)})")
    return found


def _exception_in(info: Mapping[str, Any]) -> str | None:
    """The message of an exception inside an expectation: it stands there itself, or under each metric that failed."""
    parts = [info] if "raised_exception" in info else info.values()
    messages = (part.get("exception_message") or "exception" for part in parts if part.get("raised_exception"))
    return next(messages, None)


def _violation(rule: Rule, frame: "pd.DataFrame", row: int) -> Violation:
    value = str(frame[rule.column].iloc[row])
    if rule.against:
        value = f"{value}; expected {frame[rule.against].iloc[row]}"
    if rule.name.startswith("text_length"):
        value = f"{len(value):,} characters: {value}"
    value = sound_text(value)
    return Violation(rule.name, rule.column, value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…")


@contextmanager
def _quiet() -> Iterator[None]:
    """Great Expectations imported without its usage statistics, and without a word.

    Its import fails where DeprecationWarnings are errors, so they are ignored meanwhile. Its log repeats the failures
    that this module reports.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is made meanwhile stays for good: the garbage collector looks through it once, and never again.

    Great Expectations makes half a million objects; to look through them again and again, and at the process's end,
    took about a second.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        if was_on:
            gc.enable()


@contextmanager
def _suite_errors(what: str) -> Iterator[None]:
    """Any exception in here is the suite's: the frame was ready before."""
    try:
        yield
    except Exception as error:
        raise SuiteError(f"the suite of articles {what}: {type(error).__name__}: {error}") from error
