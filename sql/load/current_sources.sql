-- From which archived page, and by which cleaner, the current revisions of these articles were made. `entry_key` finds
-- the entry in a feed's document that carried the text.
SELECT r.article_id, r.revision, r.url, r.fetched_at, r.cleaner_version, r.archive_file, r.archive_offset, e.entry_key
FROM content.article_revisions AS r
JOIN content.articles AS a ON a.article_id = r.article_id
JOIN ledger.entries AS e ON e.entry_id = a.entry_id
WHERE r.is_current AND r.article_id IN (SELECT unnest($ids::VARCHAR[]));
