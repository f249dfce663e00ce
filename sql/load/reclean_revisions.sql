-- Revisions (number NULL: the current one) whose text a newer cleaner made anew from the same page: it replaces the old one, under the same
-- number, and that is written down where it differs.
UPDATE content.article_revisions SET
    title = given.title,
    text = given.text,
    language = given.language,
    author = given.author,
    canonical_url = given.canonical_url,
    word_count = given.word_count,
    content_hash = given.content_hash,
    extractor = given.extractor,
    cleaner_version = given.cleaner_version,
    recleaned_at = if(article_revisions.content_hash = given.content_hash, article_revisions.recleaned_at, given.recleaned_at)
FROM (
    SELECT * REPLACE (
        if(count(*) OVER (PARTITION BY article_id, revision) > 1, error('double key ' || article_id), article_id) AS article_id)
    FROM (
        SELECT unnest($rows::STRUCT(
            article_id VARCHAR, revision BIGINT, title VARCHAR, "text" VARCHAR, "language" VARCHAR, author VARCHAR,
            canonical_url VARCHAR, word_count BIGINT, content_hash VARCHAR, extractor VARCHAR,
            cleaner_version VARCHAR, recleaned_at TIMESTAMPTZ)[], max_depth := 2))
) AS given
WHERE article_revisions.article_id = given.article_id AND if(given.revision IS NULL, article_revisions.is_current, article_revisions.revision = given.revision);
