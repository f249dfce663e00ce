-- The feeds that a run could not read, and why.
SELECT feed_id, error FROM ledger.polls WHERE run_id = $run_id AND status = 'failed' ORDER BY feed_id;
