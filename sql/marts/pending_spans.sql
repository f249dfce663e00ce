-- How each entry stood from the end of one run to the next that gave it anything: for the books of runs.
CREATE OR REPLACE VIEW ledger.pending_spans AS
WITH steps AS (
    SELECT h.*, r.run_number,
           h.outcome = 'pending' AND lag(h.outcome) OVER (PARTITION BY h.entry_id ORDER BY h.history_number)
                                     IS DISTINCT FROM 'pending' AS made_due
    FROM ledger.entry_history AS h JOIN ledger.runs AS r USING (run_id)
), standing AS (
    SELECT entry_id, run_number,
           arg_max(outcome, history_number) AS outcome,
           arg_max(coalesce(next_attempt_at, TIMESTAMPTZ 'infinity'), history_number) AS due_at,
           bool_or(made_due) AS made_due
    FROM steps
    GROUP BY entry_id, run_number
)
SELECT entry_id, run_number, outcome, due_at, made_due,
       lag(outcome) OVER entry AS before,
       lag(due_at) OVER entry AS due_before,
       lead(run_number) OVER entry AS until_run
FROM standing
WINDOW entry AS (PARTITION BY entry_id ORDER BY run_number);

COMMENT ON VIEW ledger.pending_spans IS 'How each entry stood from the end of one run to the next that gave it anything.';
COMMENT ON COLUMN ledger.pending_spans.entry_id IS 'The entry.';
COMMENT ON COLUMN ledger.pending_spans.run_number IS 'The run at whose end it stood so.';
COMMENT ON COLUMN ledger.pending_spans.outcome IS 'Its outcome then.';
COMMENT ON COLUMN ledger.pending_spans.due_at IS 'When it was due (UTC); infinity unless pending.';
COMMENT ON COLUMN ledger.pending_spans.made_due IS 'Whether that run made it pending: new or reopened.';
COMMENT ON COLUMN ledger.pending_spans.before IS 'Its outcome before that run; NULL: it was new.';
COMMENT ON COLUMN ledger.pending_spans.due_before IS 'When it was due before that run (UTC).';
COMMENT ON COLUMN ledger.pending_spans.until_run IS 'The next run that gave it anything; NULL: none yet.';
