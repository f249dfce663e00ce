-- What the ledger has of these documents: `seen` where an ingest or backfill has read this very record, the article that
-- holds its address (or that of the entry which the record names), and how the entries stand that it could be.
WITH given AS (
    SELECT item.* FROM unnest($rows::STRUCT(
        key VARCHAR, entry_id VARCHAR, named VARCHAR, url VARCHAR, file VARCHAR, "offset" BIGINT, source VARCHAR)[]) AS parameter(item)
), records AS (
    SELECT archive_file, archive_offset FROM ledger.fetches WHERE archive_file IN (SELECT file FROM given)
    UNION
    SELECT archive_file, archive_offset FROM content.article_revisions WHERE archive_file IN (SELECT file FROM given)
)
SELECT
    given.key,
    r.archive_file IS NOT NULL OR d.entry_id IS NOT NULL AS seen,
    coalesce(named.article_id, u.article_id) AS article_id,
    named.outcome AS named_outcome,
    own.outcome AS own_outcome
FROM given
LEFT JOIN records AS r ON r.archive_file = given.file AND r.archive_offset = given."offset"
LEFT JOIN ledger.documents AS d -- under another address, which an index may have been given since, it is another entry
    ON d.entry_id = given.entry_id AND d.source = given.source AND coalesce(d.source_offset, -1) = coalesce(given."offset", -1)
LEFT JOIN ledger.entries AS named ON named.entry_id = given.named
LEFT JOIN ledger.entries AS own ON own.entry_id = given.entry_id
LEFT JOIN content.article_urls AS u ON u.url = given.url;
