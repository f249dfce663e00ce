-- Publishers of loaded articles; what the configuration says now replaces what was known.
CREATE OR REPLACE TEMP TABLE given AS
SELECT item.* FROM unnest($rows::STRUCT(
    publisher_id VARCHAR, name VARCHAR, domains VARCHAR[], family VARCHAR, country VARCHAR,
    "language" VARCHAR)[]) AS parameter(item);

DELETE FROM content.publishers WHERE publisher_id IN (SELECT publisher_id FROM given);

INSERT INTO content.publishers BY NAME
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY publisher_id) > 1, error('double key ' || publisher_id), publisher_id)
        AS publisher_id)
FROM given;

DROP TABLE given;
