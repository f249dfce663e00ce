-- How these entries and the articles that they speak for stand at this moment.
SELECT e.entry_id, e.outcome, a.content_hash
FROM ledger.entries AS e JOIN content.articles AS a ON a.article_id = e.article_id AND a.entry_id = e.entry_id
WHERE e.entry_id IN (SELECT unnest($ids::VARCHAR[]));
