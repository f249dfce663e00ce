-- The metadata of an entry's article, where each was found, and in what the entry's feed says something else.
SELECT a.title, a.title_from, a.author, a.author_from, a.published_at, a.published_from AS published_at_from,
       a.modified_at, a.modified_from AS modified_at_from, a.language, a.page_language, a.is_paywalled,
       c.fields AS conflicts, c.feed_title, c.page_title, c.feed_author, c.page_author, c.feed_published_at,
       c.page_published_at
FROM entries AS e
JOIN articles AS a USING (article_id)
LEFT JOIN metadata_conflicts AS c ON c.entry_id = e.entry_id
WHERE e.entry_id = $entry_id;
