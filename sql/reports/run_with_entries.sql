-- The latest ingest, up to a run, that took up any entry.
SELECT * FROM runs
WHERE flow = 'ingest' AND due + entries_new + reopened > 0
  AND started_at <= (SELECT started_at FROM runs WHERE run_id = $run_id)
ORDER BY started_at DESC, run_id DESC
LIMIT 1;
