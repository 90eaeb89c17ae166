-- The next units to be claimed are found without a look at those that are done.
DROP INDEX lantern_units_by_state;
CREATE INDEX lantern_units_by_state ON lantern_units (job, state, number);

-- Who waits for a slot of a rate limit, so that processes take turns.
CREATE TABLE lantern_waiters (
    scope  TEXT NOT NULL,
    class  TEXT NOT NULL,
    waiter TEXT NOT NULL,
    since  BIGINT NOT NULL,
    -- Its place is kept until then, unless it comes back.
    until  BIGINT NOT NULL,
    PRIMARY KEY (scope, class, waiter)
);
