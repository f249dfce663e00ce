-- Brings the ledger's feeds in line with the configuration: new ones are added, changed ones follow, missing ones are
-- retired and their open gap ends. A feed whose address changed is read anew, without the old address's validators.
CREATE OR REPLACE TEMP TABLE given AS
SELECT item.* FROM unnest($rows::STRUCT(
        feed_id VARCHAR, url VARCHAR, title VARCHAR, "language" VARCHAR, country VARCHAR, timezone VARCHAR,
        every_seconds BIGINT, full_text BOOLEAN)[]) AS parameter(item);

UPDATE ledger.feeds SET
    etag = if(feeds.url = given.url, feeds.etag, NULL),
    last_modified = if(feeds.url = given.url, feeds.last_modified, NULL),
    body_hash = if(feeds.url = given.url, feeds.body_hash, NULL),
    next_poll_at = if(feeds.url = given.url AND feeds.retired_at IS NULL, feeds.next_poll_at, NULL),
    moved_to = if(feeds.url = given.url, feeds.moved_to, NULL),
    document_at = if(feeds.url = given.url, feeds.document_at, NULL),
    idle_document_at = if(feeds.url = given.url, feeds.idle_document_at, NULL),
    validators_lie = feeds.url = given.url AND feeds.validators_lie,
    url = given.url,
    title = given.title,
    language = given.language,
    country = given.country,
    timezone = given.timezone,
    every_seconds = given.every_seconds,
    full_text = given.full_text,
    retired_at = NULL
FROM given
WHERE feeds.feed_id = given.feed_id;

INSERT INTO ledger.feeds BY NAME
SELECT
    * REPLACE (if(count(*) OVER (PARTITION BY feed_id) > 1, error('double key ' || feed_id), feed_id) AS feed_id),
    0 AS consecutive_failures
FROM given
WHERE feed_id NOT IN (SELECT feed_id FROM ledger.feeds);

UPDATE ledger.feeds SET retired_at = $now
WHERE retired_at IS NULL
  AND feed_id NOT IN (SELECT feed_id FROM given);

UPDATE ledger.coverage_gaps SET gap_until = $now
WHERE gap_until IS NULL
  AND feed_id IN (SELECT feed_id FROM ledger.feeds WHERE retired_at IS NOT NULL);

DROP TABLE given;
