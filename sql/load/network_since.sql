-- Since when runs have reached the network without a break: the end of the last span of $gap or more without a run that
-- any host answered, be it that the network here was down or the machine off. NULL: no such span ended after $since + $gap.
WITH answered AS (
    SELECT r.started_at
    FROM ledger.runs AS r
    SEMI JOIN (
        SELECT run_id FROM ledger.fetches WHERE status IS NOT NULL AND requested_at >= $since::TIMESTAMPTZ
    ) AS f USING (run_id)
    WHERE r.started_at BETWEEN $since::TIMESTAMPTZ AND $now::TIMESTAMPTZ
    UNION ALL VALUES ($since::TIMESTAMPTZ), ($now::TIMESTAMPTZ)
), spans AS (
    SELECT started_at, started_at - lag(started_at) OVER (ORDER BY started_at) AS span FROM answered
)
SELECT max(started_at) AS since FROM spans WHERE span >= $gap::INTERVAL;
