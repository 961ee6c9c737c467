-- Several relays may share one database: `version` counts what any of them wrote to a room
-- or its seats, so that a picture of the room in memory is known to be old. A short
-- exclusive lock on rooms; rewrites nothing. No relay without this column ever ran on
-- PostgreSQL.

ALTER TABLE rooms ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
