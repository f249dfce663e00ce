-- The text that the feed carries for these entries.
SELECT entry_id, summary, content FROM ledger.entries WHERE entry_id IN (SELECT unnest($ids::VARCHAR[]));
