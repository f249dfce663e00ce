-- Articles that other rules or another cleaner than the present ones have decided on or read (of all, or those fetched
-- since), each with the entry that speaks for it, its current revision, and where its page lies; in pages of $limit.
WITH wanted AS (
    SELECT item.* FROM unnest($versions::STRUCT(topic_id VARCHAR, rule_version VARCHAR)[]) AS parameter(item)
), chosen AS (
    SELECT a.article_id, a.entry_id, a.content_hash, a.cleaner_version
    FROM content.articles AS a JOIN ledger.entries AS e ON e.entry_id = a.entry_id
    WHERE e.outcome IN ('loaded', 'off_topic') AND a.article_id > $after
), present AS (
    SELECT d.entry_id, count(*) AS topics
    FROM content.decisions AS d JOIN wanted USING (topic_id, rule_version)
    WHERE d.is_current
    GROUP BY d.entry_id
), looks AS (
    SELECT f.entry_id, max_by(f.archive_file, f.requested_at) AS archive_file,
           max_by(f.archive_offset, f.requested_at) AS archive_offset, max_by(f.final_url, f.requested_at) AS final_url,
           max(f.requested_at) AS requested_at
    FROM ledger.fetches AS f SEMI JOIN chosen ON chosen.entry_id = f.entry_id
    WHERE f.kind = 'page' AND f.archive_file IS NOT NULL AND f.archive_expired_at IS NULL
    GROUP BY f.entry_id
)
SELECT
    c.article_id, c.content_hash AS stored_hash, e.entry_id, e.feed_id, e.entry_key, e.url AS link, e.title AS entry_title,
    e.author AS entry_author, e.published_raw, e.published_at, e.published_on, e.published_precision, e.date_flag,
    e.outcome, e.attempts, e.first_seen_at,
    r.revision, coalesce(r.cleaner_version, c.cleaner_version) AS cleaner_version, r.title, r.text, r.author, r.language,
    r.publisher_id, r.publisher, r.canonical_url, r.modified_at, r.details, r.content_hash, r.word_count, r.extractor,
    r.published_raw AS page_published_raw, r.published_at AS page_published_at, r.published_on AS page_published_on,
    r.published_precision AS page_published_precision, r.date_flag AS page_date_flag,
    coalesce(r.url, looks.final_url, d.url, e.url) AS url,
    coalesce(r.fetched_at, looks.requested_at, d.fetched_at, e.first_seen_at) AS fetched_at,
    coalesce(r.archive_file, looks.archive_file) AS archive_file,
    if(r.archive_file IS NULL, looks.archive_offset, r.archive_offset) AS archive_offset,
    d.source, d.source_offset
FROM chosen AS c
JOIN ledger.entries AS e ON e.entry_id = c.entry_id
LEFT JOIN content.article_revisions AS r ON r.article_id = c.article_id AND r.is_current
LEFT JOIN looks ON looks.entry_id = c.entry_id
LEFT JOIN ledger.documents AS d ON d.entry_id = c.entry_id
LEFT JOIN present ON present.entry_id = c.entry_id
WHERE (coalesce(present.topics, 0) < (SELECT count(*) FROM wanted)
       OR coalesce(r.cleaner_version, c.cleaner_version) IS DISTINCT FROM $cleaner)
  AND ($since::TIMESTAMPTZ IS NULL
       OR coalesce(r.fetched_at, looks.requested_at, d.fetched_at, e.first_seen_at) >= $since::TIMESTAMPTZ)
ORDER BY c.article_id
LIMIT $limit;
