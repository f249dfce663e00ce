-- A check found rows that break a rule: the run is failed, and says so.
UPDATE ledger.runs SET status = 'failed', message = $message WHERE run_id = $run_id;
