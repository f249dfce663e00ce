-- What each run gave, by outcome and reason: one row each.
CREATE OR REPLACE VIEW main.run_outcomes AS
SELECT run_id, outcome, reason, count(*) AS entries
FROM ledger.entry_history
GROUP BY run_id, outcome, reason;

COMMENT ON VIEW main.run_outcomes IS 'What each run gave, by outcome and reason: one row each.';
COMMENT ON COLUMN main.run_outcomes.run_id IS 'The run.';
COMMENT ON COLUMN main.run_outcomes.outcome IS 'The outcome.';
COMMENT ON COLUMN main.run_outcomes.reason IS 'Why.';
COMMENT ON COLUMN main.run_outcomes.entries IS 'How many entries.';
