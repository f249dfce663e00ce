-- Whether a time has come. One that is further off than any wait that sets it (48 hours at most, `attempts.ATTEMPT_DELAYS`,
-- and a day for the run) was written by a clock that has been put back since: it would not come for as long as that.
CREATE OR REPLACE MACRO ledger.is_due(due_at, moment) AS
    isfinite(due_at) AND (due_at <= moment OR due_at > moment + INTERVAL 3 DAY);
