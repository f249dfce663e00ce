-- How fresh this file is: its only row. While every feed fails, an ingest that comes to its end brings nothing: then the
-- last feed that was read counts. (A run in which all that were due fail says less: a dead feed is often asked alone.)
CREATE OR REPLACE VIEW main.freshness AS
WITH asked AS (
    FROM ledger.feeds WHERE retired_at IS NULL AND last_attempt_at IS NOT NULL
)
SELECT
    s.copied_at,
    CASE WHEN (SELECT bool_and(consecutive_failures > 0) FROM asked)
        THEN (SELECT max(last_success_at) FROM asked)
        ELSE (SELECT max(ended_at) FROM ledger.runs WHERE flow = 'ingest' AND status IN ('completed', 'degraded'))
    END AS last_success_at,
    s.commit_number,
    (SELECT max(number) FROM ledger.migrations) AS schema_version,
    s.rule_versions
FROM ledger.state AS s;

COMMENT ON VIEW main.freshness IS 'How fresh this file is: its only row.';
COMMENT ON COLUMN main.freshness.copied_at IS 'When this copy was taken (UTC).';
COMMENT ON COLUMN main.freshness.last_success_at IS 'End of the last ingest that ran to its end; while every feed fails, when one was read last (UTC).';
COMMENT ON COLUMN main.freshness.commit_number IS 'Number of the last change in it.';
COMMENT ON COLUMN main.freshness.schema_version IS 'Number of the last migration.';
COMMENT ON COLUMN main.freshness.rule_versions IS 'The rules in force, by topic.';
