-- How many present decisions were made by other rules than these, by topic (NULL: than those of the last run).
SELECT count(*) AS decisions
FROM decisions, freshness
WHERE is_current AND rule_version IS DISTINCT FROM coalesce(
    map_from_entries(list_transform(
        $rows::STRUCT(topic_id VARCHAR, rule_version VARCHAR)[],
        lambda r: {'key': r.topic_id, 'value': r.rule_version})),
    rule_versions)[topic_id];
