-- Articles that the ledger already knows under one of these addresses, by id, or as the same text on the same site.
WITH given AS (
    SELECT item.* FROM unnest($rows::STRUCT(url VARCHAR, article_id VARCHAR, site VARCHAR, content_hash VARCHAR)[]) AS parameter(item)
), found AS (
    SELECT u.article_id FROM content.article_urls AS u JOIN given USING (url)
    UNION
    SELECT a.article_id FROM content.articles AS a JOIN given USING (article_id)
    UNION
    SELECT a.article_id FROM content.articles AS a JOIN given USING (site, content_hash)
)
SELECT a.article_id, a.entry_id, a.site, a.content_hash, a.loaded_at, a.withdrawn_at, e.outcome, e.url AS link,
       (SELECT list(u.url ORDER BY u.url) FROM content.article_urls AS u WHERE u.article_id = a.article_id) AS urls,
       r.revision, r.title, r.text, r.author, r.published_at, r.canonical_url, r.content_hash AS revision_hash,
       r.cleaner_version, r.seen_from
FROM content.articles AS a
JOIN found USING (article_id)
JOIN ledger.entries AS e ON e.entry_id = a.entry_id
LEFT JOIN content.article_revisions AS r ON r.article_id = a.article_id AND r.is_current;
