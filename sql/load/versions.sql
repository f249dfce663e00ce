-- All revisions of these articles, in their order.
SELECT r.article_id, r.revision, r.seen_from, r.title, r.text, r.author, r.published_at, r.canonical_url, r.content_hash,
       r.cleaner_version, r.extractor, r.url, r.fetched_at, r.archive_file, r.archive_offset, e.entry_key
FROM content.article_revisions AS r
JOIN content.articles AS a ON a.article_id = r.article_id
JOIN ledger.entries AS e ON e.entry_id = a.entry_id
WHERE r.article_id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY r.article_id, r.revision;
