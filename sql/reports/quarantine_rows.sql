-- Rows in quarantine (of one id, or NULL: all), with what the entry says.
SELECT q.*, e.title AS entry_title, e.url AS entry_url, e.outcome AS entry_outcome,
       (SELECT max(r.seen_from) FROM article_revisions AS r
        WHERE r.article_id = e.article_id AND r.is_current) AS current_seen_from
FROM quarantine AS q JOIN entries AS e USING (entry_id)
WHERE $quarantine_id IS NULL OR q.quarantine_id = $quarantine_id
ORDER BY q.created_at DESC, q.quarantine_id;
