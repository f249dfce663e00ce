-- What the publisher served under an entry's article over time, in order; nothing of entries that are no article.
SELECT r.revision, r.seen_from, r.change, r.title, r.word_count, r.is_current
FROM entries AS e
JOIN article_revisions AS r USING (article_id)
WHERE e.entry_id = $entry_id
ORDER BY r.revision;
