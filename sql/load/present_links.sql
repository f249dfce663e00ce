-- Where these entries lead at present.
SELECT entry_id, url FROM ledger.entries WHERE entry_id IN (SELECT unnest($ids::VARCHAR[]));
