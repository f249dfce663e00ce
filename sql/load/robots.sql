-- What robots.txt of each site said last.
SELECT origin, asked_at, body, content_type, read_at, expires_at, unreachable_since
FROM ledger.robots;
