-- Who publishes: one row a publisher.
CREATE OR REPLACE VIEW main.publishers AS
SELECT publisher_id, name, domains, family, country, language
FROM content.publishers;

COMMENT ON VIEW main.publishers IS 'Who publishes: one row a publisher.';
COMMENT ON COLUMN main.publishers.publisher_id IS 'The publisher.';
COMMENT ON COLUMN main.publishers."name" IS 'Its name.';
COMMENT ON COLUMN main.publishers.domains IS 'Its registrable domains.';
COMMENT ON COLUMN main.publishers.family IS 'The house that it belongs to.';
COMMENT ON COLUMN main.publishers.country IS 'ISO 3166 code.';
COMMENT ON COLUMN main.publishers."language" IS 'ISO 639-1 code.';
