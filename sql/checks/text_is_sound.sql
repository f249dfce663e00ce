-- warn: A loaded article has a text that its language or length makes doubtful.
SELECT article_id, revision, language, length(text) AS characters
FROM content.article_revisions
WHERE is_current AND ($run_id IS NULL OR run_id = $run_id)
  AND (length(text) < if(language IN ('zh', 'ja'), 40, 80) OR contains(text, chr(0)));
