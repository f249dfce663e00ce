-- error: The counts of a run do not agree: due + new + reopened = outcomes given + still pending.
-- Due is what the run counted at its start in the ledger's entries, new comes from the entries, the outcomes from the
-- rows of the history: three sources, so that a lost or doubled one shows. Runs that still run are left out unless named.
WITH chosen AS (
    FROM ledger.runs WHERE if($run_id IS NULL, status <> 'running', run_id = $run_id)
), steps AS (
    SELECT h.*, r.run_number, r.started_at,
           lag(h.outcome) OVER (PARTITION BY entry_id ORDER BY history_number) AS previous
    FROM ledger.entry_history AS h JOIN ledger.runs AS r USING (run_id)
), known AS (
    -- For each chosen run and each entry that existed by its end: how it stood before, and how after.
    SELECT c.run_id, s.entry_id,
           arg_max(s.outcome, s.history_number) FILTER (s.run_number < c.run_number) AS before,
           arg_max(s.next_attempt_at, s.history_number) FILTER (s.run_number < c.run_number) AS due_at,
           arg_max(s.outcome, s.history_number) AS after,
           bool_or(s.run_number = c.run_number AND s.outcome = 'pending' AND s.previous IS DISTINCT FROM 'pending') AS made_due,
           any_value(c.started_at) AS started_at
    FROM chosen AS c JOIN steps AS s ON s.run_number <= c.run_number
    WHERE $run_id IS NOT NULL
       OR s.entry_id IN (SELECT entry_id FROM ledger.entry_history WHERE run_id = c.run_id)
       OR s.outcome = 'pending'
    GROUP BY ALL
), waiting AS (
    SELECT run_id, count(*) AS pending
    FROM known
    WHERE after = 'pending' AND (made_due OR (before = 'pending' AND due_at <= started_at))
    GROUP BY run_id
), added AS (
    SELECT first_run_id AS run_id, count(*) AS entries_new FROM ledger.entries GROUP BY ALL
), given AS (
    SELECT run_id,
           count(*) FILTER (outcome <> 'pending' AND previous = 'pending') AS given,
           count(*) FILTER (outcome = 'pending' AND previous <> 'pending') AS reopened
    FROM steps GROUP BY run_id
)
SELECT c.run_id, c.due, coalesce(a.entries_new, 0) AS entries_new, coalesce(g.reopened, 0) AS reopened,
       coalesce(g.given, 0) AS given, coalesce(w.pending, 0) AS pending
FROM chosen AS c
LEFT JOIN added AS a USING (run_id)
LEFT JOIN given AS g USING (run_id)
LEFT JOIN waiting AS w USING (run_id)
WHERE c.due + coalesce(a.entries_new, 0) + coalesce(g.reopened, 0) <> coalesce(g.given, 0) + coalesce(w.pending, 0)
   OR ($run_id IS NULL AND c.status IN ('completed', 'degraded') AND c.reconciled IS DISTINCT FROM true);
