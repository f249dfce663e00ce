-- The articles that a run kept or found changed (NULL: all), each with the best evidence of each facet.
SELECT
    a.article_id, a.entry_id, a.title, a.url, a.publisher, a.language, a.published_at, a.published_precision, a.revision, a.topics,
    d.score, d.threshold, d.rule_version,
    (SELECT list(first_one ORDER BY first_one.facet)
     FROM (SELECT arg_min(e, (e.field <> 'title', e.start)) AS first_one
           FROM (SELECT unnest(d.evidence) AS e) GROUP BY e.facet)) AS because
FROM articles AS a
JOIN decisions AS d ON d.entry_id = a.entry_id AND d.is_current AND d.relevant
JOIN article_revisions AS r ON r.article_id = a.article_id AND r.is_current
WHERE $run_id IS NULL OR r.run_id = $run_id
   OR a.entry_id IN (SELECT entry_id FROM entry_history WHERE run_id = $run_id AND outcome = 'loaded')
ORDER BY a.published_at DESC NULLS LAST, a.article_id, d.topic_id;
