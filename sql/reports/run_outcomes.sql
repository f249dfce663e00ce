-- What a run gave, by outcome and reason.
SELECT outcome, reason, entries FROM run_outcomes WHERE run_id = $run_id ORDER BY entries DESC, outcome, reason;
