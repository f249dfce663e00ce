-- New revisions: each becomes the current one of its article, and the one before it ends where it begins. A clock that
-- was set back does not put a later look before an earlier one.
CREATE OR REPLACE TEMP TABLE given AS
SELECT item.* FROM unnest($rows::STRUCT(
        article_id VARCHAR, change VARCHAR, url VARCHAR, canonical_url VARCHAR, title VARCHAR, "text" VARCHAR,
        "language" VARCHAR, publisher_id VARCHAR, publisher VARCHAR, author VARCHAR, published_raw VARCHAR,
        published_at TIMESTAMPTZ, published_on DATE, published_precision VARCHAR, date_flag VARCHAR,
        modified_at TIMESTAMPTZ,
        details STRUCT(
            authors VARCHAR[], section VARCHAR, tags VARCHAR[], image_url VARCHAR, is_paywalled BOOLEAN,
            page_language VARCHAR, title_from VARCHAR, author_from VARCHAR, published_from VARCHAR,
            modified_from VARCHAR, modified_precision VARCHAR, page_published_at TIMESTAMPTZ, page_published_on DATE,
            page_published_precision VARCHAR),
        fetched_at TIMESTAMPTZ, word_count BIGINT, content_hash VARCHAR,
        extractor VARCHAR, cleaner_version VARCHAR, seen_from TIMESTAMPTZ, recorded_at TIMESTAMPTZ,
        archive_file VARCHAR, archive_offset BIGINT)[]) AS parameter(item);

UPDATE given SET seen_from = greatest(given.seen_from, before.seen_from)
FROM content.article_revisions AS before
WHERE before.article_id = given.article_id AND before.is_current;

UPDATE content.article_revisions SET is_current = false, seen_until = given.seen_from
FROM given
WHERE article_revisions.article_id = given.article_id AND article_revisions.is_current;

INSERT INTO content.article_revisions BY NAME
SELECT
    * REPLACE (if(count(*) OVER (PARTITION BY article_id) > 1, error('double key ' || article_id), article_id) AS article_id),
    coalesce((SELECT max(old.revision) FROM content.article_revisions AS old
              WHERE old.article_id = given.article_id), 0) + 1 AS revision,
    true AS is_current,
    $run_id AS run_id
FROM given;

DROP TABLE given;
