-- How fresh this file is: its only row.
CREATE OR REPLACE VIEW main.freshness AS
SELECT
    s.copied_at,
    (SELECT max(ended_at) FROM ledger.runs
     WHERE flow = 'ingest' AND status IN ('completed', 'degraded')) AS last_success_at,
    s.commit_number,
    (SELECT max(number) FROM ledger.migrations) AS schema_version,
    s.rule_versions
FROM ledger.state AS s;

COMMENT ON VIEW main.freshness IS 'How fresh this file is: its only row.';
COMMENT ON COLUMN main.freshness.copied_at IS 'When this copy was taken (UTC).';
COMMENT ON COLUMN main.freshness.last_success_at IS 'End of the last ingest that ran to its end (UTC).';
COMMENT ON COLUMN main.freshness.commit_number IS 'Number of the last change in it.';
COMMENT ON COLUMN main.freshness.schema_version IS 'Number of the last migration.';
COMMENT ON COLUMN main.freshness.rule_versions IS 'The rules in force, by topic.';
