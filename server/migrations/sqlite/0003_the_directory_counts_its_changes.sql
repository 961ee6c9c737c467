-- A device asks only for the entries of the directory that were written since it last
-- asked: `changed` counts the writes of all.

ALTER TABLE directory ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE directory SET changed = numbered.number
    FROM (SELECT account_id, row_number() OVER (ORDER BY account_id) AS number FROM directory)
        AS numbered
    WHERE numbered.account_id = directory.account_id;
CREATE UNIQUE INDEX directory_changed ON directory (changed);
