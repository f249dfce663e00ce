-- A topic's decisions. One that says the same of the same text by the same rules is no new decision; an older one of
-- the same entry and topic stays, but is not the present one any more.
CREATE OR REPLACE TEMP TABLE new_decisions AS
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY entry_id, topic_id) > 1, error('double key ' || entry_id), entry_id) AS entry_id,
        map_from_entries(list_transform(matches, lambda m: {'key': m.facet, 'value': m.n})) AS matches)
FROM (
    SELECT unnest($rows::STRUCT(
        entry_id VARCHAR, article_id VARCHAR, topic_id VARCHAR, relevant BOOLEAN, score DOUBLE, threshold DOUBLE,
        rule_version VARCHAR, content_hash VARCHAR, matches STRUCT(facet VARCHAR, n BIGINT)[],
        evidence STRUCT("facet" VARCHAR, "entity" VARCHAR, "term" VARCHAR, "field" VARCHAR, "language" VARCHAR,
                        "start" BIGINT, "snippet" VARCHAR)[],
        decided_at TIMESTAMPTZ)[], max_depth := 2)
) AS given
WHERE NOT EXISTS (
    FROM content.decisions AS old
    WHERE old.entry_id = given.entry_id AND old.topic_id = given.topic_id AND old.is_current
      AND old.rule_version = given.rule_version AND old.content_hash = given.content_hash);

UPDATE content.decisions SET is_current = false
FROM new_decisions
WHERE decisions.entry_id = new_decisions.entry_id AND decisions.topic_id = new_decisions.topic_id
  AND decisions.is_current;

INSERT INTO content.decisions BY NAME
SELECT *, $run_id AS run_id, true AS is_current FROM new_decisions;

DROP TABLE new_decisions;
