-- What a batch of polls brought, and the feeds' state after it.
CREATE OR REPLACE TEMP TABLE given AS
SELECT item.* FROM unnest($rows::STRUCT(
        feed_id VARCHAR, status VARCHAR, error VARCHAR, entries_seen BIGINT, entries_new BIGINT,
        entries_changed BIGINT, entries_repeated BIGINT, trouble VARCHAR, etag VARCHAR, last_modified VARCHAR, body_hash VARCHAR,
        observed_since TIMESTAMPTZ, last_attempt_at TIMESTAMPTZ, last_success_at TIMESTAMPTZ,
        next_poll_at TIMESTAMPTZ, interval_seconds BIGINT, consecutive_failures BIGINT,
        failure_score BIGINT, rate DOUBLE, listed BIGINT, asked_wait_seconds BIGINT, next_poll_reason VARCHAR,
        moved_to VARCHAR, document_at TIMESTAMPTZ, idle_document_at TIMESTAMPTZ, validators_lie BOOLEAN)[]) AS parameter(item);

INSERT INTO ledger.polls BY NAME
SELECT
    $run_id AS run_id,
    if(count(*) OVER (PARTITION BY feed_id) > 1
       OR EXISTS (FROM ledger.polls AS old WHERE old.run_id = $run_id AND old.feed_id = given.feed_id),
       error('double key ' || feed_id), feed_id) AS feed_id,
    last_attempt_at AS polled_at, status, error, trouble, entries_seen, entries_new, entries_changed,
    entries_repeated
FROM given;

UPDATE ledger.feeds SET
    etag = given.etag,
    last_modified = given.last_modified,
    body_hash = given.body_hash,
    observed_since = given.observed_since,
    last_attempt_at = given.last_attempt_at,
    last_success_at = given.last_success_at,
    next_poll_at = given.next_poll_at,
    interval_seconds = given.interval_seconds,
    consecutive_failures = given.consecutive_failures,
    failure_score = given.failure_score,
    rate = given.rate,
    listed = given.listed,
    asked_wait_seconds = given.asked_wait_seconds,
    next_poll_reason = given.next_poll_reason,
    moved_to = given.moved_to,
    document_at = given.document_at,
    idle_document_at = given.idle_document_at,
    validators_lie = given.validators_lie,
    last_error = if(given.status = 'failed', given.error, feeds.last_error),
    last_trouble = if(given.status = 'failed', given.trouble, feeds.last_trouble),
    repeated = if(given.status = 'changed', given.entries_repeated, feeds.repeated)
FROM given
WHERE feeds.feed_id = given.feed_id;

DROP TABLE given;
