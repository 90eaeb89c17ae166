CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    key         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    parameters  TEXT NOT NULL,
    digest      TEXT NOT NULL,
    id_column   TEXT NOT NULL,
    id_type     TEXT NOT NULL,
    rows        INTEGER NOT NULL,
    ids         INTEGER NOT NULL,
    row_ids     BLOB NOT NULL,
    max_credits INTEGER NOT NULL,
    price       INTEGER NOT NULL,
    base_url    TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (account, key)
);

CREATE TABLE batches (
    job             INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    count           INTEGER NOT NULL,
    ids             BLOB NOT NULL,
    -- 0 for the first plan; later ones take the ids that the budget did not reach.
    round           INTEGER NOT NULL DEFAULT 0,
    state           TEXT NOT NULL DEFAULT 'planned',
    max_credits     INTEGER NOT NULL DEFAULT 0,
    credits         INTEGER,
    run_id          TEXT,
    result_path     TEXT,
    credits_path    TEXT,
    owner           TEXT,
    sending_until   INTEGER NOT NULL DEFAULT 0,
    idempotency_key TEXT NOT NULL,
    sends           INTEGER NOT NULL DEFAULT 0,
    returned        INTEGER,
    emails          INTEGER,
    phones          INTEGER,
    cut             INTEGER NOT NULL DEFAULT 0,
    cut_ids         BLOB,
    moved           INTEGER NOT NULL DEFAULT 0,
    error           TEXT,
    sent_at         INTEGER,
    accepted_at     INTEGER,
    finished_at     INTEGER,
    loaded_at       INTEGER,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

CREATE INDEX batches_by_state ON batches (job, state);

-- When the last call of a class left, shared by all processes that use the same key.
CREATE TABLE slots (
    scope TEXT NOT NULL,
    class TEXT NOT NULL,
    last  INTEGER NOT NULL,
    held  INTEGER NOT NULL,
    PRIMARY KEY (scope, class)
) WITHOUT ROWID;
