-- From which archived page, and by which cleaner, the current revisions of these articles were made.
SELECT article_id, url, fetched_at, cleaner_version, archive_file, archive_offset
FROM content.article_revisions
WHERE is_current AND article_id IN (SELECT unnest($ids::VARCHAR[]));
