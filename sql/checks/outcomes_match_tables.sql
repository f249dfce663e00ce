-- error: An entry's outcome and the other tables disagree.
-- For one run: the entries that it gave an outcome, and those that point to them or share their article.
WITH given AS (
    SELECT entry_id, article_id FROM ledger.entries WHERE run_id = $run_id
), e AS (
    FROM ledger.entries
    WHERE $run_id IS NULL OR run_id = $run_id OR duplicate_of IN (SELECT entry_id FROM given)
       OR article_id IN (SELECT article_id FROM given)
)
SELECT 'loaded without current revision' AS fault, entry_id FROM e
ANTI JOIN (FROM content.article_revisions WHERE is_current) AS r USING (article_id) WHERE outcome = 'loaded'
UNION ALL
SELECT 'loaded, but another entry speaks for the article', e.entry_id FROM e
JOIN content.articles AS a USING (article_id) WHERE e.outcome = 'loaded' AND a.entry_id <> e.entry_id
UNION ALL
SELECT 'loaded without a relevant present decision', e.entry_id FROM e
ANTI JOIN (FROM content.decisions WHERE is_current AND relevant) AS d USING (entry_id) WHERE outcome = 'loaded'
UNION ALL
SELECT 'off topic with a relevant present decision', e.entry_id FROM e
SEMI JOIN (FROM content.decisions WHERE is_current AND relevant) AS d USING (entry_id) WHERE outcome = 'off_topic'
UNION ALL
SELECT 'off topic without a decision', e.entry_id FROM e
ANTI JOIN (FROM content.decisions WHERE is_current) AS d USING (entry_id) WHERE outcome = 'off_topic'
UNION ALL
SELECT 'quarantined without an open row in quarantine', e.entry_id FROM e
ANTI JOIN (FROM ledger.quarantine WHERE status <> 'released') AS q USING (entry_id) WHERE outcome = 'quarantined'
UNION ALL
SELECT 'duplicate of nothing, or of another duplicate', e.entry_id FROM e
LEFT JOIN ledger.entries AS o ON o.entry_id = e.duplicate_of
WHERE e.outcome = 'duplicate' AND (o.entry_id IS NULL OR o.outcome = 'duplicate')
UNION ALL
SELECT 'pending without a time, or a time without pending', entry_id FROM e
WHERE (outcome = 'pending') <> (next_attempt_at IS NOT NULL)
UNION ALL
SELECT 'to be looked at again, but not loaded', entry_id FROM e WHERE recheck_at IS NOT NULL AND outcome <> 'loaded'
UNION ALL
SELECT 'duplicate of an entry that does not speak for the page', e.entry_id FROM e
JOIN content.articles AS a USING (article_id) WHERE e.outcome = 'duplicate' AND a.entry_id <> e.duplicate_of
UNION ALL
SELECT 'present decisions on different texts', e.entry_id FROM e
JOIN content.decisions AS d ON d.entry_id = e.entry_id AND d.is_current
GROUP BY e.entry_id HAVING count(DISTINCT d.content_hash) > 1
UNION ALL
SELECT 'current revision differs from the page''s last hash', e.entry_id FROM e
JOIN content.article_revisions AS r ON r.article_id = e.article_id AND r.is_current
JOIN content.decisions AS d ON d.entry_id = e.entry_id AND d.is_current AND d.content_hash <> r.content_hash
WHERE e.outcome = 'loaded';
