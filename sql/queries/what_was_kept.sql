-- What was kept lately, and the three strongest pieces of evidence for it.
SELECT a.published_on, a.publisher, a.language, a.title, round(d.score, 2) AS score,
       list_transform(d.evidence[1:3], lambda e: e.facet || ': ' || e.term) AS because
FROM articles AS a
JOIN decisions AS d USING (entry_id)
WHERE d.is_current AND d.relevant
ORDER BY a.published_at DESC NULLS LAST, a.article_id
LIMIT 20;
