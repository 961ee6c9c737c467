-- Several relays may share one database: `version` counts what any of them wrote to a room
-- or its seats, so that a picture of the room in memory is known to be old. Rewrites
-- nothing. A relay of the release before does not count; run both only on SQLite, where
-- nobody else writes.

ALTER TABLE rooms ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
