-- The decisions on entries, all topics of an entry together. One that says the same as the present one is no new
-- decision. Older ones stay, but are not the present ones any more; nor are those of topics that decide no longer.
CREATE OR REPLACE TEMP TABLE given_decisions AS
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY entry_id, topic_id) > 1, error('double key ' || entry_id), entry_id) AS entry_id,
        map_from_entries(list_transform(matches, lambda m: {'key': m.facet, 'value': m.n})) AS matches)
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        entry_id VARCHAR, article_id VARCHAR, topic_id VARCHAR, relevant BOOLEAN, score DOUBLE, threshold DOUBLE,
        rule_version VARCHAR, content_hash VARCHAR, matches STRUCT(facet VARCHAR, n BIGINT)[],
        evidence STRUCT("facet" VARCHAR, "entity" VARCHAR, "term" VARCHAR, "field" VARCHAR, "language" VARCHAR,
                        "start" BIGINT, "snippet" VARCHAR)[],
        decided_at TIMESTAMPTZ)[]) AS parameter(item)
) AS given;

CREATE OR REPLACE TEMP TABLE new_decisions AS
FROM given_decisions AS given
WHERE NOT EXISTS (
    FROM content.decisions AS old
    WHERE old.entry_id = given.entry_id AND old.topic_id = given.topic_id AND old.is_current
      AND old.rule_version = given.rule_version AND old.content_hash = given.content_hash
      AND old.relevant = given.relevant AND old.score = given.score AND old.evidence = given.evidence);

UPDATE content.decisions SET is_current = false
WHERE is_current AND entry_id IN (SELECT entry_id FROM given_decisions)
  AND ((entry_id, topic_id) IN (SELECT (entry_id, topic_id) FROM new_decisions)
       OR (entry_id, topic_id) NOT IN (SELECT (entry_id, topic_id) FROM given_decisions));

INSERT INTO content.decisions BY NAME
SELECT *, $run_id AS run_id, true AS is_current FROM new_decisions;

DROP TABLE new_decisions;

DROP TABLE given_decisions;
