-- How many articles there are to look at, at most.
SELECT count(*) AS articles FROM content.articles AS a JOIN ledger.entries AS e ON e.entry_id = a.entry_id
WHERE e.outcome IN ('loaded', 'off_topic');
