-- What each topic decided on each judged entry, kept or dropped: one row a decision.
CREATE OR REPLACE VIEW main.decisions AS
SELECT entry_id, topic_id, relevant, score, rule_version, content_hash, matches, evidence, decided_at, is_current,
       threshold, article_id, run_id
FROM content.decisions;

COMMENT ON VIEW main.decisions IS 'What each topic decided on each judged entry, kept or dropped: one row a decision.';
COMMENT ON COLUMN main.decisions.entry_id IS 'The entry that was judged.';
COMMENT ON COLUMN main.decisions.topic_id IS 'The topic.';
COMMENT ON COLUMN main.decisions.relevant IS 'Whether the topic keeps it.';
COMMENT ON COLUMN main.decisions.score IS 'The score.';
COMMENT ON COLUMN main.decisions.rule_version IS 'The rules that decided: topic and a hash of everything they rest on.';
COMMENT ON COLUMN main.decisions.content_hash IS 'The text that was judged.';
COMMENT ON COLUMN main.decisions."matches" IS 'Number of matches per facet.';
COMMENT ON COLUMN main.decisions.evidence IS 'The best matches: facet, entity, term, field, language, start (0-based code point), snippet.';
COMMENT ON COLUMN main.decisions.decided_at IS 'When: the start of the run that decided (UTC).';
COMMENT ON COLUMN main.decisions.is_current IS 'Whether it is the present decision.';
COMMENT ON COLUMN main.decisions.threshold IS 'The score from which a piece is kept.';
COMMENT ON COLUMN main.decisions.article_id IS 'The article judged.';
COMMENT ON COLUMN main.decisions.run_id IS 'The run that decided.';
