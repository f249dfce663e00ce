-- How many present decisions of these topics were made by other rules than theirs (NULL: those of the last run). Those
-- of a topic that is not configured any more stay as they are: no replay makes them anew.
WITH rules AS (
    SELECT coalesce(
        map_from_entries(list_transform(
            $rows::STRUCT(topic_id VARCHAR, rule_version VARCHAR)[],
            lambda r: {'key': r.topic_id, 'value': r.rule_version})),
        rule_versions) AS versions
    FROM freshness
)
SELECT count(*) AS decisions
FROM decisions, rules
WHERE is_current AND map_contains(versions, topic_id) AND rule_version IS DISTINCT FROM versions[topic_id];
