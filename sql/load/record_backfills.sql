-- How far these sources were read.
CREATE OR REPLACE TEMP TABLE given AS
SELECT * REPLACE (if(count(*) OVER (PARTITION BY source) > 1, error('double key ' || source), source) AS source)
FROM (SELECT item.* FROM unnest($rows::STRUCT(
        source VARCHAR, feed_id VARCHAR, version VARCHAR, position BIGINT, total BIGINT, documents BIGINT,
        updated_at TIMESTAMPTZ)[]) AS parameter(item));

DELETE FROM ledger.backfills WHERE source IN (SELECT source FROM given);

INSERT INTO ledger.backfills BY NAME SELECT *, $run_id AS run_id FROM given;

DROP TABLE given;
