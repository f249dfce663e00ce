-- Every HTTP request: one row a request, redirects included in it.
CREATE OR REPLACE VIEW main.fetches AS
SELECT run_id, url, final_url, status, error, bytes, duration_ms, attempt, requested_at, archive_file, archive_offset,
       kind, feed_id, entry_id, archive_expired_at
FROM ledger.fetches;

COMMENT ON VIEW main.fetches IS 'Every HTTP request: one row a request, redirects included in it.';
COMMENT ON COLUMN main.fetches.run_id IS 'The run.';
COMMENT ON COLUMN main.fetches.url IS 'The address asked.';
COMMENT ON COLUMN main.fetches.final_url IS 'Where redirects led.';
COMMENT ON COLUMN main.fetches."status" IS 'HTTP status; NULL if no answer came.';
COMMENT ON COLUMN main.fetches.error IS 'Why no answer was usable.';
COMMENT ON COLUMN main.fetches.bytes IS 'Size of the body after decompression.';
COMMENT ON COLUMN main.fetches.duration_ms IS 'How long it took, in milliseconds.';
COMMENT ON COLUMN main.fetches.attempt IS 'Which attempt at this entry, from 1.';
COMMENT ON COLUMN main.fetches.requested_at IS 'When (UTC).';
COMMENT ON COLUMN main.fetches.archive_file IS 'WARC file under the archive folder; NULL if nothing was kept.';
COMMENT ON COLUMN main.fetches.archive_offset IS 'Where the record starts in it.';
COMMENT ON COLUMN main.fetches."kind" IS 'feed, page or robots.';
COMMENT ON COLUMN main.fetches.feed_id IS 'For which feed.';
COMMENT ON COLUMN main.fetches.entry_id IS 'For which entry.';
COMMENT ON COLUMN main.fetches.archive_expired_at IS 'When the archived answer went, by the archive''s retention (UTC); NULL: it is there, or there was none.';
