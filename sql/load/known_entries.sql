-- What the ledger knows of these entries of feed documents (feed, key, GUID): those with the key, and of those with the
-- GUID the newest, a recycled one having many. `read_at`: when the page was last asked for, by the entry itself or by the
-- one that speaks for it; `reads`: how often since `$since`. The newest come first.
WITH given AS (
    SELECT item.* FROM unnest($rows::STRUCT(feed_id VARCHAR, entry_key VARCHAR, guid VARCHAR)[]) AS parameter(item)
), guids AS (
    SELECT DISTINCT feed_id, guid FROM given WHERE guid IS NOT NULL
), found AS (
    SELECT e.entry_id FROM ledger.entries AS e SEMI JOIN given USING (feed_id, entry_key)
    UNION
    (SELECT e.entry_id FROM ledger.entries AS e SEMI JOIN guids USING (feed_id, guid)
     QUALIFY row_number() OVER (PARTITION BY e.feed_id, e.guid ORDER BY e.first_seen_at DESC, e.entry_id) <= 20)
), known AS (
    SELECT e.feed_id, e.entry_key, e.entry_id, e.guid, e.url, e.title, e.published_raw, e.published_at,
           e.published_on, e.published_precision, e.date_flag, e.fingerprint, e.outcome, e.duplicate_of, e.first_seen_at
    FROM ledger.entries AS e SEMI JOIN found USING (entry_id)
), read AS (
    SELECT f.entry_id, max(f.requested_at) AS read_at, count(*) FILTER (f.requested_at > $since) AS reads
    FROM ledger.fetches AS f
    WHERE f.entry_id IN (SELECT coalesce(duplicate_of, entry_id) FROM known) AND f.kind = 'page'
    GROUP BY f.entry_id
)
SELECT known.* EXCLUDE (first_seen_at), o.outcome AS outcome_of_original, read.read_at, coalesce(read.reads, 0) AS reads
FROM known
LEFT JOIN ledger.entries AS o ON o.entry_id = known.duplicate_of
LEFT JOIN read ON read.entry_id = coalesce(known.duplicate_of, known.entry_id)
ORDER BY known.first_seen_at DESC, known.entry_id;
