-- On-topic articles, each in its current revision: one row an article.
CREATE OR REPLACE VIEW main.articles AS
SELECT
    a.article_id, a.entry_id, e.feed_id, r.url, r.canonical_url, r.title, r.text, r.language, r.publisher_id,
    r.publisher, r.author, r.published_at, r.published_on, r.published_precision, r.modified_at, a.first_seen_at,
    r.fetched_at, a.loaded_at, a.withdrawn_at, r.revision, r.word_count, r.content_hash,
    (SELECT list(d.topic_id ORDER BY d.topic_id) FROM content.decisions AS d
     WHERE d.entry_id = a.entry_id AND d.is_current AND d.relevant) AS topics,
    a.story_id, r.extractor, r.date_flag, r.published_raw, r.details.authors, r.details.section, r.details.tags,
    r.details.image_url, r.details.is_paywalled, r.details.page_language, r.details.modified_precision,
    r.details.title_from, r.details.author_from, r.details.published_from, r.details.modified_from
FROM content.articles AS a
JOIN ledger.entries AS e ON e.entry_id = a.entry_id AND e.outcome = 'loaded'
JOIN content.article_revisions AS r ON r.article_id = a.article_id AND r.is_current;

COMMENT ON VIEW main.articles IS 'On-topic articles, each in its current revision: one row an article.';
COMMENT ON COLUMN main.articles.article_id IS 'Minted once for the page; never changes.';
COMMENT ON COLUMN main.articles.entry_id IS 'The feed entry whose outcome is `loaded` for this article.';
COMMENT ON COLUMN main.articles.feed_id IS 'The feed of that entry.';
COMMENT ON COLUMN main.articles.url IS 'Where the page was read: its final address after redirects.';
COMMENT ON COLUMN main.articles.canonical_url IS 'The address that the page names as its own; NULL if it names none.';
COMMENT ON COLUMN main.articles.title IS 'Title without the site''s name.';
COMMENT ON COLUMN main.articles."text" IS 'Cleaned text, one paragraph a line.';
COMMENT ON COLUMN main.articles."language" IS 'ISO 639-1 code of the text''s language, as it was detected.';
COMMENT ON COLUMN main.articles.publisher_id IS 'Who published it: key of `publishers`.';
COMMENT ON COLUMN main.articles.publisher IS 'The publisher''s name.';
COMMENT ON COLUMN main.articles.author IS 'Authors in one line, as the page names them; else as the feed does.';
COMMENT ON COLUMN main.articles.published_at IS 'When the publisher says it was published (UTC); NULL if unknown. Day precision: that day 00:00 in the feed''s zone.';
COMMENT ON COLUMN main.articles.published_on IS 'That day in the feed''s zone; group by this.';
COMMENT ON COLUMN main.articles.published_precision IS 'How exactly the publisher stated the time: second, minute, day or unknown.';
COMMENT ON COLUMN main.articles.modified_at IS 'When the publisher says it was last changed (UTC).';
COMMENT ON COLUMN main.articles.first_seen_at IS 'Our first poll that showed it (UTC).';
COMMENT ON COLUMN main.articles.fetched_at IS 'When the current revision was downloaded (UTC).';
COMMENT ON COLUMN main.articles.loaded_at IS 'When it first became a row of this view: the start of that run (UTC), and so before `fetched_at` of what the run downloaded; a long run''s rows come in with a time that has passed: find new rows by `article_id`.';
COMMENT ON COLUMN main.articles.withdrawn_at IS 'Since when the publisher answers 404 or 410 for it (UTC); NULL: still there.';
COMMENT ON COLUMN main.articles.revision IS 'Number of the current revision, from 1.';
COMMENT ON COLUMN main.articles.word_count IS 'Words; characters for Chinese and Japanese.';
COMMENT ON COLUMN main.articles.content_hash IS 'SHA-256 of title and text.';
COMMENT ON COLUMN main.articles.topics IS 'The topics that keep it.';
COMMENT ON COLUMN main.articles.story_id IS 'Its story; NULL until stories are built.';
COMMENT ON COLUMN main.articles.extractor IS 'What gave the text: the name of the extractor, or `feed`.';
COMMENT ON COLUMN main.articles.date_flag IS 'Why a date is unknown; NULL if it is known or was not stated.';
COMMENT ON COLUMN main.articles.published_raw IS 'That date as it was written, zone included.';
COMMENT ON COLUMN main.articles.authors IS 'The same authors, a list.';
COMMENT ON COLUMN main.articles.section IS 'The section that the page names; NULL if none.';
COMMENT ON COLUMN main.articles.tags IS 'The page''s tags or keywords, at most 50.';
COMMENT ON COLUMN main.articles.image_url IS 'Address of the lead image; NULL if the page names none.';
COMMENT ON COLUMN main.articles.is_paywalled IS 'Whether only a part can be read without paying, as the page says; NULL: it does not say.';
COMMENT ON COLUMN main.articles.page_language IS 'ISO 639-1 code of the language that the page claims, whatever its text is in; NULL if it claims none.';
COMMENT ON COLUMN main.articles.modified_precision IS 'How exactly the publisher stated modified_at: second, minute, day or unknown.';
COMMENT ON COLUMN main.articles.title_from IS 'Where the title was found: json_ld, meta, page (what readers see) or feed; NULL: nowhere.';
COMMENT ON COLUMN main.articles.author_from IS 'Where the authors were found: json_ld, meta, page or feed; NULL: nowhere.';
COMMENT ON COLUMN main.articles.published_from IS 'Where published_at was found: json_ld, meta, time (an element of the page), page, htmldate (a guess) or feed; NULL: nowhere.';
COMMENT ON COLUMN main.articles.modified_from IS 'Where modified_at was found: json_ld or meta; NULL: nowhere.';
