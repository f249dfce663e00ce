-- Numbers the transaction that is about to commit.
UPDATE ledger.state SET commit_number = commit_number + 1 RETURNING commit_number;
