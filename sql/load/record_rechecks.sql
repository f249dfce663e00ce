-- Loaded entries that were looked at again, and what that showed; a later look (`next_recheck_at`) may be due.
CREATE OR REPLACE TEMP TABLE given AS
SELECT item.* FROM unnest($rows::STRUCT(
        entry_id VARCHAR, rechecked_at TIMESTAMPTZ, result VARCHAR, detail VARCHAR, attempts BIGINT,
        next_recheck_at TIMESTAMPTZ)[]) AS parameter(item);

INSERT INTO ledger.rechecks BY NAME
SELECT
    if(count(*) OVER (PARTITION BY entry_id) > 1, error('double key ' || entry_id), entry_id) AS entry_id,
    $run_id AS run_id, rechecked_at, result, detail
FROM given;

UPDATE ledger.entries SET recheck_at = given.next_recheck_at, attempts = given.attempts
FROM given
WHERE entries.entry_id = given.entry_id;

DROP TABLE given;
