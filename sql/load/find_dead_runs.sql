-- Runs that still say `running` although the run lock is free: their process died. But for the one that is alive between
-- two batches.
SELECT run_id, engine_run_id FROM ledger.runs
WHERE status = 'running' AND run_id IS DISTINCT FROM $alive
ORDER BY run_number;
