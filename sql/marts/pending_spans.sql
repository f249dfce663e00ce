-- How each entry stood from the end of one run to the next that gave it anything, for the books of the runs from a
-- number on: only entries that such a run gave something, or that wait now, can bear on them.
CREATE OR REPLACE MACRO ledger.pending_spans(first_run) AS TABLE
WITH bearing AS (
    SELECT h.entry_id FROM ledger.entry_history AS h JOIN ledger.runs AS r USING (run_id) WHERE r.run_number >= first_run
    UNION
    SELECT e.entry_id FROM ledger.entries AS e WHERE e.outcome = 'pending'
), steps AS (
    SELECT h.*, r.run_number,
           h.outcome = 'pending' AND lag(h.outcome) OVER (PARTITION BY h.entry_id ORDER BY h.history_number)
                                     IS DISTINCT FROM 'pending' AS made_due
    FROM ledger.entry_history AS h SEMI JOIN bearing USING (entry_id) JOIN ledger.runs AS r USING (run_id)
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
