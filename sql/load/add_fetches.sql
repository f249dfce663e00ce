-- Requests that were made, with the place of the archived answer.
INSERT INTO ledger.fetches BY NAME
SELECT $run_id AS run_id, given.*
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        kind VARCHAR, feed_id VARCHAR, entry_id VARCHAR, url VARCHAR, final_url VARCHAR, status BIGINT, error VARCHAR,
        bytes BIGINT, duration_ms BIGINT, attempt BIGINT, requested_at TIMESTAMPTZ, archive_file VARCHAR,
        archive_offset BIGINT)[]) AS parameter(item)
) AS given;
