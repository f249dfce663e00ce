-- Where in a file of the archive the pages of revisions lie.
SELECT DISTINCT archive_offset FROM content.article_revisions WHERE archive_file = $file ORDER BY archive_offset;
