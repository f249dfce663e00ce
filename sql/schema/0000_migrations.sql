-- Where the record of migrations stands; a migration and its record commit together.
CREATE SCHEMA ledger;
CREATE TABLE ledger.migrations (
    number BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE ledger.migrations IS 'Migrations applied to this file.';
COMMENT ON COLUMN ledger.migrations.number IS 'Number in the file''s name.';
COMMENT ON COLUMN ledger.migrations.name IS 'The file''s name.';
COMMENT ON COLUMN ledger.migrations.sha256 IS 'Of the file as it was applied; it is never edited afterwards.';
COMMENT ON COLUMN ledger.migrations.applied_at IS 'When (UTC).';
