-- How many present decisions were made by other rules than those in force.
SELECT count(*) AS decisions
FROM decisions, freshness
WHERE is_current AND rule_version IS DISTINCT FROM rule_versions[topic_id];
