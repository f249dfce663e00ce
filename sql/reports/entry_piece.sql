-- What an entry's decision was made on: the current revision's text where one is stored, and where its page is archived.
SELECT r.title, r.text, coalesce(r.language, f.language) AS "language", p.archive_file, p.archive_offset, p.final_url
FROM entries AS e
LEFT JOIN feeds AS f USING (feed_id)
LEFT JOIN article_revisions AS r ON r.article_id = e.article_id AND r.is_current
LEFT JOIN fetches AS p ON p.entry_id = e.entry_id AND p.kind = 'page' AND p.archive_file IS NOT NULL
WHERE e.entry_id = $entry_id
ORDER BY p.requested_at DESC LIMIT 1;
