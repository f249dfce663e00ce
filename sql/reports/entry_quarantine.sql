-- Rows of an entry that lie in quarantine, the newest first; what was released has come out of it.
SELECT quarantine_id, status, rule, created_at
FROM quarantine
WHERE entry_id = $entry_id AND status <> 'released'
ORDER BY created_at DESC, quarantine_id;
