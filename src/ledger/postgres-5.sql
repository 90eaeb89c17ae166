-- Budgets above the jobs; see src/ledger/budgets.rs.
CREATE TABLE lantern_budgets (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    max_credits BIGINT NOT NULL,
    -- 'day', 'week', 'month' or 'year'; empty where it never renews.
    per         TEXT NOT NULL,
    -- A budget that was removed keeps its row: its jobs send nothing, and what was spent stays counted.
    removed_at  BIGINT
);
-- What was sent on a day, in days since 1970 (UTC), and what of it is not settled yet.
CREATE TABLE lantern_budget_days (
    budget    BIGINT NOT NULL REFERENCES lantern_budgets (id),
    day       BIGINT NOT NULL,
    spent     BIGINT NOT NULL,
    committed BIGINT NOT NULL,
    PRIMARY KEY (budget, day)
);
ALTER TABLE lantern_jobs ADD COLUMN budget BIGINT;
-- The budget that the latest sending is counted against.
ALTER TABLE lantern_units ADD COLUMN budget BIGINT;

-- Who is never sent and never given back, by a hash that only this ledger can make. Those of job 0 hold
-- for all jobs.
CREATE TABLE lantern_suppressed (
    job      BIGINT NOT NULL,
    hash     BYTEA NOT NULL,
    kind     TEXT NOT NULL,
    -- 0 for the normal form of an entry, 1 for its plain text.
    form     BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (job, hash)
);
CREATE INDEX lantern_suppressed_by_kind ON lantern_suppressed (job, kind);
CREATE TABLE lantern_suppression_key (
    key TEXT NOT NULL
);
INSERT INTO lantern_suppression_key VALUES (gen_random_uuid()::text || gen_random_uuid()::text);

-- When the answers of a unit were deleted.
ALTER TABLE lantern_units ADD COLUMN purged_at BIGINT;
CREATE TABLE lantern_settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
