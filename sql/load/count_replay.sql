-- How many articles there are to look at, at most; and how many rows wait in quarantine (of all, or read since).
SELECT
    (SELECT count(*) FROM content.articles AS a JOIN ledger.entries AS e ON e.entry_id = a.entry_id
     WHERE e.outcome IN ('loaded', 'off_topic')) AS articles,
    (SELECT count(*) FROM ledger.quarantine
     WHERE status = 'open'
       AND ($since::TIMESTAMPTZ IS NULL
            OR coalesce((payload ->> '$.article.fetched_at')::TIMESTAMPTZ, created_at) >= $since::TIMESTAMPTZ)) AS quarantined;
