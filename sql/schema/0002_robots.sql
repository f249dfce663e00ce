-- What robots.txt of each site said, kept from run to run (RFC 9309 section 2.4).
CREATE TABLE ledger.robots (
    origin VARCHAR NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    body BLOB,
    content_type VARCHAR NOT NULL,
    read_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    unreachable_since TIMESTAMPTZ
);
COMMENT ON TABLE ledger.robots IS 'What robots.txt of each site said last.';
COMMENT ON COLUMN ledger.robots.origin IS 'Scheme, host and port of the site.';
COMMENT ON COLUMN ledger.robots.asked_at IS 'When it was last asked for (UTC).';
COMMENT ON COLUMN ledger.robots.body IS 'What was last read; empty: nothing is forbidden; NULL: no copy.';
COMMENT ON COLUMN ledger.robots.content_type IS 'Its content type.';
COMMENT ON COLUMN ledger.robots.read_at IS 'When it was last read (UTC); NULL without a copy.';
COMMENT ON COLUMN ledger.robots.expires_at IS 'Until when the copy holds without asking (UTC).';
COMMENT ON COLUMN ledger.robots.unreachable_since IS 'Since when it cannot be had (UTC); NULL: it could be had.';
