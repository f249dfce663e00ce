-- Rows of these entries that are or were in quarantine.
SELECT quarantine_id, entry_id, status FROM ledger.quarantine WHERE entry_id IN (SELECT unnest($ids::VARCHAR[]));
