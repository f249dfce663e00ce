-- What backfill, replay and the archive's retention need to know.

-- Where the page of an entry lies that a backfill made; requests of ingests have theirs in ledger.fetches.
CREATE TABLE ledger.documents (
    entry_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_offset BIGINT,
    url VARCHAR,
    fetched_at TIMESTAMPTZ NOT NULL,
    content_type VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE ledger.documents IS 'Where the pages of entries lie that a backfill made.';
COMMENT ON COLUMN ledger.documents."entry_id" IS 'The entry.';
COMMENT ON COLUMN ledger.documents."source" IS 'The WARC file, or the page''s own file.';
COMMENT ON COLUMN ledger.documents."source_offset" IS 'Of the record in the WARC file, in bytes; NULL for a page''s own file.';
COMMENT ON COLUMN ledger.documents."url" IS 'The address that record, index or page names.';
COMMENT ON COLUMN ledger.documents."fetched_at" IS 'When the page was fetched (UTC), as its source says.';
COMMENT ON COLUMN ledger.documents."content_type" IS 'As the server said it.';
COMMENT ON COLUMN ledger.documents."run_id" IS 'The backfill.';

-- How far each source was read.
CREATE TABLE ledger.backfills (
    source VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    total BIGINT NOT NULL,
    documents BIGINT NOT NULL,
    run_id VARCHAR NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE ledger.backfills IS 'How far each source of a backfill was read.';
COMMENT ON COLUMN ledger.backfills."source" IS 'The WARC file, or the folder.';
COMMENT ON COLUMN ledger.backfills."feed_id" IS 'The pseudo-feed of its documents.';
COMMENT ON COLUMN ledger.backfills."version" IS 'Tells whether the source changed since.';
COMMENT ON COLUMN ledger.backfills."position" IS 'Where reading goes on: bytes (WARC), files (folder).';
COMMENT ON COLUMN ledger.backfills."total" IS 'Where it ends.';
COMMENT ON COLUMN ledger.backfills."documents" IS 'Documents read so far.';
COMMENT ON COLUMN ledger.backfills."run_id" IS 'The backfill that read last.';
COMMENT ON COLUMN ledger.backfills."updated_at" IS 'When (UTC).';

ALTER TABLE content.articles ADD COLUMN cleaner_version VARCHAR;
COMMENT ON COLUMN content.articles."cleaner_version" IS 'The cleaner whose text the present decisions are about; NULL: before this was kept.';

ALTER TABLE ledger.fetches ADD COLUMN archive_expired_at TIMESTAMPTZ;
COMMENT ON COLUMN ledger.fetches."archive_expired_at" IS 'When the archived answer went, by the archive''s retention (UTC); NULL: it is there, or there was none.';
