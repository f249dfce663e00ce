-- The present decisions on an entry.
SELECT topic_id, relevant, score, threshold, rule_version, matches, evidence, decided_at
FROM decisions WHERE entry_id = $entry_id AND is_current ORDER BY topic_id;
