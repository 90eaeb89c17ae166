-- Times are microseconds since 1970. `modified_at` is Salesforce's SystemModstamp.
ALTER TABLE charges ADD COLUMN workflow_id TEXT;

-- Answers by record_id: the same question about the same record is paid once.
CREATE TABLE answers (
    call TEXT NOT NULL,
    record_id TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (call, record_id)
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT,
    email TEXT,
    active INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT, domain TEXT, phone TEXT, linkedin TEXT, industry TEXT, size_range TEXT,
    country TEXT, state TEXT, city TEXT, postal_code TEXT,
    owner_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX accounts_modified ON accounts (modified_at, id);

CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    account_id TEXT,
    first_name TEXT, last_name TEXT, email TEXT, phone TEXT, title TEXT, linkedin TEXT,
    company TEXT, domain TEXT, country TEXT, city TEXT,
    owner_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX contacts_modified ON contacts (modified_at, id);

CREATE TABLE leads (
    id TEXT PRIMARY KEY,
    first_name TEXT, last_name TEXT, email TEXT, phone TEXT, title TEXT, linkedin TEXT,
    company TEXT, domain TEXT, country TEXT, city TEXT,
    source TEXT,
    status TEXT NOT NULL DEFAULT 'New',
    converted_account_id TEXT,
    converted_contact_id TEXT,
    converted_at INTEGER,
    owner_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX leads_modified ON leads (modified_at, id);

CREATE TABLE opportunities (
    id TEXT PRIMARY KEY,
    account_id TEXT,
    name TEXT, stage TEXT, amount REAL,
    owner_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX opportunities_modified ON opportunities (modified_at, id);

-- Activities: `parent_id` is a lead, contact, account or opportunity.
CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    parent_id TEXT, subject TEXT, status TEXT,
    owner_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tasks_parent ON tasks (parent_id);

CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    parent_id TEXT, title TEXT, body TEXT,
    owner_id TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_parent ON notes (parent_id);

-- The number of the next id of each kind of record.
CREATE TABLE ids (object TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;

CREATE TABLE owner_history (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    owner_id TEXT,
    prev_owner TEXT,
    reason TEXT
) STRICT;
CREATE INDEX owner_history_of ON owner_history (object_id);

CREATE TABLE pools (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL DEFAULT 0) STRICT;
-- The next in turn is the active user with the lowest `turn`, then the lowest `position`.
CREATE TABLE pool_users (
    pool TEXT NOT NULL REFERENCES pools (name) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL,
    turn INTEGER NOT NULL DEFAULT 0,
    assigned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (pool, user_id)
) STRICT;

CREATE TABLE routing_log (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    action TEXT NOT NULL,
    pool TEXT,
    assigned_to TEXT,
    prev_owner TEXT,
    sequence INTEGER,
    reason TEXT,
    request_id TEXT,
    idempotency_key TEXT,
    diff TEXT
) STRICT;
CREATE INDEX routing_log_at ON routing_log (at, seq);

-- What the trigger or the poll has worked: the modstamp that the record had afterwards.
CREATE TABLE worked (id TEXT PRIMARY KEY, modified_at INTEGER NOT NULL) STRICT;
CREATE TABLE enrichment_jobs (
    job_id TEXT PRIMARY KEY,
    object_id TEXT NOT NULL,
    event TEXT NOT NULL,
    credits INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- The audit log of workflows and forms: request and answer with secrets redacted. `raw` is the
-- request as it came, for a replay, and `push` what is sent to `url`; both go when the run is done.
CREATE TABLE workflow_runs (
    request_id TEXT PRIMARY KEY,
    workflow_id TEXT NOT NULL,
    -- done, queued (a push waits for its turn) or dead (given up; can be replayed)
    status TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT,
    error TEXT,
    raw TEXT,
    url TEXT,
    push TEXT,
    most_attempts INTEGER NOT NULL DEFAULT 5,
    base_ms INTEGER NOT NULL DEFAULT 1000,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER,
    received_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX workflow_runs_due ON workflow_runs (next_at) WHERE status = 'queued';

CREATE TABLE tokens (hash TEXT PRIMARY KEY, client_id TEXT NOT NULL, expires_at INTEGER NOT NULL)
STRICT;
