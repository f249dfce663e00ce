-- One run (NULL: the latest ingest), as the view `runs` has it.
SELECT * FROM runs
WHERE if($run_id IS NULL, flow = 'ingest', run_id = $run_id)
ORDER BY started_at DESC, run_id DESC
LIMIT 1;
