-- Revisions (number NULL: the current one) whose text and metadata a newer cleaner made anew from the same page: they
-- replace the old ones, under the same number, and that is written down where the text differs.
UPDATE content.article_revisions SET
    title = given.title,
    text = given.text,
    language = given.language,
    author = given.author,
    canonical_url = given.canonical_url,
    published_raw = given.published_raw,
    published_at = given.published_at,
    published_on = given.published_on,
    published_precision = given.published_precision,
    date_flag = given.date_flag,
    modified_at = given.modified_at,
    details = given.details,
    word_count = given.word_count,
    content_hash = given.content_hash,
    extractor = given.extractor,
    cleaner_version = given.cleaner_version,
    recleaned_at = if(article_revisions.content_hash = given.content_hash, article_revisions.recleaned_at, given.recleaned_at)
FROM (
    SELECT * REPLACE (
        if(count(*) OVER (PARTITION BY article_id, revision) > 1, error('double key ' || article_id), article_id) AS article_id)
    FROM (
        SELECT item.* FROM unnest($rows::STRUCT(
            article_id VARCHAR, revision BIGINT, title VARCHAR, "text" VARCHAR, "language" VARCHAR, author VARCHAR,
            canonical_url VARCHAR, published_raw VARCHAR, published_at TIMESTAMPTZ, published_on DATE,
            published_precision VARCHAR, date_flag VARCHAR, modified_at TIMESTAMPTZ,
            details STRUCT(
            authors VARCHAR[], section VARCHAR, tags VARCHAR[], image_url VARCHAR, is_paywalled BOOLEAN,
            page_language VARCHAR, title_from VARCHAR, author_from VARCHAR, published_from VARCHAR,
            modified_from VARCHAR, modified_precision VARCHAR, page_published_at TIMESTAMPTZ, page_published_on DATE,
            page_published_precision VARCHAR),
            word_count BIGINT, content_hash VARCHAR, extractor VARCHAR,
            cleaner_version VARCHAR, recleaned_at TIMESTAMPTZ)[]) AS parameter(item))
) AS given
WHERE article_revisions.article_id = given.article_id AND if(given.revision IS NULL, article_revisions.is_current, article_revisions.revision = given.revision);
