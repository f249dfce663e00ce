-- Entries by id, link or page address; of an article's id the entry that speaks for it.
SELECT DISTINCT e.*
FROM entries AS e
LEFT JOIN article_revisions AS r USING (article_id)
WHERE e.entry_id = $name OR e.entry_id IN (SELECT entry_id FROM content.articles WHERE article_id = $name)
   OR e.url IN (SELECT unnest($links::VARCHAR[])) OR r.url = $name OR r.canonical_url = $name
   OR e.article_id IN (SELECT article_id FROM content.article_urls WHERE url = $identity)
ORDER BY (e.outcome = 'duplicate'), e.first_seen_at, e.entry_id
LIMIT 20;
