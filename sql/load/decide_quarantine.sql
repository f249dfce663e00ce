-- An operator's decision on a quarantined row: released or discarded, when, by whom and why. A discarded row can still be
-- released; its note keeps who had discarded it.
UPDATE ledger.quarantine SET
    status = if(
        status = 'open' OR (status = 'discarded' AND $status = 'released'),
        $status,
        error('quarantined row ' || quarantine_id || ' is ' || status || ' already')
    ),
    decided_at = $now,
    decided_by = $decided_by,
    note = concat_ws(
        '; ',
        nullif($note, ''),
        if(status = 'discarded', concat_ws(': ', 'discarded before by ' || decided_by, nullif(note, '')), NULL)
    )
WHERE quarantine_id = $quarantine_id;
