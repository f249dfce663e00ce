-- Known entries that the publisher changed in the feed: what they say now. What follows from it is said elsewhere.
UPDATE ledger.entries SET
    url = given.url,
    title = given.title,
    author = given.author,
    summary = given.summary,
    content = given.content,
    published_raw = given.published_raw,
    published_at = given.published_at,
    published_on = given.published_on,
    published_precision = given.published_precision,
    date_flag = given.date_flag,
    fingerprint = given.fingerprint,
    categories = given.categories,
    enclosures = given.enclosures,
    origin = given.origin,
    origin_url = given.origin_url,
    changed_at = given.changed_at
FROM (
    SELECT * REPLACE (if(count(*) OVER (PARTITION BY entry_id) > 1, error('double key ' || entry_id), entry_id) AS entry_id)
    FROM (
        SELECT item.* FROM unnest($rows::STRUCT(
            entry_id VARCHAR, url VARCHAR, title VARCHAR, author VARCHAR, summary VARCHAR, content VARCHAR,
            published_raw VARCHAR, published_at TIMESTAMPTZ, published_on DATE, published_precision VARCHAR,
            date_flag VARCHAR, fingerprint VARCHAR, changed_at TIMESTAMPTZ, categories VARCHAR[], enclosures VARCHAR[],
            origin VARCHAR, origin_url VARCHAR)[]) AS parameter(item))
) AS given
WHERE entries.entry_id = given.entry_id;
