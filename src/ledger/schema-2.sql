-- The ids of a batch lie apart: sums over ten thousand batches should not read past their ids.
CREATE TABLE batch_ids (
    job     INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    ids     BLOB NOT NULL,
    -- Those that the budget did not reach.
    cut_ids BLOB,
    PRIMARY KEY (job, number),
    FOREIGN KEY (job, number) REFERENCES batches (job, number) ON DELETE CASCADE
);
INSERT INTO batch_ids (job, number, ids, cut_ids) SELECT job, number, ids, cut_ids FROM batches;
ALTER TABLE batches DROP COLUMN ids;
ALTER TABLE batches DROP COLUMN cut_ids;

-- Since when the API has not known a batch's run.
ALTER TABLE batches ADD COLUMN unknown_since INTEGER;

-- What earlier sendings of a batch that was sent again may have cost.
ALTER TABLE batches ADD COLUMN written_off INTEGER NOT NULL DEFAULT 0;
