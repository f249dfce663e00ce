-- What a page says of itself beside title, text and dates, and where each was found. NULL: stored before this was kept;
-- a replay fills it.
ALTER TABLE content.article_revisions ADD COLUMN details STRUCT(
    authors VARCHAR[], section VARCHAR, tags VARCHAR[], image_url VARCHAR, is_paywalled BOOLEAN,
    page_language VARCHAR, title_from VARCHAR, author_from VARCHAR, published_from VARCHAR,
    modified_from VARCHAR, modified_precision VARCHAR, page_published_at TIMESTAMPTZ, page_published_on DATE,
    page_published_precision VARCHAR);
COMMENT ON COLUMN content.article_revisions."details" IS 'What the page says of itself, and where it was found; NULL: before this was kept.';
