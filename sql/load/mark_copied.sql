-- Says when the copy that is about to be published was taken; this changes nothing that analysts ask for.
UPDATE ledger.state SET copied_at = $now;
