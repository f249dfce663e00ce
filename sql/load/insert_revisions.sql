-- Older versions of pages, each into its place in the history of its article: it gets the number given, the revisions
-- from there on count one higher, and the one before it ends where it begins.
CREATE OR REPLACE TEMP TABLE given AS
SELECT * REPLACE (
    if(count(*) OVER (PARTITION BY article_id) > 1, error('double key ' || article_id), article_id) AS article_id)
FROM (
    SELECT item.* FROM unnest($rows::STRUCT(
        article_id VARCHAR, revision BIGINT, change VARCHAR, following VARCHAR, url VARCHAR, canonical_url VARCHAR,
        title VARCHAR, "text" VARCHAR, "language" VARCHAR, publisher_id VARCHAR, publisher VARCHAR, author VARCHAR,
        published_raw VARCHAR, published_at TIMESTAMPTZ, published_on DATE, published_precision VARCHAR,
        date_flag VARCHAR, modified_at TIMESTAMPTZ,
        details STRUCT(
            authors VARCHAR[], section VARCHAR, tags VARCHAR[], image_url VARCHAR, is_paywalled BOOLEAN,
            page_language VARCHAR, title_from VARCHAR, author_from VARCHAR, published_from VARCHAR,
            modified_from VARCHAR, modified_precision VARCHAR, page_published_at TIMESTAMPTZ, page_published_on DATE,
            page_published_precision VARCHAR),
        fetched_at TIMESTAMPTZ, word_count BIGINT, content_hash VARCHAR,
        extractor VARCHAR, cleaner_version VARCHAR, seen_from TIMESTAMPTZ, recorded_at TIMESTAMPTZ,
        archive_file VARCHAR, archive_offset BIGINT)[]) AS parameter(item));

UPDATE content.article_revisions SET seen_until = given.seen_from
FROM given
WHERE article_revisions.article_id = given.article_id AND article_revisions.revision = given.revision - 1;

UPDATE content.article_revisions SET
    revision = article_revisions.revision + 1,
    change = if(article_revisions.revision = given.revision, given.following, article_revisions.change)
FROM given
WHERE article_revisions.article_id = given.article_id AND article_revisions.revision >= given.revision;

INSERT INTO content.article_revisions BY NAME
SELECT given.* EXCLUDE (following), false AS is_current, $run_id AS run_id, next.seen_from AS seen_until
FROM given
JOIN content.article_revisions AS next ON next.article_id = given.article_id AND next.revision = given.revision + 1;

DROP TABLE given;
