-- Feeds that cannot be read at present, and since when.
SELECT f.feed_id, f.title, g.cause, g.gap_from FROM coverage_gaps AS g JOIN feeds AS f USING (feed_id)
WHERE g.gap_until IS NULL ORDER BY g.gap_from;
