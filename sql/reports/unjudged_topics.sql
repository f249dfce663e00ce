-- Which of these topics have judged none of the articles that others judged, and how many articles these are.
WITH judged AS (
    SELECT count(DISTINCT article_id) AS articles, coalesce(list(DISTINCT topic_id), []) AS topics
    FROM decisions WHERE is_current
)
SELECT r.topic_id, judged.articles
FROM (SELECT unnest($rows::STRUCT(topic_id VARCHAR, rule_version VARCHAR)[]) AS r), judged
WHERE judged.articles > 0 AND NOT list_contains(judged.topics, r.topic_id)
ORDER BY ALL;
