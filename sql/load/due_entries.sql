-- Entries that are due (of these ids, or NULL = of all), without the text that their feed carries: an entry's place in
-- the queue must stay small.
SELECT entry_id, feed_id, url, title, author, published_raw, published_at, published_on, published_precision, date_flag,
       outcome, attempts, first_seen_at, article_id,
       (SELECT max(h.changed_at) FROM ledger.entry_history AS h
        WHERE h.entry_id = entries.entry_id AND h.reason IN ('new', 'entry_changed', 'retry_asked')) AS pending_since
FROM ledger.entries
WHERE ((outcome = 'pending' AND next_attempt_at <= $now::TIMESTAMPTZ) OR recheck_at <= $now::TIMESTAMPTZ)
  AND ($ids::VARCHAR[] IS NULL OR entry_id IN (SELECT unnest($ids::VARCHAR[])))
ORDER BY first_seen_at, entry_id;
