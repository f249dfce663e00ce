-- error: An entry's outcome is not the last one of its history, or its history has a forbidden step.
WITH steps AS (
    SELECT entry_id, history_number, outcome, run_id,
           lag(outcome) OVER (PARTITION BY entry_id ORDER BY history_number) AS previous
    FROM ledger.entry_history
    WHERE $run_id IS NULL OR entry_id IN (SELECT h.entry_id FROM ledger.entry_history AS h WHERE h.run_id = $run_id)
), last AS (
    SELECT entry_id, arg_max(outcome, history_number) AS outcome FROM steps GROUP BY entry_id
)
SELECT 'last row of history differs' AS fault, e.entry_id, last.outcome AS history, e.outcome AS entry
FROM ledger.entries AS e LEFT JOIN last USING (entry_id)
WHERE last.outcome IS DISTINCT FROM e.outcome AND ($run_id IS NULL OR e.run_id = $run_id)
UNION ALL
SELECT 'forbidden change', entry_id, coalesce(previous, 'nothing'), outcome
FROM steps
WHERE ($run_id IS NULL OR run_id = $run_id)
  AND NOT EXISTS (FROM ledger.transitions AS t
                  WHERE t.previous IS NOT DISTINCT FROM steps.previous AND t.outcome = steps.outcome);
