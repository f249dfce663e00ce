-- What was kept lately, and the terms that showed it.
SELECT a.published_on, a.publisher, a.language, a.title, round(d.score, 2) AS score,
       list_sort(list_distinct(list_transform(d.evidence, lambda e: e.facet || ': ' || e.term)))[1:6] AS because
FROM articles AS a
JOIN decisions AS d USING (entry_id)
WHERE d.is_current AND d.relevant
ORDER BY a.published_at DESC NULLS LAST, a.article_id
LIMIT 20;
