-- The text that the feed carries for these entries, and for feeds that carry whole articles where the archive holds the
-- document that it came from: the last one up to the entry's last change, or of the run that first saw it.
WITH e AS (
    SELECT e.entry_id, e.feed_id, e.summary, e.content, e.changed_at, e.first_run_id, f.full_text
    FROM ledger.entries AS e JOIN ledger.feeds AS f USING (feed_id)
    WHERE e.entry_id IN (SELECT unnest($ids::VARCHAR[]))
), records AS (
    SELECT e.entry_id, arg_max(f.archive_file, f.requested_at) AS archive_file,
           arg_max(f.archive_offset, f.requested_at) AS archive_offset
    FROM e JOIN ledger.fetches AS f ON f.feed_id = e.feed_id AND f.kind = 'feed'
    WHERE e.full_text AND f.archive_file IS NOT NULL
      AND if(e.changed_at IS NULL, f.run_id = e.first_run_id, f.requested_at <= e.changed_at)
    GROUP BY e.entry_id
)
SELECT entry_id, summary, content, archive_file, archive_offset
FROM e LEFT JOIN records USING (entry_id);
