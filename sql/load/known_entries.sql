-- Which of these entries (feed and key) the ledger knows, and how it stands with them.
SELECT feed_id, entry_key, entry_id, fingerprint, outcome, duplicate_of,
       (SELECT o.outcome FROM ledger.entries AS o WHERE o.entry_id = entries.duplicate_of) AS outcome_of_original
FROM ledger.entries
JOIN (SELECT unnest($rows::STRUCT(feed_id VARCHAR, entry_key VARCHAR)[], max_depth := 2)) AS given
USING (feed_id, entry_key);
