-- Articles that their publisher changed after the first version, with the times between which each version stood.
SELECT a.publisher, r.revision, r.change, r.title, r.seen_from, r.seen_until
FROM article_revisions AS r
JOIN articles AS a USING (article_id)
WHERE a.revision > 1
ORDER BY a.article_id, r.revision;
