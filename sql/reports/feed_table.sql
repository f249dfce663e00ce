-- How the feeds do, those with trouble first.
SELECT f.feed_id, f.title, f.url, f.language, f.country, h.state, h.last_success_at, h.next_poll_at, h.entries_7d,
       h.consecutive_failures, h.last_error, h.explanation
FROM feeds AS f JOIN feed_health AS h USING (feed_id)
ORDER BY h.consecutive_failures DESC, h.state <> 'silent', f.feed_id;
