-- Duplicates of these entries: where they lead themselves, and where the entry that speaks for them does.
SELECT d.entry_id, d.url, o.url AS url_of_original
FROM ledger.entries AS d JOIN ledger.entries AS o ON o.entry_id = d.duplicate_of
WHERE d.outcome = 'duplicate' AND d.duplicate_of IN (SELECT unnest($ids::VARCHAR[]));
