-- What polling learns of a feed: its rate, what its document asks for, how hard it failed, and why it is next asked when.
ALTER TABLE ledger.feeds ADD COLUMN failure_score BIGINT DEFAULT 0;
ALTER TABLE ledger.feeds ADD COLUMN rate DOUBLE;
ALTER TABLE ledger.feeds ADD COLUMN listed BIGINT;
ALTER TABLE ledger.feeds ADD COLUMN asked_wait_seconds BIGINT;
ALTER TABLE ledger.feeds ADD COLUMN next_poll_reason VARCHAR;
ALTER TABLE ledger.feeds ADD COLUMN moved_to VARCHAR;
ALTER TABLE ledger.polls ADD COLUMN entries_repeated BIGINT DEFAULT 0;
ALTER TABLE ledger.polls ADD COLUMN trouble VARCHAR;

-- A duplicate whose link changes names another page, and is read anew.
INSERT INTO ledger.transitions VALUES ('duplicate', 'pending');

COMMENT ON COLUMN ledger.feeds.failure_score IS 'Doublings of the wait after failures in a row: 1 for a temporary one, 2 soft, 4 hard.';
COMMENT ON COLUMN ledger.feeds.rate IS 'New entries an hour, older days fading; NULL: not known.';
COMMENT ON COLUMN ledger.feeds.listed IS 'Entries in its last document.';
COMMENT ON COLUMN ledger.feeds.asked_wait_seconds IS 'What its last document asked for (ttl, sy:updatePeriod).';
COMMENT ON COLUMN ledger.feeds.next_poll_reason IS 'In words, what decided the time of the next poll.';
COMMENT ON COLUMN ledger.feeds.moved_to IS 'The address that permanent redirects name; NULL: none.';
COMMENT ON COLUMN ledger.polls.entries_repeated IS 'Items that repeated the key of another in the document, and are no entries of their own.';
COMMENT ON COLUMN ledger.polls.trouble IS 'How it failed: temporary, soft or hard; NULL: it did not.';
