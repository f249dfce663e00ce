-- An operator's decision on a quarantined row: released or discarded, when, by whom and why.
UPDATE ledger.quarantine SET
    status = if(status = 'open', $status, error('quarantined row ' || quarantine_id || ' is ' || status || ' already')),
    decided_at = $now,
    decided_by = $decided_by,
    note = $note
WHERE quarantine_id = $quarantine_id;
