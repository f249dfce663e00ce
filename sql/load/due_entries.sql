-- Entries that are due (of these ids, or NULL = of all), without the text that their feed carries: an entry's place in
-- the queue must stay small. `pending_since`: when the entry last became pending.
WITH due AS (
    FROM ledger.entries
    WHERE (next_attempt_at IS NOT NULL OR recheck_at IS NOT NULL)  -- said first, it spares reading what stands beside them
      AND ledger.is_due(CASE outcome WHEN 'pending' THEN next_attempt_at WHEN 'loaded' THEN recheck_at END, $now::TIMESTAMPTZ)
      AND ($ids::VARCHAR[] IS NULL OR entry_id IN (SELECT unnest($ids::VARCHAR[])))
), steps AS (
    SELECT entry_id, changed_at, outcome,
           lag(outcome) OVER (PARTITION BY entry_id ORDER BY history_number) AS previous
    FROM ledger.entry_history SEMI JOIN due USING (entry_id)
), waiting AS (
    SELECT entry_id, max(changed_at) AS pending_since
    FROM steps
    WHERE outcome = 'pending' AND previous IS DISTINCT FROM 'pending'
    GROUP BY entry_id
)
SELECT due.entry_id, feed_id, url, title, author, published_raw, published_at, published_on, published_precision,
       date_flag, outcome, attempts, first_seen_at, article_id, pending_since
FROM due LEFT JOIN waiting USING (entry_id)
ORDER BY first_seen_at, due.entry_id;
