-- error: A key stands twice.
-- Keys are minted once; a doubled one means that something was loaded twice. For one run: the keys that it touched.
WITH entry AS (
    SELECT entry_id, article_id FROM ledger.entries WHERE $run_id IS NULL OR run_id = $run_id OR first_run_id = $run_id
), url AS (
    SELECT url FROM content.article_urls WHERE $run_id IS NULL OR article_id IN (SELECT article_id FROM entry)
)
SELECT 'ledger.entries' AS "table", entry_id AS "key", count(*) AS times
FROM ledger.entries WHERE entry_id IN (SELECT entry_id FROM entry) GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'ledger.entries (feed and key)', feed_id || ' ' || entry_key, count(*)
FROM ledger.entries
WHERE $run_id IS NULL
   OR (feed_id, entry_key) IN (SELECT (feed_id, entry_key) FROM ledger.entries WHERE first_run_id = $run_id)
GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'ledger.feeds', feed_id, count(*) FROM ledger.feeds GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'ledger.runs', run_id, count(*) FROM ledger.runs GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'ledger.entry_history', history_number::VARCHAR, count(*)
FROM ledger.entry_history
WHERE $run_id IS NULL OR history_number IN (SELECT history_number FROM ledger.entry_history WHERE run_id = $run_id)
GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'ledger.quarantine', quarantine_id, count(*) FROM ledger.quarantine GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'content.articles', article_id, count(*)
FROM content.articles WHERE article_id IN (SELECT article_id FROM entry) OR $run_id IS NULL
GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'content.article_urls', url, count(*)
FROM content.article_urls WHERE url IN (SELECT url FROM url) GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'content.article_revisions', article_id || ' ' || revision, count(*)
FROM content.article_revisions WHERE $run_id IS NULL OR article_id IN (SELECT article_id FROM entry)
GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'content.article_revisions (current)', article_id, count(*)
FROM content.article_revisions
WHERE is_current AND ($run_id IS NULL OR article_id IN (SELECT article_id FROM entry))
GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'content.decisions (current)', entry_id || ' ' || topic_id, count(*)
FROM content.decisions WHERE is_current AND ($run_id IS NULL OR entry_id IN (SELECT entry_id FROM entry))
GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'content.publishers', publisher_id, count(*) FROM content.publishers GROUP BY ALL HAVING count(*) > 1
UNION ALL
SELECT 'ledger.coverage_gaps (open)', feed_id, count(*)
FROM ledger.coverage_gaps WHERE gap_until IS NULL GROUP BY ALL HAVING count(*) > 1;
