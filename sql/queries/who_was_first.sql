-- Who reported first on each day, by language, and how many articles there were.
SELECT published_on, language, arg_min(publisher, published_at) AS first_publisher,
       min(published_at) AT TIME ZONE 'UTC' AS first_at, count(*) AS articles
FROM articles
WHERE published_precision IN ('second', 'minute')
GROUP BY ALL
ORDER BY published_on DESC, language;
