-- The entries that a retry means, by outcome and feed, or by id, link or page address; and how each stands.
SELECT e.entry_id, e.feed_id, e.url, e.outcome, e.duplicate_of
FROM ledger.entries AS e
WHERE CASE
    WHEN $outcome::VARCHAR IS NOT NULL THEN e.outcome = $outcome AND ($feed::VARCHAR IS NULL OR e.feed_id = $feed)
    ELSE e.entry_id = $name OR e.url IN (SELECT unnest($links::VARCHAR[]))
      OR e.article_id IN (SELECT article_id FROM content.article_urls WHERE url = $identity)
END
ORDER BY e.first_seen_at, e.entry_id;
