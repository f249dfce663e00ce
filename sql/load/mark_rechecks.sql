-- Loaded entries that are to be looked at again.
UPDATE ledger.entries SET recheck_at = given.recheck_at
FROM (SELECT item.* FROM unnest($rows::STRUCT(entry_id VARCHAR, recheck_at TIMESTAMPTZ)[]) AS parameter(item)) AS given
WHERE entries.entry_id = given.entry_id AND entries.outcome = 'loaded';
