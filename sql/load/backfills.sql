-- How far these sources were read before.
SELECT source, version, position, total, documents, updated_at FROM ledger.backfills
WHERE source IN (SELECT unnest($ids::VARCHAR[]));
