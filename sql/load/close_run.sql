-- Closes a run. Every number is counted anew from the history, the polls and the rechecks, never taken from the run.
WITH run AS (
    SELECT run_number, started_at FROM ledger.runs WHERE run_id = $run_id
), steps AS (
    SELECT entry_id, outcome, run_id, lag(outcome) OVER (PARTITION BY entry_id ORDER BY history_number) AS previous
    FROM ledger.entry_history
    WHERE entry_id IN (SELECT entry_id FROM ledger.entry_history WHERE run_id = $run_id)
), given AS (
    SELECT
        count(*) FILTER (previous IS NULL) AS entries_new,
        count(*) FILTER (previous IS NOT NULL AND previous <> 'pending' AND outcome = 'pending') AS reopened,
        count(*) FILTER (outcome = 'loaded') AS loaded,
        count(*) FILTER (outcome = 'off_topic') AS off_topic,
        count(*) FILTER (outcome = 'duplicate') AS duplicate,
        count(*) FILTER (outcome = 'empty') AS empty,
        count(*) FILTER (outcome = 'unreachable') AS unreachable,
        count(*) FILTER (outcome = 'gone') AS gone,
        count(*) FILTER (outcome = 'blocked') AS blocked,
        count(*) FILTER (outcome = 'quarantined') AS quarantined
    FROM steps
    WHERE run_id = $run_id
), polled AS (
    SELECT
        count(*) AS feeds_polled,
        count(*) FILTER (status = 'not_modified') AS feeds_not_modified,
        count(*) FILTER (status = 'failed') AS feeds_failed,
        coalesce(sum(entries_seen), 0) AS entries_seen
    FROM ledger.polls
    WHERE run_id = $run_id
), looked_again AS (
    SELECT count(*) AS rechecked FROM ledger.rechecks WHERE run_id = $run_id
), waiting AS (
    -- Entries that the run leaves pending, of those that were due at its start or that it made due.
    SELECT count(*) AS pending
    FROM ledger.pending_spans((SELECT run_number FROM run)) AS s, run
    WHERE s.outcome = 'pending' AND s.run_number <= run.run_number AND coalesce(s.until_run, run.run_number + 1) > run.run_number
      AND if(s.run_number = run.run_number,
             s.made_due OR (s.before = 'pending' AND ledger.is_due(s.due_before, run.started_at)),
             ledger.is_due(s.due_at, run.started_at))
)
UPDATE ledger.runs SET
    ended_at = $ended_at,
    status = $status,
    message = $message,
    feeds_polled = polled.feeds_polled,
    feeds_not_modified = polled.feeds_not_modified,
    feeds_failed = polled.feeds_failed,
    entries_seen = polled.entries_seen,
    entries_new = given.entries_new,
    reopened = given.reopened,
    rechecked = looked_again.rechecked,
    pending = waiting.pending,
    loaded = given.loaded,
    off_topic = given.off_topic,
    duplicate = given.duplicate,
    empty = given.empty,
    unreachable = given.unreachable,
    gone = given.gone,
    blocked = given.blocked,
    quarantined = given.quarantined
FROM given, polled, looked_again, waiting
WHERE ledger.runs.run_id = $run_id;
