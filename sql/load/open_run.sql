-- Opens a run: its row, with the number of entries that are due at its start.
INSERT INTO ledger.runs BY NAME
SELECT
    coalesce((SELECT max(run_number) FROM ledger.runs), 0) + 1 AS run_number,
    if($run_id IN (SELECT run_id FROM ledger.runs), error('double key ' || $run_id), $run_id) AS run_id,
    $flow AS flow,
    $engine_run_id AS engine_run_id,
    $started_at::TIMESTAMPTZ AS started_at,
    'running' AS status,
    (SELECT count(*) FROM ledger.entries
     WHERE outcome = 'pending' AND ledger.is_due(next_attempt_at, $started_at::TIMESTAMPTZ)) AS due;
