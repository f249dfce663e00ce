-- Where the pages of new entries lie, as a backfill read them.
INSERT INTO ledger.documents BY NAME
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY entry_id) > 1 OR EXISTS (FROM ledger.documents AS old WHERE old.entry_id = given.entry_id),
           error('double key ' || entry_id), entry_id) AS entry_id),
    $run_id AS run_id
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        entry_id VARCHAR, source VARCHAR, source_offset BIGINT, url VARCHAR, fetched_at TIMESTAMPTZ,
        content_type VARCHAR)[]) AS parameter(item)
) AS given;
