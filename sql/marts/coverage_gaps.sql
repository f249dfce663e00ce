-- Spans in which a feed was not seen whole: one row a span.
CREATE OR REPLACE VIEW main.coverage_gaps AS
SELECT feed_id, gap_from, gap_until, cause, run_id
FROM ledger.coverage_gaps;

COMMENT ON VIEW main.coverage_gaps IS 'Spans in which a feed was not seen whole: one row a span.';
COMMENT ON COLUMN main.coverage_gaps.feed_id IS 'The feed.';
COMMENT ON COLUMN main.coverage_gaps.gap_from IS 'The last successful poll before (UTC), or the last document where a server said 304 of a changed one; the first attempt where there was none.';
COMMENT ON COLUMN main.coverage_gaps.gap_until IS 'When it was read again (UTC); NULL: still open.';
COMMENT ON COLUMN main.coverage_gaps.cause IS 'unreachable or overflow (a poll found every entry new, so some were probably missed).';
COMMENT ON COLUMN main.coverage_gaps.run_id IS 'The run that noticed.';
