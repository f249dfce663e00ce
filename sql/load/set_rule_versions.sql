-- The rules in force.
UPDATE ledger.state SET
    rule_versions = map_from_entries(list_transform(
        $rows::STRUCT(topic_id VARCHAR, rule_version VARCHAR)[],
        lambda r: {'key': r.topic_id, 'value': r.rule_version}));
