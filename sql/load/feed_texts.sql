-- The text that the feed carries for these entries; and for those that may be read from it (of feeds that carry whole
-- articles, and without a link) where the archive holds the document that it came from: the last one up to the entry's
-- last change, or of the run that first saw it.
WITH e AS (
    SELECT e.entry_id, e.feed_id, e.summary, e.content, e.changed_at, e.first_run_id,
           f.full_text OR e.url IS NULL AS from_feed
    FROM ledger.entries AS e JOIN ledger.feeds AS f USING (feed_id)
    WHERE e.entry_id IN (SELECT unnest($ids::VARCHAR[]))
), documents AS (
    SELECT DISTINCT feed_id, changed_at, first_run_id FROM e WHERE from_feed
), records AS (
    SELECT d.feed_id, d.changed_at, d.first_run_id, arg_max(f.archive_file, f.requested_at) AS archive_file,
           arg_max(f.archive_offset, f.requested_at) AS archive_offset
    FROM documents AS d JOIN ledger.fetches AS f ON f.feed_id = d.feed_id AND f.kind = 'feed'
    WHERE f.archive_file IS NOT NULL
      AND if(d.changed_at IS NULL, f.run_id = d.first_run_id, f.requested_at <= d.changed_at)
    GROUP BY ALL
)
SELECT e.entry_id, e.summary, e.content, r.archive_file, r.archive_offset
FROM e
LEFT JOIN records AS r
  ON e.from_feed AND r.feed_id = e.feed_id AND r.first_run_id = e.first_run_id
 AND r.changed_at IS NOT DISTINCT FROM e.changed_at;
