-- Where these entries lead at present; `overtaken`: the last answer for the entry came after its link had changed.
WITH asked AS (
    FROM ledger.entries WHERE entry_id IN (SELECT unnest($ids::VARCHAR[]))
), looks AS (
    SELECT r.entry_id, arg_max(coalesce(r.detail, ''), r.rechecked_at) AS detail
    FROM ledger.rechecks AS r SEMI JOIN asked USING (entry_id)
    GROUP BY r.entry_id
)
SELECT entry_id, asked.url, coalesce(if(asked.outcome = 'loaded', looks.detail, asked.reason) = 'link_changed', false) AS overtaken
FROM asked LEFT JOIN looks USING (entry_id);
