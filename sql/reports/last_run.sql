-- The last run of any flow.
SELECT flow, status, message, started_at FROM runs ORDER BY started_at DESC, run_id DESC LIMIT 1;
