-- Links of entries that may lead to this host, given in its ASCII form; and those whose host may be another spelling of
-- it: with other letters, percent-encoded, an IPv6 address, or an IPv4 address as browsers read it (0x7f.1).
SELECT DISTINCT url
FROM ledger.entries
WHERE contains(lower(url), $host)
   OR regexp_matches(url, '^[^/?#]*//([^/?#]*([^ -~]|[%\[])|[0-9a-fA-FxX.]+([:/?#]|$))');
