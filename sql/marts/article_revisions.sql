-- What a publisher served under one article over time: one row a revision.
CREATE OR REPLACE VIEW main.article_revisions AS
SELECT article_id, revision, title, text, content_hash, seen_from, seen_until, recorded_at, change, is_current, url,
       canonical_url, author, published_at, published_on, published_precision, modified_at, language, word_count, run_id,
       cleaner_version, recleaned_at, details
FROM content.article_revisions;

COMMENT ON VIEW main.article_revisions IS 'What a publisher served under one article over time: one row a revision.';
COMMENT ON COLUMN main.article_revisions.article_id IS 'The article.';
COMMENT ON COLUMN main.article_revisions.revision IS 'From 1, in the order of seen_from.';
COMMENT ON COLUMN main.article_revisions.title IS 'Title in this revision.';
COMMENT ON COLUMN main.article_revisions."text" IS 'Text in this revision.';
COMMENT ON COLUMN main.article_revisions.content_hash IS 'SHA-256 of title and text.';
COMMENT ON COLUMN main.article_revisions.seen_from IS 'When we first saw this revision (UTC).';
COMMENT ON COLUMN main.article_revisions.seen_until IS 'When we saw the next one (UTC); NULL: current.';
COMMENT ON COLUMN main.article_revisions.recorded_at IS 'When we wrote it down: the start of that run (UTC).';
COMMENT ON COLUMN main.article_revisions."change" IS 'What changed against the revision before: new, title, text or metadata (author, published_at or canonical URL).';
COMMENT ON COLUMN main.article_revisions.is_current IS 'Whether it is the latest.';
COMMENT ON COLUMN main.article_revisions.url IS 'Where it was read.';
COMMENT ON COLUMN main.article_revisions.canonical_url IS 'The address that the page named.';
COMMENT ON COLUMN main.article_revisions.author IS 'Authors in this revision.';
COMMENT ON COLUMN main.article_revisions.published_at IS 'Stated time of publication (UTC).';
COMMENT ON COLUMN main.article_revisions.published_on IS 'That day in the feed''s zone.';
COMMENT ON COLUMN main.article_revisions.published_precision IS 'second, minute, day or unknown.';
COMMENT ON COLUMN main.article_revisions.modified_at IS 'Stated time of change (UTC).';
COMMENT ON COLUMN main.article_revisions."language" IS 'ISO 639-1 code.';
COMMENT ON COLUMN main.article_revisions.word_count IS 'Words; characters for Chinese and Japanese.';
COMMENT ON COLUMN main.article_revisions.run_id IS 'The run that recorded it.';
COMMENT ON COLUMN main.article_revisions.cleaner_version IS 'The cleaner that made the text.';
COMMENT ON COLUMN main.article_revisions.recleaned_at IS 'When a newer cleaner made its text anew from the archived page (UTC); NULL: never.';
COMMENT ON COLUMN main.article_revisions.details IS 'What the page said of itself then, and where it was found: see `articles` and `metadata_conflicts`; NULL: stored before this was kept (`technews replay` fills it).';
