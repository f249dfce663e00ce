-- The feed was read again: its open gap ends, and never before it began (a clock may have been put back).
UPDATE ledger.coverage_gaps SET gap_until = greatest(given.gap_until, coverage_gaps.gap_from)
FROM (SELECT item.* FROM unnest($rows::STRUCT(feed_id VARCHAR, gap_until TIMESTAMPTZ)[]) AS parameter(item)) AS given
WHERE coverage_gaps.feed_id = given.feed_id AND coverage_gaps.gap_until IS NULL;
