-- One ledger for batches and mapped calls, with the names that it has in PostgreSQL.
ALTER TABLE jobs RENAME TO lantern_jobs;
ALTER TABLE batches RENAME TO lantern_batches;
ALTER TABLE batch_ids RENAME TO lantern_batch_ids;
ALTER TABLE slots RENAME TO lantern_slots;
DROP INDEX batches_by_state;
CREATE INDEX lantern_units_by_state ON lantern_batches (job, state);

ALTER TABLE lantern_batches RENAME TO lantern_units;
ALTER TABLE lantern_batch_ids RENAME TO lantern_unit_ids;

-- The first row of a mapped call, counted from 0.
ALTER TABLE lantern_units ADD COLUMN first_row BIGINT NOT NULL DEFAULT 0;
-- When a unit's run was last asked for.
ALTER TABLE lantern_units ADD COLUMN looked_at BIGINT;

-- The sums over a job's units lie in its row, so that a step need not read them all.
ALTER TABLE lantern_jobs ADD COLUMN units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN planned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN in_flight BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN in_doubt BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN loaded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN skipped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN spent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN committed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN returned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN emails BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN phones BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN cut BIGINT NOT NULL DEFAULT 0;
UPDATE lantern_jobs SET (units, planned, in_flight, in_doubt, loaded, failed, skipped, spent,
    committed, returned, emails, phones, cut) = (SELECT
    count(*),
    count(*) FILTER (WHERE u.state = 'planned'),
    count(*) FILTER (WHERE u.state IN ('sending', 'accepted', 'completed')),
    count(*) FILTER (WHERE u.state = 'in_doubt'),
    count(*) FILTER (WHERE u.state = 'loaded'),
    count(*) FILTER (WHERE u.state = 'failed'),
    count(*) FILTER (WHERE u.state = 'skipped'),
    coalesce(CAST(sum(CASE WHEN u.state IN ('loaded', 'failed', 'skipped')
        THEN coalesce(u.credits, u.max_credits) ELSE 0 END + u.written_off) AS BIGINT), 0),
    coalesce(CAST(sum(u.max_credits)
        FILTER (WHERE u.state IN ('sending', 'in_doubt', 'accepted', 'completed')) AS BIGINT), 0),
    coalesce(CAST(sum(u.returned) AS BIGINT), 0),
    coalesce(CAST(sum(u.emails) AS BIGINT), 0),
    coalesce(CAST(sum(u.phones) AS BIGINT), 0),
    coalesce(CAST(sum(u.cut) FILTER (WHERE u.moved = 0) AS BIGINT), 0)
    FROM lantern_units u WHERE u.job = lantern_jobs.id);

-- What mapped calls ask for each row, in chunks; and what they answered, by unit.
CREATE TABLE lantern_requests (
    job      BIGINT NOT NULL REFERENCES lantern_jobs (id) ON DELETE CASCADE,
    chunk    BIGINT NOT NULL,
    requests BLOB NOT NULL,
    PRIMARY KEY (job, chunk)
);
-- Paid answers that could not be read, as they came.
CREATE TABLE lantern_bodies (
    job    BIGINT NOT NULL,
    number BIGINT NOT NULL,
    body   BLOB NOT NULL,
    PRIMARY KEY (job, number),
    FOREIGN KEY (job, number) REFERENCES lantern_units (job, number) ON DELETE CASCADE
);
CREATE TABLE lantern_answers (
    job     BIGINT NOT NULL,
    number  BIGINT NOT NULL,
    answers BLOB NOT NULL,
    PRIMARY KEY (job, number),
    FOREIGN KEY (job, number) REFERENCES lantern_units (job, number) ON DELETE CASCADE
);

-- How often something was claimed: a file that was set back to an earlier copy is found out.
CREATE TABLE lantern_claims (
    ledger TEXT NOT NULL,
    claims BIGINT NOT NULL
);
INSERT INTO lantern_claims VALUES (lower(hex(randomblob(16))), 0);

-- Whose credits the key of a client spends, by the place of the API and a fingerprint of the key.
CREATE TABLE lantern_accounts (
    place   TEXT NOT NULL,
    key     TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (place, key)
);
