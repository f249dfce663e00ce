-- Spans in which a feed was not seen whole: there, "no article" does not mean "nothing was published".
SELECT f.title, g.cause, g.gap_from, g.gap_until
FROM coverage_gaps AS g
JOIN feeds AS f USING (feed_id)
ORDER BY g.gap_from DESC, f.title;
