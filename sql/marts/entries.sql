-- Every feed entry ever seen, with its one current outcome: one row an entry.
CREATE OR REPLACE VIEW main.entries AS
SELECT entry_id, feed_id, guid, url, title, author, published_raw, published_at, published_on, published_precision,
       date_flag, first_seen_at, changed_at, outcome, reason, detail, attempts, next_attempt_at, recheck_at, article_id,
       duplicate_of, run_id, categories, enclosures, origin, origin_url
FROM ledger.entries;

COMMENT ON VIEW main.entries IS 'Every feed entry ever seen, with its one current outcome: one row an entry.';
COMMENT ON COLUMN main.entries.entry_id IS 'Minted once for feed and GUID (or link); never changes.';
COMMENT ON COLUMN main.entries.feed_id IS 'The feed.';
COMMENT ON COLUMN main.entries.guid IS 'The publisher''s identifier as written; NULL if there is none.';
COMMENT ON COLUMN main.entries.url IS 'The entry''s link; NULL if it has none.';
COMMENT ON COLUMN main.entries.title IS 'Title as plain text.';
COMMENT ON COLUMN main.entries.author IS 'Author as the feed names it.';
COMMENT ON COLUMN main.entries.published_raw IS 'The date as the feed wrote it.';
COMMENT ON COLUMN main.entries.published_at IS 'That date as an instant (UTC); NULL if unknown.';
COMMENT ON COLUMN main.entries.published_on IS 'That day in the feed''s zone.';
COMMENT ON COLUMN main.entries.published_precision IS 'second, minute, day or unknown.';
COMMENT ON COLUMN main.entries.date_flag IS 'Why a stated date is not believed; NULL otherwise.';
COMMENT ON COLUMN main.entries.first_seen_at IS 'Our first poll that showed the entry (UTC).';
COMMENT ON COLUMN main.entries.changed_at IS 'When the publisher last changed the entry in the feed (UTC).';
COMMENT ON COLUMN main.entries.outcome IS 'What became of it: pending, loaded, off_topic, duplicate, empty, unreachable, gone, blocked or quarantined.';
COMMENT ON COLUMN main.entries.reason IS 'Why, from the closed list of the data dictionary.';
COMMENT ON COLUMN main.entries.detail IS 'A few words on the single case.';
COMMENT ON COLUMN main.entries.attempts IS 'Failed attempts so far.';
COMMENT ON COLUMN main.entries.next_attempt_at IS 'When it is due (UTC); NULL unless pending.';
COMMENT ON COLUMN main.entries.recheck_at IS 'When a loaded entry is to be looked at again (UTC); NULL: not asked for.';
COMMENT ON COLUMN main.entries.article_id IS 'The article that its page is; NULL if none was read.';
COMMENT ON COLUMN main.entries.duplicate_of IS 'The entry that speaks for the same page; NULL unless duplicate.';
COMMENT ON COLUMN main.entries.run_id IS 'The run that gave the outcome.';
COMMENT ON COLUMN main.entries.categories IS 'Categories, subjects or tags that the feed names, at most 100; NULL: seen before these were kept.';
COMMENT ON COLUMN main.entries.enclosures IS 'Addresses of enclosures (audio, images …), at most 100; NULL: seen before these were kept.';
COMMENT ON COLUMN main.entries.origin IS 'Name of the feed or site that an aggregator has the entry from; NULL: none is named.';
COMMENT ON COLUMN main.entries.origin_url IS 'Its address; NULL: none is named.';
