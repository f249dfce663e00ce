-- Whether a feed's ETag and Last-Modified may be believed, and when its document last came. Which runs counted what is due
-- as it is counted now: a time too far ahead to be waited for used to be none that had come. What else feeds say of
-- their entries.
ALTER TABLE ledger.feeds ADD COLUMN document_at TIMESTAMPTZ;
ALTER TABLE ledger.feeds ADD COLUMN idle_document_at TIMESTAMPTZ;
ALTER TABLE ledger.feeds ADD COLUMN validators_lie BOOLEAN DEFAULT false;
ALTER TABLE ledger.state ADD COLUMN counted_from BIGINT DEFAULT 1;
UPDATE ledger.state SET counted_from = (SELECT coalesce(max(run_number), 0) + 1 FROM ledger.runs);
ALTER TABLE ledger.entries ADD COLUMN categories VARCHAR[];
ALTER TABLE ledger.entries ADD COLUMN enclosures VARCHAR[];
ALTER TABLE ledger.entries ADD COLUMN origin VARCHAR;
ALTER TABLE ledger.entries ADD COLUMN origin_url VARCHAR;

COMMENT ON COLUMN ledger.feeds.document_at IS 'When its document last came, rather than a 304 (UTC).';
COMMENT ON COLUMN ledger.feeds.idle_document_at IS 'When a document last came that brought nothing new and nothing changed (UTC).';
COMMENT ON COLUMN ledger.feeds.validators_lie IS 'Whether its entries changed under the same ETag or Last-Modified: it is asked without them.';
COMMENT ON COLUMN ledger.state.counted_from IS 'The first run that counted what is due as it is counted now.';
COMMENT ON COLUMN ledger.entries.categories IS 'Categories, subjects or tags, as its feed names them; NULL: seen before they were kept.';
COMMENT ON COLUMN ledger.entries.enclosures IS 'Addresses of its enclosures; NULL: seen before they were kept.';
COMMENT ON COLUMN ledger.entries.origin IS 'Name of the feed or site that an aggregator has it from.';
COMMENT ON COLUMN ledger.entries.origin_url IS 'Its address.';
