-- Articles to which documents may belong, each with the entry that speaks for it. `looked_at`: when its page was last
-- fetched, as far as the ledger knows.
WITH chosen AS (
    FROM content.articles WHERE article_id IN (SELECT unnest($ids::VARCHAR[]))
), looks AS (
    SELECT f.entry_id, max(f.requested_at) AS looked_at
    FROM ledger.fetches AS f SEMI JOIN chosen ON f.entry_id = chosen.entry_id
    WHERE f.kind = 'page' AND f.status = 200
    GROUP BY f.entry_id
)
SELECT e.entry_id, e.feed_id, e.url, e.title, e.author, e.published_raw, e.published_at, e.published_on,
       e.published_precision, e.date_flag, e.outcome, e.attempts, e.first_seen_at, chosen.article_id,
       NULL AS pending_since, chosen.content_hash,
       coalesce(greatest(looks.looked_at, d.fetched_at, r.seen_from), e.first_seen_at) AS looked_at
FROM chosen
JOIN ledger.entries AS e ON e.entry_id = chosen.entry_id
LEFT JOIN looks ON looks.entry_id = e.entry_id
LEFT JOIN ledger.documents AS d ON d.entry_id = e.entry_id
LEFT JOIN content.article_revisions AS r ON r.article_id = chosen.article_id AND r.is_current;
