-- The present decisions on these entries, and whether their article and its text are what they were.
SELECT d.entry_id, d.topic_id, d.relevant, d.score, d.threshold, d.rule_version, d.content_hash, d.matches, d.evidence
FROM content.decisions AS d
WHERE d.is_current AND d.entry_id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY d.entry_id, d.topic_id;
