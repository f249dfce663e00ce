-- Rows that failed validation, kept whole: one row each.
CREATE OR REPLACE VIEW main.quarantine AS
SELECT quarantine_id, entry_id, run_id, rule, column_name, value, payload, status, created_at, decided_at, violations,
       decided_by, note
FROM ledger.quarantine;

COMMENT ON VIEW main.quarantine IS 'Rows that failed validation, kept whole: one row each.';
COMMENT ON COLUMN main.quarantine.quarantine_id IS 'The row''s id, for `technews quarantine`.';
COMMENT ON COLUMN main.quarantine.entry_id IS 'The entry it comes from.';
COMMENT ON COLUMN main.quarantine.run_id IS 'The run that put it here.';
COMMENT ON COLUMN main.quarantine.rule IS 'The rule that it broke first; `error`: validation or loading itself failed on it.';
COMMENT ON COLUMN main.quarantine.column_name IS 'The column.';
COMMENT ON COLUMN main.quarantine."value" IS 'What stood there (shortened).';
COMMENT ON COLUMN main.quarantine.payload IS 'The whole row.';
COMMENT ON COLUMN main.quarantine."status" IS 'open, released or discarded.';
COMMENT ON COLUMN main.quarantine.created_at IS 'When (UTC).';
COMMENT ON COLUMN main.quarantine.decided_at IS 'When an operator decided (UTC).';
COMMENT ON COLUMN main.quarantine.violations IS 'All broken rules: rule, column, value.';
COMMENT ON COLUMN main.quarantine.decided_by IS 'Who decided.';
COMMENT ON COLUMN main.quarantine.note IS 'Why.';
