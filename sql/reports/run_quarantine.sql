-- The rows that a run set aside, by rule and column, each with an example.
SELECT q.rule, q.column_name, count(*) AS "rows", arg_min(q.quarantine_id, q.created_at) AS example,
       arg_min(e.title, q.created_at) AS title, arg_min(q.value, q.created_at) AS "value"
FROM ledger.quarantine AS q JOIN ledger.entries AS e USING (entry_id)
WHERE q.run_id = $run_id
GROUP BY ALL
ORDER BY "rows" DESC, q.rule;
