-- error: The counts of a run do not agree: due + new + reopened = outcomes given + still pending.
-- Due is what the run counted at its start in the ledger's entries, new comes from the entries, the outcomes from the
-- rows of the history: three sources, so that a lost or doubled one shows. Runs that still run are left out unless named;
-- those of a version that counted otherwise what is due are not counted again: what they found then stands.
WITH chosen AS (
    FROM ledger.runs
    WHERE if($run_id IS NULL, status <> 'running' AND run_number >= (SELECT counted_from FROM ledger.state), run_id = $run_id)
), waiting AS (
    -- Entries that the run leaves pending, of those that were due at its start or that it made due.
    SELECT c.run_id, count(*) AS pending
    FROM chosen AS c
    JOIN ledger.pending_spans((SELECT min(run_number) FROM chosen)) AS s
      ON s.outcome = 'pending' AND s.run_number <= c.run_number AND coalesce(s.until_run, c.run_number + 1) > c.run_number
    WHERE if(s.run_number = c.run_number,
             s.made_due OR (s.before = 'pending' AND ledger.is_due(s.due_before, c.started_at)),
             ledger.is_due(s.due_at, c.started_at))
    GROUP BY c.run_id
), added AS (
    SELECT first_run_id AS run_id, count(*) AS entries_new FROM ledger.entries GROUP BY ALL
), given AS (
    SELECT run_id,
           count(*) FILTER (outcome <> 'pending' AND previous = 'pending') AS given,
           count(*) FILTER (outcome = 'pending' AND previous <> 'pending') AS reopened
    FROM (
        SELECT run_id, outcome, lag(outcome) OVER (PARTITION BY entry_id ORDER BY history_number) AS previous
        FROM ledger.entry_history
        WHERE $run_id IS NULL
           OR entry_id IN (SELECT h.entry_id FROM ledger.entry_history AS h WHERE h.run_id = $run_id)
    )
    GROUP BY run_id
)
SELECT c.run_id, c.due, coalesce(a.entries_new, 0) AS entries_new, coalesce(g.reopened, 0) AS reopened,
       coalesce(g.given, 0) AS given, coalesce(w.pending, 0) AS pending
FROM chosen AS c
LEFT JOIN added AS a USING (run_id)
LEFT JOIN given AS g USING (run_id)
LEFT JOIN waiting AS w USING (run_id)
WHERE c.due + coalesce(a.entries_new, 0) + coalesce(g.reopened, 0) <> coalesce(g.given, 0) + coalesce(w.pending, 0)
UNION ALL
SELECT run_id, due, entries_new, reopened, NULL AS given, pending
FROM ledger.runs
WHERE $run_id IS NULL AND status IN ('completed', 'degraded') AND reconciled IS DISTINCT FROM true;
