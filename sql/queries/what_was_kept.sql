-- What was kept lately, and for each facet the first term that showed it, in the title before all.
SELECT a.published_on, a.publisher, a.language, a.title, round(d.score, 2) AS score,
       (SELECT list(facet || ': ' || term ORDER BY facet)
        FROM (SELECT e.facet, arg_min(e.term, (e.field <> 'title', e.start)) AS term
              FROM (SELECT unnest(d.evidence) AS e) GROUP BY e.facet)) AS because
FROM articles AS a
JOIN decisions AS d USING (entry_id)
WHERE d.is_current AND d.relevant
ORDER BY a.published_at DESC NULLS LAST, a.article_id
LIMIT 20;
