-- What the latest failed poll of a feed said, and what its last document repeated, kept with the feed: to look for them
-- among all polls made every run dearer than the one before.
ALTER TABLE ledger.feeds ADD COLUMN last_error VARCHAR;
ALTER TABLE ledger.feeds ADD COLUMN last_trouble VARCHAR;
ALTER TABLE ledger.feeds ADD COLUMN repeated BIGINT;

UPDATE ledger.feeds SET last_error = latest.error, last_trouble = latest.trouble, repeated = latest.repeated
FROM (
    SELECT
        feed_id,
        arg_max(error, polled_at) FILTER (status = 'failed') AS error,
        arg_max(trouble, polled_at) FILTER (status = 'failed') AS trouble,
        arg_max(entries_repeated, polled_at) FILTER (status = 'changed') AS repeated
    FROM ledger.polls
    GROUP BY feed_id
) AS latest
WHERE latest.feed_id = feeds.feed_id;

COMMENT ON COLUMN ledger.feeds.last_error IS 'What the latest failed poll said.';
COMMENT ON COLUMN ledger.feeds.last_trouble IS 'How the latest failed poll failed: temporary, soft or hard.';
COMMENT ON COLUMN ledger.feeds.repeated IS 'Items of its last document that repeated another''s key.';
