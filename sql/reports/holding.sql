-- What a file holds: how many articles, and when it was copied (NULL: it was never published).
SELECT (SELECT count(*) FROM articles) AS articles, copied_at FROM ledger.state;
