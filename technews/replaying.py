"""What today's cleaner and rules make of an article that was decided before: the difference, and the rows of it. Pure.

A replay adds no revision but where an article comes in that had none: revisions are what the publisher served.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from technews.identity import KnownArticles
from technews.polls import date_of
from technews.publishers import Publishers
from technews.records import (
    Article,
    Details,
    Entry,
    Evidence,
    Judged,
    Origin,
    Outcome,
    Precision,
    Reason,
    Rejection,
    Verdict,
)
from technews.work import Plan, WorkRows, recleaned_row

_SHOWN: Final = 160
# What a row of `load/replay_articles.sql` and an article have under one name.
_STORED: Final = (
    *("url", "canonical_url", "title", "text", "language", "publisher_id", "publisher", "author", "modified_at"),
    *("fetched_at", "content_hash", "word_count", "extractor", "cleaner_version"),
)


@dataclass(frozen=True, slots=True)
class Recalled:
    """An article to be replayed: its stored text (None: off topic, no text is stored), its present decisions.

    `stored_hash` is the hash of the text that was decided on. `reread`: its page was read again.
    """

    entry: Entry
    stored_hash: str
    stored: Article | None
    decisions: Mapping[str, Verdict]
    reread: bool = False

    @property
    def article_id(self) -> str:
        """The article."""
        return self.entry.article_id or ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: `newly in`, `newly out`, `changed text`; of a topic, with scores and evidence, or of a text.

    `by_threshold`: the present score with the threshold from before would have left the decision as it was.
    """

    what: str
    article_id: str
    entry_id: str
    title: str
    url: str
    topic_id: str | None = None
    before: float | None = None
    after: float | None = None
    threshold_before: float | None = None
    threshold_after: float | None = None
    by_threshold: bool = False
    rules: str = ""
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a replay found: the differences (the first thousand), how many of which kind, and articles looked at."""

    differences: tuple[Difference, ...]
    counts: Mapping[str, int]
    articles: int


def differences(judged: Judged, recalled: Recalled, topic: str | None) -> list[Difference]:
    """What changes for an article, decision by decision (of one topic, or all), and whether its text does."""
    article = judged.article
    named = (article.entry.article_id or "", article.entry.entry_id, article.title, article.url)
    found = []
    for verdict in judged.verdicts:
        before = recalled.decisions.get(verdict.topic_id)
        was = before.relevant if before else False
        if topic in (None, verdict.topic_id) and verdict.relevant is not was:
            lost = tuple(f for f, n in before.matches.items() if n and not verdict.matches.get(f)) if before else ()
            shown = verdict.evidence if verdict.relevant else before.evidence if before else ()
            found.append(
                Difference(
                    "newly in" if verdict.relevant else "newly out",
                    *named,
                    topic_id=verdict.topic_id,
                    before=before.score if before else None,
                    after=verdict.score,
                    threshold_before=before.threshold if before else None,
                    threshold_after=verdict.threshold,
                    by_threshold=before is not None
                    and before.threshold != verdict.threshold
                    and (verdict.score >= before.threshold) is was,
                    rules=f"{before.rule_version if before else 'none'} → {verdict.rule_version}",
                    evidence=_two_of_each(shown),
                    missing=lost,
                )
            )
    if recalled.stored and recalled.reread and article.content_hash != recalled.stored.content_hash:
        found.append(Difference("changed text", *named, text=_first_change(recalled.stored.text, article.text)))
    return found


def with_stored_decisions(judged: Judged, recalled: Recalled, topic: str | None) -> Judged:
    """With one topic alone, the others' decisions stay as they are, unless the text that they are about changed."""
    if topic is None or judged.article.content_hash != recalled.stored_hash:
        return judged
    kept = (v if v.topic_id == topic else recalled.decisions.get(v.topic_id, v) for v in judged.verdicts)
    return replace(judged, verdicts=tuple(kept))


def plan_replay(
    items: Sequence[tuple[Judged | Rejection, Recalled]],
    in_quarantine: Mapping[str, str],
    publishers: Publishers,
    now: datetime,
) -> WorkRows:
    """The rows that bring decisions, texts and facts of these articles up to date."""
    plan = Plan(KnownArticles([]), dict(in_quarantine), publishers, now)
    for item, recalled in items:
        if isinstance(item, Rejection):
            plan.reject(item)
        else:
            _again(plan, item, recalled, now)
    return plan.rows


def _again(plan: Plan, judged: Judged, recalled: Recalled, now: datetime) -> None:
    article, article_id, was = judged.article, recalled.article_id, recalled.entry.outcome
    if recalled.stored and recalled.reread:
        plan.rows.recleaned[article_id] = recleaned_row(article, article_id, None, now)
    plan.touch(
        article_id,
        content_hash=article.content_hash,
        cleaner_version=article.cleaner_version,
        loaded_at=now if judged.relevant else None,
    )
    plan.decide(judged, article_id)
    if judged.relevant and recalled.stored:
        plan.mention(judged, article_id)
    elif judged.relevant:
        plan.revise(judged, article_id, "new")
    if judged.relevant is not (was is Outcome.LOADED):
        plan.give_outcome(judged, article_id, Reason.REPLAYED)


def stored_article(row: Mapping[str, Any], entry: Entry) -> Article | None:
    """The article as its current revision has it; None where no text is stored."""
    if row["revision"] is None:
        return None
    return Article(
        entry=entry,
        published=date_of(row, "page_"),
        details=_details_of(row["details"]),
        **{name: row[name] for name in _STORED},
    )


def _details_of(stored: Mapping[str, Any] | None) -> Details:
    """The details that a revision has; none where it was stored before they were kept."""
    if stored is None:
        return Details()
    lists = {name: tuple(stored[name]) for name in ("authors", "tags")}
    origins = {name: Origin(at) if at else None for name, at in stored.items() if name.endswith("_from")}
    precisions = {name: Precision(word) for name, word in stored.items() if name.endswith("_precision")}
    return Details(**{**stored, **lists, **origins, **precisions})


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """A stored decision as the verdict that it was."""
    return Verdict(
        topic_id=row["topic_id"],
        relevant=row["relevant"],
        score=row["score"],
        threshold=row["threshold"],
        rule_version=row["rule_version"],
        reason=Reason.ON_TOPIC if row["relevant"] else Reason.BELOW_THRESHOLD,
        matches=row["matches"],
        evidence=tuple(Evidence(**e) for e in row["evidence"]),
    )


def _two_of_each(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The first two matches of every facet."""
    of_facet: dict[str, list[Evidence]] = {}
    for e in evidence:
        of_facet.setdefault(e.facet, []).append(e)
    return tuple(e for found in of_facet.values() for e in found[:2])


def _first_change(before: str, after: str) -> str:
    """Where two texts part: the first line that differs, of both, and how long they are."""
    old, new = before.splitlines(), after.splitlines()
    parted = (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    place = next(parted, min(len(old), len(new)))
    was, now = (lines[place][:_SHOWN] if place < len(lines) else "(nothing)" for lines in (old, new))
    return f"{len(before):,} → {len(after):,} characters; line {place + 1}: {was!r} → {now!r}"
