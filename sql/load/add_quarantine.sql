-- Rows that failed validation, kept whole. The same row that fails the same rules again adds nothing.
INSERT INTO ledger.quarantine BY NAME
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY quarantine_id) > 1
           OR EXISTS (FROM ledger.quarantine AS old WHERE old.quarantine_id = given.quarantine_id),
           error('double key ' || quarantine_id), quarantine_id) AS quarantine_id,
        payload::JSON AS payload),
    $run_id AS run_id,
    'open' AS status
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        quarantine_id VARCHAR, entry_id VARCHAR, "rule" VARCHAR, column_name VARCHAR, "value" VARCHAR,
        violations STRUCT("rule" VARCHAR, "column" VARCHAR, "value" VARCHAR)[], payload VARCHAR,
        created_at TIMESTAMPTZ)[]) AS parameter(item)
) AS given;
