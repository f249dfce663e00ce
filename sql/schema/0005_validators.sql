-- Whether a feed's ETag and Last-Modified may be believed, and when its document last came.
ALTER TABLE ledger.feeds ADD COLUMN document_at TIMESTAMPTZ;
ALTER TABLE ledger.feeds ADD COLUMN idle_document_at TIMESTAMPTZ;
ALTER TABLE ledger.feeds ADD COLUMN validators_lie BOOLEAN DEFAULT false;

COMMENT ON COLUMN ledger.feeds.document_at IS 'When its document last came, rather than a 304 (UTC).';
COMMENT ON COLUMN ledger.feeds.idle_document_at IS 'When a document last came that brought nothing new and nothing changed (UTC).';
COMMENT ON COLUMN ledger.feeds.validators_lie IS 'Whether its entries changed under the same ETag or Last-Modified: it is asked without them.';
