-- An entry's present outcome.
SELECT outcome FROM entries WHERE entry_id = $entry_id;
