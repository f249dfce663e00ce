-- Every outcome ever given: one row a change.
CREATE OR REPLACE VIEW main.entry_history AS
SELECT entry_id, outcome, reason, run_id, changed_at, history_number, detail, next_attempt_at
FROM ledger.entry_history;

COMMENT ON VIEW main.entry_history IS 'Every outcome ever given: one row a change.';
COMMENT ON COLUMN main.entry_history.entry_id IS 'The entry.';
COMMENT ON COLUMN main.entry_history.outcome IS 'The outcome given.';
COMMENT ON COLUMN main.entry_history.reason IS 'Why.';
COMMENT ON COLUMN main.entry_history.run_id IS 'The run that gave it.';
COMMENT ON COLUMN main.entry_history.changed_at IS 'When: the start of the run that gave it (UTC).';
COMMENT ON COLUMN main.entry_history.history_number IS 'Order of all changes, from 1.';
COMMENT ON COLUMN main.entry_history.detail IS 'A few words on the single case.';
COMMENT ON COLUMN main.entry_history.next_attempt_at IS 'For pending: when it is due (UTC).';
