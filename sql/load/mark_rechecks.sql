-- Loaded entries that are to be looked at again.
UPDATE ledger.entries SET recheck_at = given.recheck_at
FROM (SELECT unnest($rows::STRUCT(entry_id VARCHAR, recheck_at TIMESTAMPTZ)[], max_depth := 2)) AS given
WHERE entries.entry_id = given.entry_id AND entries.outcome = 'loaded';
