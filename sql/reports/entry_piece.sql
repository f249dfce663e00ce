-- What an entry's decision was made on: the current revision's text where one is stored, the row in quarantine, and where
-- its page lies, in the archive or where a backfill read it.
SELECT e.*, r.title AS stored_title, r.text AS stored_text, r.language AS stored_language,
       q.payload, q.created_at AS quarantined_at,
       p.archive_file, p.archive_offset, coalesce(p.final_url, d.url, e.url) AS page_url,
       coalesce(p.requested_at, d.fetched_at, e.first_seen_at) AS fetched_at, d.source, d.source_offset
FROM ledger.entries AS e
LEFT JOIN content.article_revisions AS r ON r.article_id = e.article_id AND r.is_current
LEFT JOIN ledger.quarantine AS q ON q.entry_id = e.entry_id AND e.outcome = 'quarantined'
LEFT JOIN ledger.fetches AS p ON p.entry_id = e.entry_id AND p.kind = 'page' AND p.archive_file IS NOT NULL
LEFT JOIN ledger.documents AS d ON d.entry_id = e.entry_id
WHERE e.entry_id = $entry_id
ORDER BY p.requested_at DESC, q.created_at DESC LIMIT 1;
