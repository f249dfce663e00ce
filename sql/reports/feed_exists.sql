-- The feed with this id, retired or not.
SELECT feed_id FROM feeds WHERE feed_id = $feed_id;
