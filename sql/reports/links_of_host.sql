-- Links of entries that may lead to this host, given in its ASCII form; those to hosts of other letters too.
SELECT DISTINCT url
FROM ledger.entries
WHERE contains(lower(url), $host) OR regexp_matches(url, '^[^/?#]*//[^/?#]*[^ -~]');
