"""What a batch of finished entries means for the warehouse: articles, revisions, decisions, outcomes, quarantine.

Pure: what the ledger knows and the time come in, rows for the load go out. `loaded` is never left because a later look
failed, and a new revision is written only where the page differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from technews import identity
from technews.history import as_revision, change_of
from technews.identity import KnownArticle, KnownArticles
from technews.payloads import to_payload
from technews.polls import date_row, outcome_row
from technews.publishers import Publishers
from technews.records import (
    WITHOUT_ARTICLE,
    Article,
    Entry,
    Fetch,
    Judged,
    Outcome,
    Reason,
    Rejection,
    Verdict,
    Violation,
)

Row = dict[str, Any]

# Only an entry whose page was read speaks for it; from one that waits or failed, who brings the page takes over.
_SPEAKS: Final = {Outcome.LOADED, Outcome.OFF_TOPIC}


@dataclass(slots=True)
class WorkRows:
    """Rows for one work batch, by the file of `sql/load/` that takes them.

    `silent` names entries whose page had been read and can be read no more: duplicates that lead elsewhere are asked.
    """

    articles: list[Row] = field(default_factory=list)
    touched: dict[str, Row] = field(default_factory=dict)
    urls: list[Row] = field(default_factory=list)
    revisions: dict[str, Row] = field(default_factory=dict)
    recleaned: dict[str, Row] = field(default_factory=dict)
    publishers: dict[str, Row] = field(default_factory=dict)
    decisions: list[Row] = field(default_factory=list)
    mentions: list[Row] = field(default_factory=list)
    mentioned: list[str] = field(default_factory=list)
    outcomes: dict[str, Row] = field(default_factory=dict)
    rechecked: dict[str, Row] = field(default_factory=dict)
    recheck_later: dict[str, Row] = field(default_factory=dict)
    quarantine: list[Row] = field(default_factory=list)
    fetches: list[Row] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def lookups(items: Iterable[Judged | Rejection]) -> list[Row]:
    """What `load/known_articles.sql` is asked for these items: addresses, ids, and text with its site."""
    asked: list[Row] = []
    for item in items:
        entry = item.entry
        if entry.article_id:
            asked.append(_ask(article_id=entry.article_id))
        if isinstance(item, Judged):
            asked.append(_ask(site=identity.site(item.article), content_hash=item.article.content_hash))
            link = identity.own_link(item.article)
            asked += [_ask(url=url) for _, url in identity.page_addresses(item.article)]
            asked += [_ask(url=link)] if link else []
    return asked


def plan_work(
    items: Sequence[Judged | Rejection],
    known: KnownArticles,
    in_quarantine: Mapping[str, str],
    publishers: Publishers,
    now: datetime,
) -> WorkRows:
    """The rows for a batch. `in_quarantine` maps the ids of these entries' quarantined rows to their status."""
    plan = Plan(known, dict(in_quarantine), publishers, now)
    for item in items:
        if isinstance(item, Rejection):
            plan.reject(item)
        else:
            plan.accept(item)
    return plan.rows


class Plan:
    """One batch in the making: what is known grows with each item, so that later ones see the earlier."""

    def __init__(
        self, known: KnownArticles, in_quarantine: dict[str, str], publishers: Publishers, now: datetime
    ) -> None:
        """`now` is the run's start."""
        self.known, self.in_quarantine, self.publishers, self.now = known, in_quarantine, publishers, now
        self.rows = WorkRows()

    def accept(self, judged: Judged) -> None:
        """A page that was read and judged (and, if on topic, is valid)."""
        article, entry = judged.article, judged.entry
        self._fetch(article.fetch)
        found = identity.identify(article, self.known)
        if found is None:
            self._first_seen(judged)
            return
        there, how = found
        self._addresses(article, there.article_id)
        if there.entry_id != entry.entry_id and there.outcome in _SPEAKS:
            self._duplicate(judged, there, how)
        else:
            self._seen_again(judged, self.known.by_id(there.article_id) or there)

    def reject(self, rejection: Rejection) -> None:
        """An entry that left the way of the data before an article could be loaded."""
        entry = rejection.entry
        self._fetch(rejection.fetch)
        if rejection.outcome is Outcome.QUARANTINED:
            self._quarantine(rejection)
            if entry.outcome is Outcome.OFF_TOPIC:
                return  # a document of an article that is off topic: the row waits for an operator, the article stays
        if entry.outcome is Outcome.LOADED:
            self._failed_look(rejection)
            return
        if rejection.outcome in WITHOUT_ARTICLE and entry.article_id:
            self.rows.silent.append(entry.entry_id)
        attempts = entry.attempts + (rejection.outcome in (Outcome.PENDING, Outcome.UNREACHABLE) and rejection.spent)
        self.rows.outcomes[entry.entry_id] = outcome_row(
            entry.entry_id,
            rejection.outcome,
            rejection.reason,
            self.now,
            detail=rejection.detail,
            attempts=attempts,
            due=rejection.retry_at if rejection.outcome is Outcome.PENDING else None,
        )

    def _first_seen(self, judged: Judged) -> None:
        article, entry = judged.article, judged.entry
        article_id = identity.mint_article_id(article, self.known)
        self.rows.articles.append(
            {
                "article_id": article_id,
                "entry_id": entry.entry_id,
                "site": identity.site(article),
                "content_hash": article.content_hash,
                "cleaner_version": article.cleaner_version,
                "first_seen_at": entry.first_seen_at,
            }
        )
        self.known.put(
            KnownArticle(
                article_id,
                entry.entry_id,
                Outcome.LOADED if judged.relevant else Outcome.OFF_TOPIC,
                identity.site(article),
                article.content_hash,
                frozenset(),
            )
        )
        self._addresses(article, article_id)
        if judged.relevant:
            self.touch(article_id, loaded_at=self.now)
            self.revise(judged, article_id, "new")
        self.decide(judged, article_id)
        self.give_outcome(judged, article_id)

    def _seen_again(self, judged: Judged, there: KnownArticle) -> None:
        """The page of an entry that speaks for its article already (or takes over from one that does not any more)."""
        article, entry = judged.article, judged.entry
        current = as_revision(article.recleaned) if article.recleaned else there.current
        change = change_of(article, current) if current else "new"
        if article.recleaned:
            self._reclean(article.recleaned, there.article_id)
            if not change:
                self._same_page_other_text(judged, there.article_id)
                return
        if entry.outcome is Outcome.LOADED and not change:
            self.touch(there.article_id)
            self._looked(entry, "unchanged")
            return
        # A page that was not extracted has no text to keep: it makes no revision.
        is_kept = (judged.relevant or there.current is not None) and not article.verdicts
        if change and is_kept:
            self.revise(judged, there.article_id, change)
        self.touch(
            there.article_id,
            entry_id=entry.entry_id,
            content_hash=article.content_hash,
            cleaner_version=article.cleaner_version,
            loaded_at=self.now if judged.relevant else None,
        )
        self.decide(judged, there.article_id)
        if entry.outcome is Outcome.LOADED and judged.relevant:
            self._looked(entry, "revised")
        else:
            if entry.outcome is Outcome.LOADED:
                self._looked(entry, "off_topic")
            self.give_outcome(judged, there.article_id)
        self.known.put(
            replace(
                there,
                entry_id=entry.entry_id,
                outcome=Outcome.LOADED if judged.relevant else Outcome.OFF_TOPIC,
                content_hash=article.content_hash,
                current=as_revision(article) if is_kept else there.current,
            )
        )

    def _same_page_other_text(self, judged: Judged, article_id: str) -> None:
        """The publisher changed nothing; our cleaner did. Decision and facts follow the text; no revision is made."""
        self.touch(article_id, content_hash=judged.article.content_hash, cleaner_version=judged.article.cleaner_version)
        self.decide(judged, article_id)
        self.mention(judged, article_id)
        self._looked(judged.entry, "recleaned")
        if not judged.relevant:
            self.give_outcome(judged, article_id, Reason.REPLAYED)

    def _duplicate(self, judged: Judged, there: KnownArticle, how: Reason) -> None:
        """Another entry speaks for this page. Does the page say something new, that entry is looked at again."""
        entry = judged.entry
        self.rows.outcomes[entry.entry_id] = outcome_row(
            entry.entry_id,
            Outcome.DUPLICATE,
            how,
            self.now,
            attempts=entry.attempts,
            article_id=there.article_id,
            duplicate_of=there.entry_id,
        )
        self.touch(there.article_id)  # the page is there
        if judged.article.content_hash == there.content_hash or there.entry_id in self.rows.outcomes:
            return
        if there.outcome is Outcome.LOADED and there.entry_id not in self.rows.rechecked:
            self.rows.recheck_later[there.entry_id] = {"entry_id": there.entry_id, "recheck_at": self.now}
        elif there.outcome is Outcome.OFF_TOPIC and judged.relevant:
            self.rows.outcomes[there.entry_id] = outcome_row(
                there.entry_id, Outcome.PENDING, Reason.ENTRY_CHANGED, self.now, due=self.now
            )

    def _failed_look(self, rejection: Rejection) -> None:
        """A second look at a loaded entry brought no valid page: the article stays, what was seen is written down."""
        entry = rejection.entry
        if rejection.outcome is Outcome.GONE and entry.article_id:
            self.touch(entry.article_id, withdrawn_at=self.now)
            self.rows.silent.append(entry.entry_id)
            self._looked(entry, "withdrawn", rejection.detail)
        elif rejection.outcome is Outcome.QUARANTINED:
            self._looked(entry, "quarantined", rejection.detail)
        elif rejection.outcome is Outcome.PENDING:
            self._looked(entry, "failed", rejection.reason, again=rejection)
        else:
            self._looked(entry, "failed", rejection.reason)

    def _quarantine(self, rejection: Rejection) -> None:
        entry, judged = rejection.entry, rejection.judged
        name = identity.mint("q", entry.entry_id, judged.article.content_hash if judged else rejection.detail)
        versions = (name, *(f"{name}-{number}" for number in range(2, 1_000)))
        quarantine_id = next(v for v in versions if self.in_quarantine.get(v) in (None, "open"))
        if quarantine_id in self.in_quarantine:
            return  # the same row broke the same rules before, and nobody has decided on it yet
        self.in_quarantine[quarantine_id] = "open"
        violations = rejection.violations or (Violation(Reason.ERROR, "", rejection.detail[:500]),)
        self.rows.quarantine.append(
            {
                "quarantine_id": quarantine_id,
                "entry_id": entry.entry_id,
                "rule": violations[0].rule,
                "column_name": violations[0].column,
                "value": violations[0].value,
                "violations": [{"rule": v.rule, "column": v.column, "value": v.value} for v in violations],
                "payload": to_payload(judged) if judged else "{}",
                "created_at": self.now,
            }
        )

    def give_outcome(self, judged: Judged, article_id: str, why: Reason | None = None) -> None:
        """`loaded` or `off_topic`, as the topics decided; `why` where the present outcome does not tell it."""
        entry = judged.entry
        outcome = Outcome.LOADED if judged.relevant else Outcome.OFF_TOPIC
        reason = Reason.ON_TOPIC if judged.relevant else _why_dropped(judged.verdicts)
        if entry.outcome is not Outcome.PENDING:
            reason = Reason.RELEASED if entry.outcome is Outcome.QUARANTINED else Reason.PAGE_CHANGED
        self.rows.outcomes[entry.entry_id] = outcome_row(
            entry.entry_id,
            outcome,
            why or reason,
            self.now,
            attempts=entry.attempts,
            article_id=article_id,
        )

    def _reclean(self, article: Article, article_id: str) -> None:
        self.rows.recleaned[article_id] = recleaned_row(article, article_id, None, self.now)

    def _looked(self, entry: Entry, result: str, detail: str = "", again: Rejection | None = None) -> None:
        self.rows.recheck_later.pop(entry.entry_id, None)  # what a duplicate asked for earlier in the batch is done
        self.rows.rechecked[entry.entry_id] = {
            "entry_id": entry.entry_id,
            "rechecked_at": self.now,
            "result": result,
            "detail": detail or None,
            "attempts": entry.attempts + again.spent if again else 0,
            "next_recheck_at": again.retry_at if again else None,
        }

    def touch(self, article_id: str, **values: object) -> None:
        """The article is there; what is given changes in its row."""
        row = self.rows.touched.setdefault(
            article_id,
            {
                "article_id": article_id,
                "entry_id": None,
                "content_hash": None,
                "cleaner_version": None,
                "loaded_at": None,
                "withdrawn_at": None,
            },
        )
        row.update(values)

    def _addresses(self, article: Article, article_id: str) -> None:
        free = identity.new_addresses(article, self.known)
        self.rows.urls += [
            {"url": url, "article_id": article_id, "kind": kind, "first_seen_at": self.now} for kind, url in free
        ]
        if there := self.known.by_id(article_id):
            self.known.put(replace(there, urls=there.urls | {url for _, url in free}))

    def revise(self, judged: Judged, article_id: str, change: str) -> None:
        """A new current revision, with its facts."""
        article = judged.article
        publisher = publisher_row(article, self.publishers)
        self.rows.publishers[publisher["publisher_id"]] = publisher
        self.rows.revisions[article_id] = revision_row(article, article_id, change, self.now)
        self.mention(judged, article_id)

    def mention(self, judged: Judged, article_id: str) -> None:
        """The facts read from the article, in place of those before."""
        self.rows.mentioned.append(article_id)
        self.rows.mentions += [
            {
                "article_id": article_id,
                "entity_id": m.entity_id,
                "name": m.name,
                "kind": m.kind,
                "count": m.count,
                "in_title": m.in_title,
                "first_start": m.first_start,
            }
            for m in judged.mentions
        ]

    def decide(self, judged: Judged, article_id: str) -> None:
        """The decisions of all topics."""
        self.rows.decisions += [
            _decision_row(verdict, judged.article, article_id, self.now) for verdict in judged.verdicts
        ]

    def _fetch(self, fetch: Fetch | None) -> None:
        if fetch:
            self.rows.fetches.append(fetch_row(fetch))


def fetch_row(fetch: Fetch) -> Row:
    """A row of `load/add_fetches.sql`."""
    return {
        "kind": fetch.kind,
        "feed_id": fetch.feed_id,
        "entry_id": fetch.entry_id,
        "url": fetch.url,
        "final_url": fetch.final_url,
        "status": fetch.status,
        "error": fetch.error,
        "bytes": fetch.size,
        "duration_ms": fetch.duration_ms,
        "attempt": fetch.attempt,
        "requested_at": fetch.requested_at,
        "archive_file": fetch.archive_file,
        "archive_offset": fetch.archive_offset,
    }


def publisher_row(article: Article, publishers: Publishers) -> Row:
    """A row of `load/add_publishers.sql`: who publishes this article."""
    publisher = publishers.of(article.url, article.publisher, article.language)
    return {
        "publisher_id": publisher.id,
        "name": publisher.name,
        "domains": list(publisher.domains),
        "family": publisher.family,
        "country": publisher.country,
        "language": publisher.language,
    }


def recleaned_row(article: Article, article_id: str, revision: int | None, now: datetime) -> Row:
    """A row of `load/reclean_revisions.sql`; `revision` None is the current one."""
    return {
        "article_id": article_id,
        "revision": revision,
        "title": article.title,
        "text": article.text,
        "language": article.language,
        "author": article.author,
        "canonical_url": article.canonical_url,
        **date_row(article.published),
        "modified_at": article.modified_at,
        "details": asdict(article.details),
        "word_count": article.word_count,
        "content_hash": article.content_hash,
        "extractor": article.extractor,
        "cleaner_version": article.cleaner_version,
        "recleaned_at": now,
    }


def revision_row(article: Article, article_id: str, change: str, now: datetime) -> Row:
    """A row of `load/add_revisions.sql`."""
    fetch, of_feed = article.fetch, article.entry.feed_record
    file, offset = (fetch.archive_file, fetch.archive_offset) if fetch else of_feed or (None, None)
    return {
        "article_id": article_id,
        "change": change,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "title": article.title,
        "text": article.text,
        "language": article.language,
        "publisher_id": article.publisher_id,
        "publisher": article.publisher,
        "author": article.author,
        **date_row(article.published),
        "modified_at": article.modified_at,
        "details": asdict(article.details),
        "fetched_at": article.fetched_at,
        "word_count": article.word_count,
        "content_hash": article.content_hash,
        "extractor": article.extractor,
        "cleaner_version": article.cleaner_version,
        "seen_from": article.fetched_at,
        "recorded_at": now,
        "archive_file": file,
        "archive_offset": offset,
    }


def _decision_row(verdict: Verdict, article: Article, article_id: str, now: datetime) -> Row:
    return {
        "entry_id": article.entry.entry_id,
        "article_id": article_id,
        "topic_id": verdict.topic_id,
        "relevant": verdict.relevant,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "rule_version": verdict.rule_version,
        "content_hash": article.content_hash,
        "matches": [{"facet": facet, "n": n} for facet, n in sorted(verdict.matches.items())],
        "evidence": [asdict(shown) for shown in verdict.evidence],
        "decided_at": now,
    }


def _why_dropped(verdicts: Sequence[Verdict]) -> Reason:
    """The reason of the topic that came nearest."""
    return max(verdicts, key=lambda v: v.score - v.threshold).reason if verdicts else Reason.FACET_MISSING


def _ask(
    url: str | None = None, article_id: str | None = None, site: str | None = None, content_hash: str | None = None
) -> Row:
    return {"url": url, "article_id": article_id, "site": site, "content_hash": content_hash}
