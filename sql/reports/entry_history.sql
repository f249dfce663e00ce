-- The history of an entry.
SELECT changed_at, outcome, reason, detail, run_id FROM entry_history WHERE entry_id = $entry_id ORDER BY history_number;
