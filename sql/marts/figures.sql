-- Quantities claimed about the world: one row a figure. Filled by a later version.
CREATE OR REPLACE VIEW main.figures AS
SELECT article_id, value, unit, direction, subject, period, sentence, start
FROM content.figures;

COMMENT ON VIEW main.figures IS 'Quantities claimed about the world: one row a figure. Filled by a later version.';
COMMENT ON COLUMN main.figures.article_id IS 'The article.';
COMMENT ON COLUMN main.figures."value" IS 'In base units: 1.4 billion = 1400000000.';
COMMENT ON COLUMN main.figures.unit IS 'percent, percentage_point, usd, eur, cny, hkd or count.';
COMMENT ON COLUMN main.figures.direction IS 'up, down or level.';
COMMENT ON COLUMN main.figures.subject IS 'What is counted.';
COMMENT ON COLUMN main.figures.period IS 'The span it speaks of.';
COMMENT ON COLUMN main.figures.sentence IS 'The sentence.';
COMMENT ON COLUMN main.figures."start" IS '0-based code point in the text.';
