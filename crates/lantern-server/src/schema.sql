CREATE TABLE runs (
    seq INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    request TEXT NOT NULL,
    ids INTEGER NOT NULL,
    max_credits INTEGER NOT NULL,
    -- what the tenant's credits keep free for it while it is queued
    reserved INTEGER NOT NULL,
    credits INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'queued',
    error TEXT,
    fault TEXT,
    idempotency_key TEXT,
    received_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX queue ON runs (seq) WHERE status = 'queued';
-- one row for each service that a run was charged for; times are microseconds since 1970
CREATE TABLE charges (
    at INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    service TEXT NOT NULL,
    records INTEGER NOT NULL,
    credits INTEGER NOT NULL
) STRICT;
CREATE INDEX charged ON charges (at);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
