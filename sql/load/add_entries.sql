-- New feed entries, pending from now on, each with the first row of its history.
CREATE OR REPLACE TEMP TABLE given AS
SELECT item.* FROM unnest($rows::STRUCT(
        entry_id VARCHAR, feed_id VARCHAR, entry_key VARCHAR, guid VARCHAR, url VARCHAR, title VARCHAR,
        author VARCHAR, summary VARCHAR, content VARCHAR, published_raw VARCHAR, published_at TIMESTAMPTZ,
        published_on DATE, published_precision VARCHAR, date_flag VARCHAR, fingerprint VARCHAR,
        first_seen_at TIMESTAMPTZ, categories VARCHAR[], enclosures VARCHAR[], origin VARCHAR, origin_url VARCHAR)[]) AS parameter(item);

INSERT INTO ledger.entries BY NAME
SELECT
    * REPLACE (
        if(count(*) OVER (PARTITION BY feed_id, entry_key) > 1 OR count(*) OVER (PARTITION BY entry_id) > 1
           OR EXISTS (FROM ledger.entries AS old WHERE old.entry_id = given.entry_id),
           error('double key ' || entry_id), entry_id) AS entry_id),
    $run_id AS first_run_id,
    'pending' AS outcome,
    'new' AS reason,
    $run_id AS run_id,
    0 AS attempts,
    first_seen_at AS next_attempt_at
FROM given;

INSERT INTO ledger.entry_history BY NAME
SELECT
    coalesce((SELECT max(history_number) FROM ledger.entry_history), 0) + row_number() OVER () AS history_number,
    entry_id,
    'pending' AS outcome,
    'new' AS reason,
    first_seen_at AS next_attempt_at,
    $run_id AS run_id,
    first_seen_at AS changed_at
FROM given;

DROP TABLE given;
