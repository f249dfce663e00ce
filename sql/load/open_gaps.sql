-- Spans in which a feed was not seen whole: begun (`gap_until` NULL), or begun and ended at once (overflow).
INSERT INTO ledger.coverage_gaps BY NAME
SELECT
    if(count(*) OVER (PARTITION BY feed_id, gap_from, cause) > 1
       OR EXISTS (FROM ledger.coverage_gaps AS old
                  WHERE old.feed_id = given.feed_id AND old.gap_until IS NULL AND given.gap_until IS NULL),
       error('double key ' || feed_id), feed_id) AS feed_id,
    gap_from, gap_until, cause, $run_id AS run_id
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        feed_id VARCHAR, gap_from TIMESTAMPTZ, gap_until TIMESTAMPTZ, cause VARCHAR)[]) AS parameter(item)
) AS given;
