-- Entries that a topic dropped with the highest scores: where a change of the rules would act first.
SELECT e.title, e.reason, round(d.score, 3) AS score, d.threshold, d.matches
FROM decisions AS d
JOIN entries AS e USING (entry_id)
WHERE d.is_current AND NOT d.relevant
ORDER BY d.score DESC, e.entry_id
LIMIT 20;
