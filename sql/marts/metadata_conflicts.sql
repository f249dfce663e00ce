-- Loaded articles on which a feed says something else than the page: one row an entry. `articles` has the page's word,
-- but for a date that the feed states more exactly.
CREATE OR REPLACE VIEW main.metadata_conflicts AS
WITH pairs AS (
    SELECT
        a.article_id, e.entry_id, e.feed_id, r.url, r.publisher, r.title, r.author, r.published_at,
        r.details.published_from, e.title AS feed_title, e.author AS feed_author,
        e.published_at AS feed_published_at, e.published_precision AS feed_published_precision,
        if(r.details.title_from <> 'feed', r.title, NULL) AS page_title,
        if(r.details.author_from <> 'feed', r.author, NULL) AS page_author,
        r.details.page_published_at, r.details.page_published_precision,
        -- Days are compared in each feed's own zone; a minute's difference is none.
        if('day' IN (e.published_precision, r.details.page_published_precision),
           e.published_on <> r.details.page_published_on,
           abs(epoch(e.published_at) - epoch(r.details.page_published_at)) >= 60) AS dates_differ
    FROM content.articles AS a
    JOIN ledger.entries AS speaker ON speaker.entry_id = a.entry_id
    JOIN content.article_revisions AS r ON r.article_id = a.article_id
    JOIN ledger.entries AS e ON e.article_id = a.article_id
    WHERE speaker.outcome = 'loaded' AND e.outcome IN ('loaded', 'duplicate') AND r.is_current
), plain AS (
    -- The feed's and the page's in letters and digits alone: dashes and quotation marks make no other title.
    SELECT
        *,
        -- Each title whole, without its last part, and without its first: one of them may be the site's name.
        list_transform([feed_title, page_title], lambda title: list_transform(
            [title, regexp_extract(title, '^(.+)(?:\s[-–—·•»]+\s|[|｜_]).+$', 1),
             regexp_extract(title, '^.+?(?:\s[-–—·•»]+\s|[|｜_])(.+)$', 1)],
            lambda part: regexp_replace(lower(part), '[^\p{L}\p{N}]+', '', 'g'))) AS titles,
        -- The names in any order, without "by".
        list_transform([feed_author, page_author], lambda names: list_sort(list_distinct(list_transform(
            regexp_split_to_array(
                regexp_replace(lower(names), '^\s*(?:(?:written )?by|par|文|作者|记者)(?:\s*[:：]\s*|\s+)', ''),
                '[,;，；、&]\s*(?:and\s|et\s)?|\s(?:and|et)\s|和|与'),
            lambda name: regexp_replace(name, '[^\p{L}\p{N}]+', '', 'g'))))) AS authors
    FROM pairs
), compared AS (
    SELECT
        *,
        list_filter([
            if(feed_title <> '' AND page_title <> '' AND NOT list_contains(titles[1], titles[2][1])
               AND NOT list_contains(titles[2], titles[1][1]), 'title', NULL),
            if(authors[1] <> authors[2], 'author', NULL),
            if(dates_differ, 'published_at', NULL)
        ], lambda name: name IS NOT NULL) AS fields
    FROM plain
)
SELECT
    article_id, entry_id, feed_id, url, publisher, fields, title, feed_title, page_title, author, feed_author,
    page_author, published_at, published_from, feed_published_at, feed_published_precision, page_published_at,
    page_published_precision
FROM compared
WHERE len(fields) > 0;

COMMENT ON VIEW main.metadata_conflicts IS 'Loaded articles on which a feed says something else than the page: one row an entry. `articles` has the page''s word, but for a date that the feed states more exactly.';
COMMENT ON COLUMN main.metadata_conflicts.article_id IS 'The article.';
COMMENT ON COLUMN main.metadata_conflicts.entry_id IS 'The entry that says something else; also one that is a duplicate.';
COMMENT ON COLUMN main.metadata_conflicts.feed_id IS 'Its feed.';
COMMENT ON COLUMN main.metadata_conflicts.url IS 'Where the page was read, as `articles` has it.';
COMMENT ON COLUMN main.metadata_conflicts.publisher IS 'The publisher''s name.';
COMMENT ON COLUMN main.metadata_conflicts.fields IS 'In what they differ: title (letters and digits compared, a site''s name before or behind it left out), author (names in any order), published_at (by a minute or more; by day where one states only that).';
COMMENT ON COLUMN main.metadata_conflicts.title IS 'Title as `articles` has it: the page''s, where it has one.';
COMMENT ON COLUMN main.metadata_conflicts.feed_title IS 'Title in the feed, as it says now.';
COMMENT ON COLUMN main.metadata_conflicts.page_title IS 'Title on the page, without the site''s name; NULL: none.';
COMMENT ON COLUMN main.metadata_conflicts.author IS 'Authors as `articles` has them: the page''s, where it names any.';
COMMENT ON COLUMN main.metadata_conflicts.feed_author IS 'Authors in the feed.';
COMMENT ON COLUMN main.metadata_conflicts.page_author IS 'Authors on the page; NULL: none.';
COMMENT ON COLUMN main.metadata_conflicts.published_at IS 'Publication as `articles` has it (UTC).';
COMMENT ON COLUMN main.metadata_conflicts.published_from IS 'Which date that is: `feed`, or where on the page it was found (see `articles`).';
COMMENT ON COLUMN main.metadata_conflicts.feed_published_at IS 'Publication as the feed states it (UTC).';
COMMENT ON COLUMN main.metadata_conflicts.feed_published_precision IS 'How exactly: second, minute, day or unknown.';
COMMENT ON COLUMN main.metadata_conflicts.page_published_at IS 'Publication as the page states it (UTC); NULL: it does not.';
COMMENT ON COLUMN main.metadata_conflicts.page_published_precision IS 'How exactly: second, minute, day or unknown.';
