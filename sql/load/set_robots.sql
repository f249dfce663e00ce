-- What robots.txt of these sites said; what was not asked for in 30 days is forgotten.
CREATE OR REPLACE TEMP TABLE given AS
SELECT * REPLACE (if(count(*) OVER (PARTITION BY origin) > 1, error('double key ' || origin), origin) AS origin)
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        origin VARCHAR, asked_at TIMESTAMPTZ, body BLOB, content_type VARCHAR, read_at TIMESTAMPTZ,
        expires_at TIMESTAMPTZ, unreachable_since TIMESTAMPTZ)[]) AS parameter(item)
);

DELETE FROM ledger.robots
WHERE origin IN (SELECT origin FROM given) OR asked_at < $now - INTERVAL 30 DAYS;

INSERT INTO ledger.robots BY NAME
SELECT * FROM given;

DROP TABLE given;
