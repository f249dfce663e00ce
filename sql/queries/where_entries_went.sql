-- Where the entries of each feed went: every one has exactly one outcome, with its reason.
SELECT feed_id, outcome, reason, count(*) AS entries
FROM entries
GROUP BY ALL
ORDER BY feed_id, entries DESC, outcome, reason;
