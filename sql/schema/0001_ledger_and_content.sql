-- The first schema: the ledger (feeds, entries, their history, runs, requests) and the content (articles, revisions,
-- decisions, facts). No keys or indexes: every file in sql/load/ refuses a doubled key by itself, and sql/checks/
-- looks again. All times are TIMESTAMPTZ.

CREATE SCHEMA content;

-- One row: what this file is.
CREATE TABLE ledger.state (
    commit_number BIGINT NOT NULL,
    marts_hash VARCHAR,
    copied_at TIMESTAMPTZ,
    rule_versions MAP(VARCHAR, VARCHAR) NOT NULL
);
INSERT INTO ledger.state VALUES (0, NULL, NULL, MAP {});

-- The closed table of changes of outcome; NULL = the entry is new.
CREATE TABLE ledger.transitions (previous VARCHAR, outcome VARCHAR NOT NULL);
INSERT INTO ledger.transitions VALUES
    (NULL, 'pending'),
    ('pending', 'pending'), ('pending', 'loaded'), ('pending', 'off_topic'), ('pending', 'duplicate'),
    ('pending', 'empty'), ('pending', 'unreachable'), ('pending', 'gone'), ('pending', 'blocked'),
    ('pending', 'quarantined'),
    ('empty', 'pending'), ('unreachable', 'pending'), ('gone', 'pending'), ('blocked', 'pending'),
    ('off_topic', 'pending'),
    ('off_topic', 'loaded'), ('loaded', 'off_topic'),
    ('quarantined', 'loaded'), ('quarantined', 'off_topic'), ('quarantined', 'duplicate');

CREATE TABLE ledger.runs (
    run_number BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    flow VARCHAR NOT NULL,
    engine_run_id VARCHAR,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    status VARCHAR NOT NULL,
    message VARCHAR,
    due BIGINT NOT NULL,
    reconciled BOOLEAN,
    feeds_polled BIGINT,
    feeds_not_modified BIGINT,
    feeds_failed BIGINT,
    entries_seen BIGINT,
    entries_new BIGINT,
    reopened BIGINT,
    rechecked BIGINT,
    pending BIGINT,
    loaded BIGINT,
    off_topic BIGINT,
    duplicate BIGINT,
    empty BIGINT,
    unreachable BIGINT,
    gone BIGINT,
    blocked BIGINT,
    quarantined BIGINT
);

CREATE TABLE ledger.feeds (
    feed_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    country VARCHAR NOT NULL,
    timezone VARCHAR NOT NULL,
    every_seconds BIGINT NOT NULL,
    full_text BOOLEAN NOT NULL,
    retired_at TIMESTAMPTZ,
    observed_since TIMESTAMPTZ,
    etag VARCHAR,
    last_modified VARCHAR,
    body_hash VARCHAR,
    last_attempt_at TIMESTAMPTZ,
    last_success_at TIMESTAMPTZ,
    next_poll_at TIMESTAMPTZ,
    interval_seconds BIGINT,
    consecutive_failures BIGINT NOT NULL
);

CREATE TABLE ledger.polls (
    run_id VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    polled_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    error VARCHAR,
    entries_seen BIGINT NOT NULL,
    entries_new BIGINT NOT NULL,
    entries_changed BIGINT NOT NULL
);

CREATE TABLE ledger.coverage_gaps (
    feed_id VARCHAR NOT NULL,
    gap_from TIMESTAMPTZ NOT NULL,
    gap_until TIMESTAMPTZ,
    cause VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);

CREATE TABLE ledger.entries (
    entry_id VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    entry_key VARCHAR NOT NULL,
    guid VARCHAR,
    url VARCHAR,
    title VARCHAR NOT NULL,
    author VARCHAR,
    summary VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    published_raw VARCHAR,
    published_at TIMESTAMPTZ,
    published_on DATE,
    published_precision VARCHAR NOT NULL,
    date_flag VARCHAR,
    fingerprint VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    first_run_id VARCHAR NOT NULL,
    changed_at TIMESTAMPTZ,
    outcome VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR,
    run_id VARCHAR NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at TIMESTAMPTZ,
    recheck_at TIMESTAMPTZ,
    article_id VARCHAR,
    duplicate_of VARCHAR
);

CREATE TABLE ledger.entry_history (
    history_number BIGINT NOT NULL,
    entry_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR,
    next_attempt_at TIMESTAMPTZ,
    run_id VARCHAR NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE ledger.rechecks (
    entry_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    rechecked_at TIMESTAMPTZ NOT NULL,
    result VARCHAR NOT NULL,
    detail VARCHAR
);

CREATE TABLE ledger.fetches (
    run_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    feed_id VARCHAR,
    entry_id VARCHAR,
    url VARCHAR NOT NULL,
    final_url VARCHAR,
    status BIGINT,
    error VARCHAR,
    bytes BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    archive_file VARCHAR,
    archive_offset BIGINT
);

CREATE TABLE ledger.quarantine (
    quarantine_id VARCHAR NOT NULL,
    entry_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    value VARCHAR,
    violations STRUCT("rule" VARCHAR, "column" VARCHAR, "value" VARCHAR)[] NOT NULL,
    payload JSON NOT NULL,
    status VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_by VARCHAR,
    note VARCHAR
);

CREATE TABLE content.publishers (
    publisher_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    domains VARCHAR[] NOT NULL,
    family VARCHAR,
    country VARCHAR,
    language VARCHAR
);

-- Every cleaned page has an article id, on topic or not; what analysts see is chosen by the entry's outcome.
CREATE TABLE content.articles (
    article_id VARCHAR NOT NULL,
    entry_id VARCHAR NOT NULL,
    site VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    loaded_at TIMESTAMPTZ,
    withdrawn_at TIMESTAMPTZ,
    story_id VARCHAR
);

CREATE TABLE content.article_urls (
    url VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE content.article_revisions (
    article_id VARCHAR NOT NULL,
    revision BIGINT NOT NULL,
    is_current BOOLEAN NOT NULL,
    change VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    canonical_url VARCHAR,
    title VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    publisher_id VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    author VARCHAR,
    published_raw VARCHAR,
    published_at TIMESTAMPTZ,
    published_on DATE,
    published_precision VARCHAR NOT NULL,
    date_flag VARCHAR,
    modified_at TIMESTAMPTZ,
    fetched_at TIMESTAMPTZ NOT NULL,
    word_count BIGINT NOT NULL,
    content_hash VARCHAR NOT NULL,
    extractor VARCHAR NOT NULL,
    cleaner_version VARCHAR NOT NULL,
    seen_from TIMESTAMPTZ NOT NULL,
    seen_until TIMESTAMPTZ,
    recorded_at TIMESTAMPTZ NOT NULL,
    recleaned_at TIMESTAMPTZ,
    run_id VARCHAR NOT NULL,
    archive_file VARCHAR,
    archive_offset BIGINT
);

CREATE TABLE content.decisions (
    entry_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL,
    relevant BOOLEAN NOT NULL,
    score DOUBLE NOT NULL,
    threshold DOUBLE NOT NULL,
    rule_version VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    matches MAP(VARCHAR, BIGINT) NOT NULL,
    evidence STRUCT(
        "facet" VARCHAR, "entity" VARCHAR, "term" VARCHAR, "field" VARCHAR, "language" VARCHAR, "start" BIGINT,
        "snippet" VARCHAR)[] NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    run_id VARCHAR NOT NULL,
    is_current BOOLEAN NOT NULL
);

CREATE TABLE content.mentions (
    article_id VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    "count" BIGINT NOT NULL,
    in_title BOOLEAN NOT NULL,
    first_start BIGINT NOT NULL
);

CREATE TABLE content.attributions (
    article_id VARCHAR NOT NULL,
    source_entity_id VARCHAR,
    source_name VARCHAR NOT NULL,
    quote VARCHAR NOT NULL,
    start BIGINT NOT NULL,
    language VARCHAR NOT NULL
);

CREATE TABLE content.figures (
    article_id VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    unit VARCHAR NOT NULL,
    direction VARCHAR,
    subject VARCHAR,
    period VARCHAR,
    sentence VARCHAR NOT NULL,
    start BIGINT NOT NULL
);

CREATE TABLE content.claims (
    article_id VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    relation VARCHAR NOT NULL,
    object VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    source_name VARCHAR,
    sentence VARCHAR NOT NULL,
    start BIGINT NOT NULL
);

CREATE TABLE content.stories (story_id VARCHAR NOT NULL, title VARCHAR NOT NULL);

CREATE TABLE content.story_articles (
    story_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    evidence VARCHAR
);

COMMENT ON TABLE ledger.state IS 'What this file is: one row.';
COMMENT ON COLUMN ledger.state."commit_number" IS 'Number of the last change in it.';
COMMENT ON COLUMN ledger.state."marts_hash" IS 'Hash of the files in sql/marts that made the views.';
COMMENT ON COLUMN ledger.state."copied_at" IS 'When this copy was taken (UTC).';
COMMENT ON COLUMN ledger.state."rule_versions" IS 'The rules in force, by topic.';
COMMENT ON TABLE ledger.transitions IS 'The closed table of changes of outcome.';
COMMENT ON COLUMN ledger.transitions."previous" IS 'The outcome before; NULL: the entry is new.';
COMMENT ON COLUMN ledger.transitions."outcome" IS 'What became of it: pending, loaded, off_topic, duplicate, empty, unreachable, gone, blocked or quarantined.';
COMMENT ON TABLE ledger.runs IS 'Runs and their counts; see the view runs.';
COMMENT ON COLUMN ledger.runs."run_number" IS 'Order of runs, from 1.';
COMMENT ON COLUMN ledger.runs."run_id" IS 'The run.';
COMMENT ON COLUMN ledger.runs."flow" IS 'What ran: ingest, release ...';
COMMENT ON COLUMN ledger.runs."engine_run_id" IS 'The run''s id in the workflow engine.';
COMMENT ON COLUMN ledger.runs."started_at" IS 'Start (UTC); decides what is due.';
COMMENT ON COLUMN ledger.runs."ended_at" IS 'End (UTC).';
COMMENT ON COLUMN ledger.runs."status" IS 'running, completed, degraded, failed, crashed or cancelled.';
COMMENT ON COLUMN ledger.runs."message" IS 'In words, where something is to be said.';
COMMENT ON COLUMN ledger.runs."due" IS 'Entries that were due at the start.';
COMMENT ON COLUMN ledger.runs."reconciled" IS 'Whether due + new + reopened = outcomes given + pending.';
COMMENT ON COLUMN ledger.runs."feeds_polled" IS 'Feeds asked.';
COMMENT ON COLUMN ledger.runs."feeds_not_modified" IS 'Of them: unchanged.';
COMMENT ON COLUMN ledger.runs."feeds_failed" IS 'Of them: not readable.';
COMMENT ON COLUMN ledger.runs."entries_seen" IS 'Entries in the documents read.';
COMMENT ON COLUMN ledger.runs."entries_new" IS 'Of them: never seen before.';
COMMENT ON COLUMN ledger.runs."reopened" IS 'Entries made pending again.';
COMMENT ON COLUMN ledger.runs."rechecked" IS 'Loaded entries looked at again; outside the equation.';
COMMENT ON COLUMN ledger.runs."pending" IS 'Entries of due, new and reopened that the run left pending.';
COMMENT ON COLUMN ledger.runs."loaded" IS 'Outcomes `loaded` that the run gave.';
COMMENT ON COLUMN ledger.runs."off_topic" IS 'Outcomes `off_topic` that the run gave.';
COMMENT ON COLUMN ledger.runs."duplicate" IS 'Outcomes `duplicate` that the run gave.';
COMMENT ON COLUMN ledger.runs."empty" IS 'Outcomes `empty` that the run gave.';
COMMENT ON COLUMN ledger.runs."unreachable" IS 'Outcomes `unreachable` that the run gave.';
COMMENT ON COLUMN ledger.runs."gone" IS 'Outcomes `gone` that the run gave.';
COMMENT ON COLUMN ledger.runs."blocked" IS 'Outcomes `blocked` that the run gave.';
COMMENT ON COLUMN ledger.runs."quarantined" IS 'Outcomes `quarantined` that the run gave.';
COMMENT ON TABLE ledger.feeds IS 'Feeds as configured, and what polling taught about them.';
COMMENT ON COLUMN ledger.feeds."feed_id" IS 'The feed.';
COMMENT ON COLUMN ledger.feeds."url" IS 'Its address as configured.';
COMMENT ON COLUMN ledger.feeds."title" IS 'Its title.';
COMMENT ON COLUMN ledger.feeds."language" IS 'ISO 639-1 code.';
COMMENT ON COLUMN ledger.feeds."country" IS 'ISO 3166 code.';
COMMENT ON COLUMN ledger.feeds."timezone" IS 'Zone of dates that carry none.';
COMMENT ON COLUMN ledger.feeds."every_seconds" IS 'The shortest interval between polls, in seconds.';
COMMENT ON COLUMN ledger.feeds."full_text" IS 'Whether it carries whole articles.';
COMMENT ON COLUMN ledger.feeds."retired_at" IS 'When it left the configuration (UTC).';
COMMENT ON COLUMN ledger.feeds."observed_since" IS 'Our first successful poll (UTC).';
COMMENT ON COLUMN ledger.feeds."etag" IS 'Validator of the last document read.';
COMMENT ON COLUMN ledger.feeds."last_modified" IS 'Validator of the last document read.';
COMMENT ON COLUMN ledger.feeds."body_hash" IS 'SHA-256 of the last document read.';
COMMENT ON COLUMN ledger.feeds."last_attempt_at" IS 'Last poll (UTC).';
COMMENT ON COLUMN ledger.feeds."last_success_at" IS 'Last time it was read (UTC).';
COMMENT ON COLUMN ledger.feeds."next_poll_at" IS 'When it is due (UTC).';
COMMENT ON COLUMN ledger.feeds."interval_seconds" IS 'The present interval, in seconds.';
COMMENT ON COLUMN ledger.feeds."consecutive_failures" IS 'Polls failed in a row.';
COMMENT ON TABLE ledger.polls IS 'One row a poll of a feed.';
COMMENT ON COLUMN ledger.polls."run_id" IS 'The run that gave the outcome.';
COMMENT ON COLUMN ledger.polls."feed_id" IS 'The feed.';
COMMENT ON COLUMN ledger.polls."polled_at" IS 'When (UTC).';
COMMENT ON COLUMN ledger.polls."status" IS 'changed, not_modified or failed.';
COMMENT ON COLUMN ledger.polls."error" IS 'Why it failed.';
COMMENT ON COLUMN ledger.polls."entries_seen" IS 'Entries in the documents read.';
COMMENT ON COLUMN ledger.polls."entries_new" IS 'Of them: never seen before.';
COMMENT ON COLUMN ledger.polls."entries_changed" IS 'Known entries that the publisher changed.';
COMMENT ON TABLE ledger.coverage_gaps IS 'Spans in which a feed was not seen whole.';
COMMENT ON COLUMN ledger.coverage_gaps."feed_id" IS 'The feed.';
COMMENT ON COLUMN ledger.coverage_gaps."gap_from" IS 'The last successful poll before (UTC); the first attempt where there was none.';
COMMENT ON COLUMN ledger.coverage_gaps."gap_until" IS 'When it was read again (UTC); NULL: still open.';
COMMENT ON COLUMN ledger.coverage_gaps."cause" IS 'unreachable or overflow (a poll found every entry new, so some were probably missed).';
COMMENT ON COLUMN ledger.coverage_gaps."run_id" IS 'The run that noticed.';
COMMENT ON TABLE ledger.entries IS 'Every feed entry ever seen, with its current outcome.';
COMMENT ON COLUMN ledger.entries."entry_id" IS 'Minted once for feed and GUID (or link); never changes.';
COMMENT ON COLUMN ledger.entries."feed_id" IS 'The feed.';
COMMENT ON COLUMN ledger.entries."entry_key" IS 'What identifies the entry within its feed.';
COMMENT ON COLUMN ledger.entries."guid" IS 'The publisher''s identifier as written; NULL if there is none.';
COMMENT ON COLUMN ledger.entries."url" IS 'The entry''s link; NULL if it has none.';
COMMENT ON COLUMN ledger.entries."title" IS 'Title as plain text.';
COMMENT ON COLUMN ledger.entries."author" IS 'Author as the feed names it.';
COMMENT ON COLUMN ledger.entries."summary" IS 'Summary as served (HTML).';
COMMENT ON COLUMN ledger.entries."content" IS 'Text as served in the feed (HTML).';
COMMENT ON COLUMN ledger.entries."published_raw" IS 'The date as the feed wrote it.';
COMMENT ON COLUMN ledger.entries."published_at" IS 'That date as an instant (UTC); NULL if unknown.';
COMMENT ON COLUMN ledger.entries."published_on" IS 'That day in the feed''s zone.';
COMMENT ON COLUMN ledger.entries."published_precision" IS 'second, minute, day or unknown.';
COMMENT ON COLUMN ledger.entries."date_flag" IS 'Why a stated date is not believed; NULL otherwise.';
COMMENT ON COLUMN ledger.entries."fingerprint" IS 'Hash of title, link, date and visible text: changes when the publisher changes the entry.';
COMMENT ON COLUMN ledger.entries."first_seen_at" IS 'Our first poll that showed the entry (UTC).';
COMMENT ON COLUMN ledger.entries."first_run_id" IS 'The run that first saw it.';
COMMENT ON COLUMN ledger.entries."changed_at" IS 'When the publisher last changed the entry in the feed (UTC).';
COMMENT ON COLUMN ledger.entries."outcome" IS 'What became of it: pending, loaded, off_topic, duplicate, empty, unreachable, gone, blocked or quarantined.';
COMMENT ON COLUMN ledger.entries."reason" IS 'Why, from the closed list of the data dictionary.';
COMMENT ON COLUMN ledger.entries."detail" IS 'A few words on the single case.';
COMMENT ON COLUMN ledger.entries."run_id" IS 'The run that gave the outcome.';
COMMENT ON COLUMN ledger.entries."attempts" IS 'Failed attempts so far.';
COMMENT ON COLUMN ledger.entries."next_attempt_at" IS 'When it is due (UTC); NULL unless pending.';
COMMENT ON COLUMN ledger.entries."recheck_at" IS 'When a loaded entry is to be looked at again (UTC); NULL: not asked for.';
COMMENT ON COLUMN ledger.entries."article_id" IS 'The article that its page is; NULL if none was read.';
COMMENT ON COLUMN ledger.entries."duplicate_of" IS 'The entry that speaks for the same page; NULL unless duplicate.';
COMMENT ON TABLE ledger.entry_history IS 'Every outcome ever given.';
COMMENT ON COLUMN ledger.entry_history."history_number" IS 'Order of all changes, from 1.';
COMMENT ON COLUMN ledger.entry_history."entry_id" IS 'The entry.';
COMMENT ON COLUMN ledger.entry_history."outcome" IS 'The outcome given.';
COMMENT ON COLUMN ledger.entry_history."reason" IS 'Why.';
COMMENT ON COLUMN ledger.entry_history."detail" IS 'A few words on the single case.';
COMMENT ON COLUMN ledger.entry_history."next_attempt_at" IS 'For pending: when it is due (UTC).';
COMMENT ON COLUMN ledger.entry_history."run_id" IS 'The run that gave it.';
COMMENT ON COLUMN ledger.entry_history."changed_at" IS 'When (UTC).';
COMMENT ON TABLE ledger.rechecks IS 'Second looks at loaded entries and what they showed.';
COMMENT ON COLUMN ledger.rechecks."entry_id" IS 'Minted once for feed and GUID (or link); never changes.';
COMMENT ON COLUMN ledger.rechecks."run_id" IS 'The run that gave the outcome.';
COMMENT ON COLUMN ledger.rechecks."rechecked_at" IS 'When (UTC).';
COMMENT ON COLUMN ledger.rechecks."result" IS 'unchanged, revised, withdrawn, failed, off_topic or quarantined.';
COMMENT ON COLUMN ledger.rechecks."detail" IS 'A few words on the single case.';
COMMENT ON TABLE ledger.fetches IS 'HTTP requests.';
COMMENT ON COLUMN ledger.fetches."run_id" IS 'The run.';
COMMENT ON COLUMN ledger.fetches."kind" IS 'feed, page or robots.';
COMMENT ON COLUMN ledger.fetches."feed_id" IS 'For which feed.';
COMMENT ON COLUMN ledger.fetches."entry_id" IS 'For which entry.';
COMMENT ON COLUMN ledger.fetches."url" IS 'The address asked.';
COMMENT ON COLUMN ledger.fetches."final_url" IS 'Where redirects led.';
COMMENT ON COLUMN ledger.fetches."status" IS 'HTTP status; NULL if no answer came.';
COMMENT ON COLUMN ledger.fetches."error" IS 'Why no answer was usable.';
COMMENT ON COLUMN ledger.fetches."bytes" IS 'Size of the body after decompression.';
COMMENT ON COLUMN ledger.fetches."duration_ms" IS 'How long it took, in milliseconds.';
COMMENT ON COLUMN ledger.fetches."attempt" IS 'Which attempt at this entry, from 1.';
COMMENT ON COLUMN ledger.fetches."requested_at" IS 'When (UTC).';
COMMENT ON COLUMN ledger.fetches."archive_file" IS 'WARC file under the archive folder; NULL if nothing was kept.';
COMMENT ON COLUMN ledger.fetches."archive_offset" IS 'Where the record starts in it.';
COMMENT ON TABLE ledger.quarantine IS 'Rows that failed validation, whole.';
COMMENT ON COLUMN ledger.quarantine."quarantine_id" IS 'The row''s id, for `technews quarantine`.';
COMMENT ON COLUMN ledger.quarantine."entry_id" IS 'The entry it comes from.';
COMMENT ON COLUMN ledger.quarantine."run_id" IS 'The run that put it here.';
COMMENT ON COLUMN ledger.quarantine."rule" IS 'The rule that it broke first; `error`: validation or loading itself failed on it.';
COMMENT ON COLUMN ledger.quarantine."column_name" IS 'The column.';
COMMENT ON COLUMN ledger.quarantine."value" IS 'What stood there (shortened).';
COMMENT ON COLUMN ledger.quarantine."violations" IS 'All broken rules: rule, column, value.';
COMMENT ON COLUMN ledger.quarantine."payload" IS 'The whole row.';
COMMENT ON COLUMN ledger.quarantine."status" IS 'open, released or discarded.';
COMMENT ON COLUMN ledger.quarantine."created_at" IS 'When (UTC).';
COMMENT ON COLUMN ledger.quarantine."decided_at" IS 'When an operator decided (UTC).';
COMMENT ON COLUMN ledger.quarantine."decided_by" IS 'Who decided.';
COMMENT ON COLUMN ledger.quarantine."note" IS 'Why.';
COMMENT ON TABLE content.publishers IS 'Who publishes.';
COMMENT ON COLUMN content.publishers."publisher_id" IS 'The publisher.';
COMMENT ON COLUMN content.publishers."name" IS 'Its name.';
COMMENT ON COLUMN content.publishers."domains" IS 'Its registrable domains.';
COMMENT ON COLUMN content.publishers."family" IS 'The house that it belongs to.';
COMMENT ON COLUMN content.publishers."country" IS 'ISO 3166 code.';
COMMENT ON COLUMN content.publishers."language" IS 'ISO 639-1 code.';
COMMENT ON TABLE content.articles IS 'Every page read, on topic or not, under the id minted for it.';
COMMENT ON COLUMN content.articles."article_id" IS 'Minted once for the page; never changes.';
COMMENT ON COLUMN content.articles."entry_id" IS 'The entry that speaks for it.';
COMMENT ON COLUMN content.articles."site" IS 'Registrable domain (or host and port) of the page.';
COMMENT ON COLUMN content.articles."content_hash" IS 'Of what the page says now.';
COMMENT ON COLUMN content.articles."first_seen_at" IS 'Our first poll that showed it (UTC).';
COMMENT ON COLUMN content.articles."loaded_at" IS 'When it first became a row of this view (UTC).';
COMMENT ON COLUMN content.articles."withdrawn_at" IS 'Since when the publisher answers 404 or 410 for it (UTC); NULL: still there.';
COMMENT ON COLUMN content.articles."story_id" IS 'Its story; NULL until stories are built.';
COMMENT ON TABLE content.article_urls IS 'Every address under which a page was seen.';
COMMENT ON COLUMN content.article_urls."url" IS 'The address in its one spelling.';
COMMENT ON COLUMN content.article_urls."article_id" IS 'The article.';
COMMENT ON COLUMN content.article_urls."kind" IS 'link, final or canonical.';
COMMENT ON COLUMN content.article_urls."first_seen_at" IS 'Our first poll that showed the entry (UTC).';
COMMENT ON TABLE content.article_revisions IS 'What publishers served over time.';
COMMENT ON COLUMN content.article_revisions."article_id" IS 'The article.';
COMMENT ON COLUMN content.article_revisions."revision" IS 'From 1, in the order of seen_from.';
COMMENT ON COLUMN content.article_revisions."is_current" IS 'Whether it is the latest.';
COMMENT ON COLUMN content.article_revisions."change" IS 'What changed against the revision before: new, title, text or metadata (author, published_at or canonical URL).';
COMMENT ON COLUMN content.article_revisions."url" IS 'Where it was read.';
COMMENT ON COLUMN content.article_revisions."canonical_url" IS 'The address that the page named.';
COMMENT ON COLUMN content.article_revisions."title" IS 'Title in this revision.';
COMMENT ON COLUMN content.article_revisions."text" IS 'Text in this revision.';
COMMENT ON COLUMN content.article_revisions."language" IS 'ISO 639-1 code.';
COMMENT ON COLUMN content.article_revisions."publisher_id" IS 'The publisher.';
COMMENT ON COLUMN content.article_revisions."publisher" IS 'The publisher''s name.';
COMMENT ON COLUMN content.article_revisions."author" IS 'Authors in this revision.';
COMMENT ON COLUMN content.article_revisions."published_raw" IS 'The date as the feed wrote it.';
COMMENT ON COLUMN content.article_revisions."published_at" IS 'Stated time of publication (UTC).';
COMMENT ON COLUMN content.article_revisions."published_on" IS 'That day in the feed''s zone.';
COMMENT ON COLUMN content.article_revisions."published_precision" IS 'second, minute, day or unknown.';
COMMENT ON COLUMN content.article_revisions."date_flag" IS 'Why a stated date is not believed; NULL otherwise.';
COMMENT ON COLUMN content.article_revisions."modified_at" IS 'Stated time of change (UTC).';
COMMENT ON COLUMN content.article_revisions."fetched_at" IS 'When the current revision was downloaded (UTC).';
COMMENT ON COLUMN content.article_revisions."word_count" IS 'Words; characters for Chinese and Japanese.';
COMMENT ON COLUMN content.article_revisions."content_hash" IS 'SHA-256 of title and text.';
COMMENT ON COLUMN content.article_revisions."extractor" IS 'What gave the text: the name of the extractor, or `feed`.';
COMMENT ON COLUMN content.article_revisions."cleaner_version" IS 'The cleaner that made the text.';
COMMENT ON COLUMN content.article_revisions."seen_from" IS 'When we first saw this revision (UTC).';
COMMENT ON COLUMN content.article_revisions."seen_until" IS 'When we saw the next one (UTC); NULL: current.';
COMMENT ON COLUMN content.article_revisions."recorded_at" IS 'When we wrote it down (UTC).';
COMMENT ON COLUMN content.article_revisions."recleaned_at" IS 'When a newer cleaner made its text anew from the archived page (UTC); NULL: never.';
COMMENT ON COLUMN content.article_revisions."run_id" IS 'The run that recorded it.';
COMMENT ON COLUMN content.article_revisions."archive_file" IS 'WARC file under the archive folder; NULL if nothing was kept.';
COMMENT ON COLUMN content.article_revisions."archive_offset" IS 'Where the record starts in it.';
COMMENT ON TABLE content.decisions IS 'Decisions of topics, present and past.';
COMMENT ON COLUMN content.decisions."entry_id" IS 'The entry that was judged.';
COMMENT ON COLUMN content.decisions."article_id" IS 'The article judged.';
COMMENT ON COLUMN content.decisions."topic_id" IS 'The topic.';
COMMENT ON COLUMN content.decisions."relevant" IS 'Whether the topic keeps it.';
COMMENT ON COLUMN content.decisions."score" IS 'The score.';
COMMENT ON COLUMN content.decisions."threshold" IS 'The score from which a piece is kept.';
COMMENT ON COLUMN content.decisions."rule_version" IS 'The rules that decided: topic and a hash of everything they rest on.';
COMMENT ON COLUMN content.decisions."content_hash" IS 'The text that was judged.';
COMMENT ON COLUMN content.decisions."matches" IS 'Number of matches per facet.';
COMMENT ON COLUMN content.decisions."evidence" IS 'The best matches: facet, entity, term, field, language, start (0-based code point), snippet.';
COMMENT ON COLUMN content.decisions."decided_at" IS 'When (UTC).';
COMMENT ON COLUMN content.decisions."run_id" IS 'The run that decided.';
COMMENT ON COLUMN content.decisions."is_current" IS 'Whether it is the present decision.';
COMMENT ON TABLE content.mentions IS 'Entities named in articles.';
COMMENT ON COLUMN content.mentions."article_id" IS 'The article.';
COMMENT ON COLUMN content.mentions."entity_id" IS 'The entity.';
COMMENT ON COLUMN content.mentions."name" IS 'Its common English name.';
COMMENT ON COLUMN content.mentions."kind" IS 'company, person, product, model, regulator, media, research, organization or place.';
COMMENT ON COLUMN content.mentions."count" IS 'How often it is named.';
COMMENT ON COLUMN content.mentions."in_title" IS 'Whether the title names it.';
COMMENT ON COLUMN content.mentions."first_start" IS '0-based code point of its first naming in the text; -1: in the title only.';
COMMENT ON TABLE content.attributions IS 'Statements with a source.';
COMMENT ON COLUMN content.attributions."article_id" IS 'The article.';
COMMENT ON COLUMN content.attributions."source_entity_id" IS 'The source as an entity; NULL if unknown.';
COMMENT ON COLUMN content.attributions."source_name" IS 'The source''s name.';
COMMENT ON COLUMN content.attributions."quote" IS 'The sentence.';
COMMENT ON COLUMN content.attributions."start" IS '0-based code point in the text.';
COMMENT ON COLUMN content.attributions."language" IS 'ISO 639-1 code.';
COMMENT ON TABLE content.figures IS 'Quantities claimed about the world.';
COMMENT ON COLUMN content.figures."article_id" IS 'The article.';
COMMENT ON COLUMN content.figures."value" IS 'In base units: 1.4 billion = 1400000000.';
COMMENT ON COLUMN content.figures."unit" IS 'percent, percentage_point, usd, eur, cny, hkd or count.';
COMMENT ON COLUMN content.figures."direction" IS 'up, down or level.';
COMMENT ON COLUMN content.figures."subject" IS 'What is counted.';
COMMENT ON COLUMN content.figures."period" IS 'The span it speaks of.';
COMMENT ON COLUMN content.figures."sentence" IS 'The sentence.';
COMMENT ON COLUMN content.figures."start" IS '0-based code point in the text.';
COMMENT ON TABLE content.claims IS 'Who is said to do what with whom.';
COMMENT ON COLUMN content.claims."article_id" IS 'The article.';
COMMENT ON COLUMN content.claims."subject" IS 'Who acts.';
COMMENT ON COLUMN content.claims."relation" IS 'partners_with, in_talks_with, dropped, supplies, competes_with, invests_in, files_with, approved_by, blocked_by, investigates or launches.';
COMMENT ON COLUMN content.claims."object" IS 'With whom or on what.';
COMMENT ON COLUMN content.claims."status" IS 'reported, confirmed or denied.';
COMMENT ON COLUMN content.claims."source_name" IS 'Who says so.';
COMMENT ON COLUMN content.claims."sentence" IS 'The sentence.';
COMMENT ON COLUMN content.claims."start" IS '0-based code point in the text.';
COMMENT ON TABLE content.stories IS 'Events told by several articles.';
COMMENT ON COLUMN content.stories."story_id" IS 'The story.';
COMMENT ON COLUMN content.stories."title" IS 'Its title.';
COMMENT ON TABLE content.story_articles IS 'Articles of stories.';
COMMENT ON COLUMN content.story_articles."story_id" IS 'The story.';
COMMENT ON COLUMN content.story_articles."article_id" IS 'The article.';
COMMENT ON COLUMN content.story_articles."role" IS 'original, follow_up or syndicated.';
COMMENT ON COLUMN content.story_articles."evidence" IS 'Why.';
