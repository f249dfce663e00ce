-- error: A row points to one that is not there.
SELECT 'entries.feed_id' AS reference, entry_id AS "row", feed_id AS missing
FROM ledger.entries ANTI JOIN ledger.feeds USING (feed_id) WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'entries.article_id', entry_id, article_id
FROM ledger.entries ANTI JOIN content.articles USING (article_id)
WHERE article_id IS NOT NULL AND ($run_id IS NULL OR run_id = $run_id)
UNION ALL
SELECT 'entries.duplicate_of', e.entry_id, e.duplicate_of
FROM ledger.entries AS e ANTI JOIN ledger.entries AS o ON o.entry_id = e.duplicate_of
WHERE e.duplicate_of IS NOT NULL AND ($run_id IS NULL OR e.run_id = $run_id)
UNION ALL
SELECT 'entries.run_id', entry_id, run_id
FROM ledger.entries ANTI JOIN ledger.runs USING (run_id) WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'entry_history.entry_id', history_number::VARCHAR, entry_id
FROM ledger.entry_history ANTI JOIN ledger.entries USING (entry_id) WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'entry_history.run_id', history_number::VARCHAR, run_id
FROM ledger.entry_history ANTI JOIN ledger.runs USING (run_id) WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'quarantine.entry_id', quarantine_id, entry_id
FROM ledger.quarantine ANTI JOIN ledger.entries USING (entry_id) WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'articles.entry_id', article_id, entry_id FROM content.articles ANTI JOIN ledger.entries USING (entry_id)
UNION ALL
SELECT 'article_urls.article_id', url, article_id FROM content.article_urls ANTI JOIN content.articles USING (article_id)
UNION ALL
SELECT 'article_revisions.article_id', article_id || ' ' || revision, article_id
FROM content.article_revisions ANTI JOIN content.articles USING (article_id) WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'article_revisions.publisher_id', article_id || ' ' || revision, publisher_id
FROM content.article_revisions ANTI JOIN content.publishers USING (publisher_id)
WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'decisions.entry_id', entry_id || ' ' || topic_id, entry_id
FROM content.decisions ANTI JOIN ledger.entries USING (entry_id) WHERE $run_id IS NULL OR run_id = $run_id
UNION ALL
SELECT 'mentions.article_id', entity_id, article_id FROM content.mentions ANTI JOIN content.articles USING (article_id)
UNION ALL
SELECT 'coverage_gaps.feed_id', cause, feed_id FROM ledger.coverage_gaps ANTI JOIN ledger.feeds USING (feed_id);
