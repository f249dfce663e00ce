-- Writes down whether the counts of a run agree, and fails the run where they do not.
UPDATE ledger.runs SET
    reconciled = $reconciled,
    status = if($reconciled, status, 'failed'),
    message = if($reconciled, message, $message)
WHERE run_id = $run_id;
