-- The tables of the ledger in SQLite, with a name that tells whose they are.
CREATE TABLE lantern_jobs (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account     TEXT NOT NULL,
    key         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    parameters  TEXT NOT NULL,
    digest      TEXT NOT NULL,
    id_column   TEXT NOT NULL,
    id_type     TEXT NOT NULL,
    rows        BIGINT NOT NULL,
    ids         BIGINT NOT NULL,
    row_ids     BYTEA NOT NULL,
    max_credits BIGINT NOT NULL,
    price       BIGINT NOT NULL,
    base_url    TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (account, key)
);

CREATE TABLE lantern_batches (
    job             BIGINT NOT NULL REFERENCES lantern_jobs (id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    count           BIGINT NOT NULL,
    -- 0 for the first plan; later ones take the ids that the budget did not reach.
    round           BIGINT NOT NULL DEFAULT 0,
    state           TEXT NOT NULL DEFAULT 'planned',
    max_credits     BIGINT NOT NULL DEFAULT 0,
    credits         BIGINT,
    -- What earlier sendings of a batch that was sent again may have cost.
    written_off     BIGINT NOT NULL DEFAULT 0,
    run_id          TEXT,
    result_path     TEXT,
    credits_path    TEXT,
    owner           TEXT,
    sending_until   BIGINT NOT NULL DEFAULT 0,
    idempotency_key TEXT NOT NULL,
    sends           BIGINT NOT NULL DEFAULT 0,
    returned        BIGINT,
    emails          BIGINT,
    phones          BIGINT,
    cut             BIGINT NOT NULL DEFAULT 0,
    moved           BOOLEAN NOT NULL DEFAULT FALSE,
    error           TEXT,
    sent_at         BIGINT,
    accepted_at     BIGINT,
    finished_at     BIGINT,
    loaded_at       BIGINT,
    -- Since when the API has not known the batch's run.
    unknown_since   BIGINT,
    PRIMARY KEY (job, number)
);

CREATE INDEX lantern_batches_by_state ON lantern_batches (job, state);

CREATE TABLE lantern_batch_ids (
    job     BIGINT NOT NULL,
    number  BIGINT NOT NULL,
    ids     BYTEA NOT NULL,
    -- Those that the budget did not reach.
    cut_ids BYTEA,
    PRIMARY KEY (job, number),
    FOREIGN KEY (job, number) REFERENCES lantern_batches (job, number) ON DELETE CASCADE
);

-- When the last call of a class left, shared by all processes that use the same key.
CREATE TABLE lantern_slots (
    scope TEXT NOT NULL,
    class TEXT NOT NULL,
    last  BIGINT NOT NULL,
    held  BIGINT NOT NULL,
    PRIMARY KEY (scope, class)
);
