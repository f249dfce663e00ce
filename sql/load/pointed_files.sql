-- Files of the archive to which anything points.
SELECT archive_file FROM ledger.fetches WHERE archive_file IS NOT NULL
UNION
SELECT archive_file FROM content.article_revisions WHERE archive_file IS NOT NULL
UNION
SELECT payload ->> '$.article.fetch.archive_file' FROM ledger.quarantine WHERE status = 'open';
