-- error: Revisions of an article overlap, leave a hole, or are not numbered in the order of their time.
SELECT article_id, revision, seen_from, seen_until, following
FROM (
    SELECT *,
           row_number() OVER (PARTITION BY article_id ORDER BY seen_from, revision) AS place,
           lead(seen_from) OVER (PARTITION BY article_id ORDER BY revision) AS following
    FROM content.article_revisions
    WHERE $run_id IS NULL OR article_id IN (SELECT article_id FROM content.article_revisions WHERE run_id = $run_id)
)
WHERE place <> revision OR seen_until IS DISTINCT FROM following OR is_current <> (following IS NULL);
