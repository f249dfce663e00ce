-- Every feed, retired ones too, with what polling has taught about it.
SELECT feed_id, url, title, language, country, timezone, every_seconds, full_text, retired_at, etag, last_modified,
       body_hash, observed_since, last_attempt_at, last_success_at, next_poll_at, interval_seconds, consecutive_failures,
       failure_score, rate, listed, asked_wait_seconds, next_poll_reason, moved_to,
       document_at, idle_document_at, validators_lie,
       EXISTS (FROM ledger.coverage_gaps AS gap
               WHERE gap.feed_id = feeds.feed_id AND gap.gap_until IS NULL) AS has_open_gap
FROM ledger.feeds
ORDER BY feed_id;
