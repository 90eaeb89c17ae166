-- The memory of records; see src/ledger/memory.rs.
CREATE TABLE lantern_questions (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account    TEXT NOT NULL,
    family     TEXT NOT NULL,
    parameters TEXT NOT NULL,
    -- The last of what was asked that lies in layers.
    folded     BIGINT NOT NULL DEFAULT 0,
    UNIQUE (account, family, parameters)
);
ALTER TABLE lantern_jobs ADD COLUMN question BIGINT;
-- Which known answers it takes.
ALTER TABLE lantern_jobs ADD COLUMN reuse TEXT NOT NULL DEFAULT '';
-- All that was asked up to here was known when the job was planned.
ALTER TABLE lantern_jobs ADD COLUMN as_of BIGINT NOT NULL DEFAULT 0;
-- Ids that are answered from memory, and those that wait for other jobs.
ALTER TABLE lantern_jobs ADD COLUMN reused BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_jobs ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
-- What a unit asks, where that is not what its job asks.
ALTER TABLE lantern_units ADD COLUMN kind TEXT;
-- Whether what it was answered lies in layers.
ALTER TABLE lantern_units ADD COLUMN remembered BIGINT NOT NULL DEFAULT 0;
CREATE INDEX lantern_units_new ON lantern_units (job) WHERE remembered = 0;
CREATE INDEX lantern_jobs_by_question ON lantern_jobs (question);
-- Ids that were taken out of a unit before it was sent.
ALTER TABLE lantern_units ADD COLUMN left_out BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lantern_unit_ids ADD COLUMN left_out BYTEA;
INSERT INTO lantern_questions (account, family, parameters)
    SELECT DISTINCT account, CASE WHEN kind = 'deep-research' THEN kind ELSE 'contact' END,
    parameters FROM lantern_jobs WHERE id_type <> '';
UPDATE lantern_jobs SET question = (SELECT q.id FROM lantern_questions q
    WHERE q.account = lantern_jobs.account AND q.parameters = lantern_jobs.parameters
    AND q.family = CASE WHEN lantern_jobs.kind = 'deep-research' THEN 'deep-research' ELSE 'contact' END)
    WHERE id_type <> '';

-- What was asked and is not in layers yet: the hashes of a unit's records, and their answers.
CREATE TABLE lantern_asked (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question    BIGINT NOT NULL,
    job         BIGINT NOT NULL REFERENCES lantern_jobs (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    parts       BIGINT NOT NULL,
    answered_at BIGINT,
    hashes      BYTEA NOT NULL,
    answers     BYTEA,
    UNIQUE (job, number)
);
CREATE INDEX lantern_asked_by_question ON lantern_asked (question, id);
CREATE TABLE lantern_layers (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question BIGINT NOT NULL,
    records  BIGINT NOT NULL,
    buckets  BIGINT NOT NULL
);
-- Entries of one range of hashes of a layer. The place is the layer's id times 2^24 and the number of
-- the bucket.
CREATE TABLE lantern_buckets (
    place   BIGINT PRIMARY KEY,
    entries BYTEA NOT NULL
);
-- Ids of a job that were answered before, and where.
CREATE TABLE lantern_reused (
    job     BIGINT NOT NULL REFERENCES lantern_jobs (id) ON DELETE CASCADE,
    chunk   BIGINT NOT NULL,
    -- 0 for the first plan.
    round   BIGINT NOT NULL,
    ids     BYTEA NOT NULL,
    sources BYTEA NOT NULL,
    PRIMARY KEY (job, chunk)
);
-- Ids of a job that wait for what other jobs ask.
CREATE TABLE lantern_held (
    id  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job BIGINT NOT NULL REFERENCES lantern_jobs (id) ON DELETE CASCADE,
    ids BYTEA NOT NULL
);
-- Without it nobody can tell from a hash whose it is.
CREATE TABLE lantern_hash_key (
    key TEXT NOT NULL
);
INSERT INTO lantern_hash_key VALUES (gen_random_uuid()::text);
-- They are hashes, which do not compress.
ALTER TABLE lantern_buckets ALTER COLUMN entries SET STORAGE EXTERNAL;
