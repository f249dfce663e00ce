-- Entities named in on-topic articles: one row an entity in an article.
CREATE OR REPLACE VIEW main.mentions AS
SELECT article_id, entity_id, name, kind, "count", in_title, first_start
FROM content.mentions;

COMMENT ON VIEW main.mentions IS 'Entities named in on-topic articles: one row an entity in an article.';
COMMENT ON COLUMN main.mentions.article_id IS 'The article.';
COMMENT ON COLUMN main.mentions.entity_id IS 'The entity.';
COMMENT ON COLUMN main.mentions."name" IS 'Its common English name.';
COMMENT ON COLUMN main.mentions."kind" IS 'company, person, product, model, regulator, media, research, organization or place.';
COMMENT ON COLUMN main.mentions."count" IS 'How often it is named.';
COMMENT ON COLUMN main.mentions.in_title IS 'Whether the title names it.';
COMMENT ON COLUMN main.mentions.first_start IS '0-based code point of its first naming in the text; -1: in the title only.';
