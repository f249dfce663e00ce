-- A poll may fail because the network here is down.
COMMENT ON COLUMN ledger.feeds.failure_score IS 'Doublings of the wait after failures in a row: 1 for a temporary one, 2 soft, 4 hard, 0 local.';
COMMENT ON COLUMN ledger.feeds.last_trouble IS 'How the latest failed poll failed: temporary, soft, hard, or local (the network here was down).';
COMMENT ON COLUMN ledger.polls.trouble IS 'How it failed: temporary, soft, hard, or local (the network here was down); NULL: it did not.';
