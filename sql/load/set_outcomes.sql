-- Gives entries their outcome, along the closed table of changes, and writes each change into the history.
CREATE OR REPLACE TEMP TABLE given AS
SELECT item.* FROM unnest($rows::STRUCT(
        entry_id VARCHAR, outcome VARCHAR, reason VARCHAR, detail VARCHAR, attempts BIGINT,
        next_attempt_at TIMESTAMPTZ, article_id VARCHAR, duplicate_of VARCHAR, changed_at TIMESTAMPTZ)[]) AS parameter(item);

INSERT INTO ledger.entry_history BY NAME
SELECT
    coalesce((SELECT max(history_number) FROM ledger.entry_history), 0) + row_number() OVER () AS history_number,
    if(count(*) OVER (PARTITION BY given.entry_id) > 1, error('double key ' || given.entry_id), given.entry_id) AS entry_id,
    if(EXISTS (FROM ledger.transitions AS t WHERE t.previous = entries.outcome AND t.outcome = given.outcome),
       given.outcome,
       error('no change from ' || coalesce(entries.outcome, 'nothing') || ' to ' || given.outcome || ': ' || given.entry_id)
    ) AS outcome,
    given.reason,
    given.detail,
    given.next_attempt_at,
    $run_id AS run_id,
    given.changed_at
FROM given
LEFT JOIN ledger.entries USING (entry_id);

UPDATE ledger.entries SET
    outcome = given.outcome,
    reason = given.reason,
    detail = given.detail,
    attempts = given.attempts,
    next_attempt_at = given.next_attempt_at,
    -- A duplicate that waits again has another link, and is no longer known to be that article.
    article_id = coalesce(given.article_id,
                          if(entries.outcome = 'duplicate' AND given.outcome = 'pending', NULL, entries.article_id)),
    duplicate_of = given.duplicate_of,
    recheck_at = if(given.outcome = 'loaded', entries.recheck_at, NULL),
    run_id = $run_id
FROM given
WHERE entries.entry_id = given.entry_id;

DROP TABLE given;
