-- error: An entry's outcome and the other tables disagree.
-- For one run: the entries that it gave an outcome, and those that point to them or share their article.
WITH given AS (
    SELECT entry_id, article_id FROM ledger.entries WHERE run_id = $run_id
), e AS (
    SELECT entry_id, article_id, outcome, duplicate_of, next_attempt_at, recheck_at
    FROM ledger.entries
    WHERE $run_id IS NULL OR run_id = $run_id OR duplicate_of IN (SELECT entry_id FROM given)
       OR article_id IN (SELECT article_id FROM given)
), d AS (
    SELECT entry_id, relevant, content_hash FROM content.decisions WHERE is_current
)
SELECT 'loaded without current revision' AS fault, entry_id FROM e
ANTI JOIN (FROM content.article_revisions WHERE is_current) AS r USING (article_id) WHERE outcome = 'loaded'
UNION ALL
SELECT 'loaded, but another entry speaks for the article', e.entry_id FROM e
JOIN content.articles AS a USING (article_id) WHERE e.outcome = 'loaded' AND a.entry_id <> e.entry_id
UNION ALL
SELECT 'loaded without a relevant present decision', e.entry_id FROM e
ANTI JOIN (FROM d WHERE relevant) AS kept USING (entry_id) WHERE outcome = 'loaded'
UNION ALL
SELECT 'off topic with a relevant present decision', e.entry_id FROM e
SEMI JOIN (FROM d WHERE relevant) AS kept USING (entry_id) WHERE outcome = 'off_topic'
UNION ALL
SELECT 'off topic without a decision', e.entry_id FROM e
ANTI JOIN d USING (entry_id) WHERE outcome = 'off_topic'
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
JOIN d ON d.entry_id = e.entry_id
GROUP BY e.entry_id HAVING min(d.content_hash) <> max(d.content_hash)
UNION ALL
SELECT 'no present decision is about the current text', e.entry_id FROM e
JOIN content.article_revisions AS r ON r.article_id = e.article_id AND r.is_current
-- By equal hashes: joined by different ones, the database may first pair every revision with every decision.
ANTI JOIN d ON d.entry_id = e.entry_id AND d.content_hash = r.content_hash
WHERE e.outcome = 'loaded';
