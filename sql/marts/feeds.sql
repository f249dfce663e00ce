-- The configured feeds, retired ones too: one row a feed.
CREATE OR REPLACE VIEW main.feeds AS
SELECT feed_id, url, title, language, country, timezone, observed_since, full_text, retired_at,
       to_seconds(every_seconds) AS every
FROM ledger.feeds;

COMMENT ON VIEW main.feeds IS 'The configured feeds, retired ones too: one row a feed.';
COMMENT ON COLUMN main.feeds.feed_id IS 'The feed.';
COMMENT ON COLUMN main.feeds.url IS 'Its address as configured.';
COMMENT ON COLUMN main.feeds.title IS 'Its title.';
COMMENT ON COLUMN main.feeds."language" IS 'ISO 639-1 code.';
COMMENT ON COLUMN main.feeds.country IS 'ISO 3166 code.';
COMMENT ON COLUMN main.feeds.timezone IS 'Zone of dates that carry none.';
COMMENT ON COLUMN main.feeds.observed_since IS 'Our first successful poll (UTC).';
COMMENT ON COLUMN main.feeds.full_text IS 'Whether it carries whole articles.';
COMMENT ON COLUMN main.feeds.retired_at IS 'When it left the configuration (UTC).';
COMMENT ON COLUMN main.feeds.every IS 'The shortest interval between polls.';
