-- Who is named in the articles that were kept.
SELECT name, kind, count(*) AS articles, sum("count") AS times
FROM mentions
GROUP BY ALL
ORDER BY articles DESC, times DESC, name
LIMIT 20;
