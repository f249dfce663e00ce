-- Which of these entries (feed and key) the ledger knows, and how it stands with them. `read_at`: when the page was last
-- asked for, by the entry itself or by the one that speaks for it.
WITH known AS (
    SELECT e.feed_id, e.entry_key, e.entry_id, e.fingerprint, e.outcome, e.duplicate_of
    FROM ledger.entries AS e
    JOIN (SELECT unnest($rows::STRUCT(feed_id VARCHAR, entry_key VARCHAR)[], max_depth := 2)) AS given
    USING (feed_id, entry_key)
), read AS (
    SELECT f.entry_id, max(f.requested_at) AS read_at
    FROM ledger.fetches AS f
    WHERE f.entry_id IN (SELECT coalesce(duplicate_of, entry_id) FROM known) AND f.kind = 'page'
    GROUP BY f.entry_id
)
SELECT known.*, o.outcome AS outcome_of_original, read.read_at
FROM known
LEFT JOIN ledger.entries AS o ON o.entry_id = known.duplicate_of
LEFT JOIN read ON read.entry_id = coalesce(known.duplicate_of, known.entry_id);
