-- Runs that still say `running` although the run lock is free: their process died.
SELECT run_id, engine_run_id FROM ledger.runs WHERE status = 'running' ORDER BY run_number;
