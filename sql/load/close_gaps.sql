-- The feed was read again: its open gap ends.
UPDATE ledger.coverage_gaps SET gap_until = given.gap_until
FROM (SELECT unnest($rows::STRUCT(feed_id VARCHAR, gap_until TIMESTAMPTZ)[], max_depth := 2)) AS given
WHERE coverage_gaps.feed_id = given.feed_id AND coverage_gaps.gap_until IS NULL;
