-- What topics dropped with the highest scores; what lacks a facet has none.
SELECT e.entry_id, e.title, e.url, e.feed_id, e.reason, d.topic_id, d.score, d.threshold, d.matches
FROM decisions AS d JOIN entries AS e USING (entry_id)
WHERE d.is_current AND NOT d.relevant AND d.score > 0 AND e.outcome = 'off_topic'
ORDER BY d.score DESC, e.entry_id LIMIT 15;
