-- Every run, with its counts: one row a run.
CREATE OR REPLACE VIEW main.runs AS
SELECT
    run_id, flow, started_at, ended_at, status, message, feeds_polled, feeds_not_modified, feeds_failed, entries_seen,
    entries_new, due, reopened, rechecked, pending, loaded, off_topic, duplicate, empty, unreachable, gone, blocked,
    quarantined, reconciled, engine_run_id
FROM ledger.runs;

COMMENT ON VIEW main.runs IS 'Every run, with its counts: one row a run.';
COMMENT ON COLUMN main.runs.run_id IS 'The run.';
COMMENT ON COLUMN main.runs.flow IS 'What ran: ingest, release ...';
COMMENT ON COLUMN main.runs.started_at IS 'Start (UTC); decides what is due.';
COMMENT ON COLUMN main.runs.ended_at IS 'End (UTC).';
COMMENT ON COLUMN main.runs."status" IS 'running, completed, degraded, failed, crashed or cancelled.';
COMMENT ON COLUMN main.runs.message IS 'In words, where something is to be said.';
COMMENT ON COLUMN main.runs.feeds_polled IS 'Feeds asked.';
COMMENT ON COLUMN main.runs.feeds_not_modified IS 'Of them: unchanged.';
COMMENT ON COLUMN main.runs.feeds_failed IS 'Of them: not readable.';
COMMENT ON COLUMN main.runs.entries_seen IS 'Entries in the documents read.';
COMMENT ON COLUMN main.runs.entries_new IS 'Of them: never seen before.';
COMMENT ON COLUMN main.runs.due IS 'Entries that were due at the start.';
COMMENT ON COLUMN main.runs.reopened IS 'Entries made pending again.';
COMMENT ON COLUMN main.runs.rechecked IS 'Loaded entries looked at again; outside the equation.';
COMMENT ON COLUMN main.runs.pending IS 'Entries of due, new and reopened that the run left pending.';
COMMENT ON COLUMN main.runs.loaded IS 'Outcomes `loaded` that the run gave.';
COMMENT ON COLUMN main.runs.off_topic IS 'Outcomes `off_topic` that the run gave.';
COMMENT ON COLUMN main.runs.duplicate IS 'Outcomes `duplicate` that the run gave.';
COMMENT ON COLUMN main.runs."empty" IS 'Outcomes `empty` that the run gave.';
COMMENT ON COLUMN main.runs.unreachable IS 'Outcomes `unreachable` that the run gave.';
COMMENT ON COLUMN main.runs.gone IS 'Outcomes `gone` that the run gave.';
COMMENT ON COLUMN main.runs.blocked IS 'Outcomes `blocked` that the run gave.';
COMMENT ON COLUMN main.runs.quarantined IS 'Outcomes `quarantined` that the run gave.';
COMMENT ON COLUMN main.runs.reconciled IS 'Whether due + new + reopened = outcomes given + pending.';
COMMENT ON COLUMN main.runs.engine_run_id IS 'The run''s id in the workflow engine.';
