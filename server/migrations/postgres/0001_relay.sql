-- The relay's first schema. Creates only; locks nothing that exists.
--
-- The same tables and columns as on SQLite. A room's entries lie behind a random slot.
-- No column holds a time of day. Absent is a default, never NULL.
--
-- PostgreSQL keeps rows in the order they came in until they are moved: on this database
-- the order of rows tells whoever reads the files what SQLite's random keys hide.

CREATE TABLE organisation (
    single           BIGINT PRIMARY KEY CHECK (single = 1),
    generation       BYTEA  NOT NULL CHECK (length(generation) = 16),
    set_up_hash      BYTEA  NOT NULL DEFAULT '',
    root_public_key  BYTEA  NOT NULL DEFAULT '',
    policy_version   BIGINT NOT NULL DEFAULT 0,
    retention_days   BIGINT NOT NULL DEFAULT 0,
    policy_body      BYTEA  NOT NULL DEFAULT '',
    policy_signature BYTEA  NOT NULL DEFAULT ''
);

CREATE TABLE revocations (
    number    BIGINT PRIMARY KEY,
    body      BYTEA NOT NULL,
    signature BYTEA NOT NULL
);

CREATE TABLE accounts (
    account_id   BYTEA  NOT NULL PRIMARY KEY,
    identity_key BYTEA  NOT NULL,
    revoked      BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE devices (
    device_id  BYTEA  NOT NULL PRIMARY KEY,
    account_id BYTEA  NOT NULL REFERENCES accounts (account_id),
    auth_key   BYTEA  NOT NULL,
    revoked    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX devices_of_account ON devices (account_id);

CREATE TABLE directory (
    account_id BYTEA  NOT NULL PRIMARY KEY REFERENCES accounts (account_id),
    version    BIGINT NOT NULL,
    sealed     BYTEA  NOT NULL
);

CREATE TABLE key_packages (
    package_id  BYTEA  NOT NULL PRIMARY KEY,
    device_id   BYTEA  NOT NULL REFERENCES devices (device_id),
    last_resort BIGINT NOT NULL DEFAULT 0,
    expires_day BIGINT NOT NULL,
    sealed      BYTEA  NOT NULL
);
CREATE INDEX key_packages_of_device ON key_packages (device_id, last_resort, package_id);

-- Rooms and seats are rewritten all the time: space in each page lets that happen in place.
CREATE TABLE rooms (
    room_id       BYTEA  NOT NULL PRIMARY KEY,
    slot          BIGINT NOT NULL UNIQUE,
    kind          BIGINT NOT NULL,
    epoch         BIGINT NOT NULL DEFAULT 0,
    next_seq      BIGINT NOT NULL DEFAULT 1,
    commit_seq    BIGINT NOT NULL DEFAULT 0,
    acked_up_to   BIGINT NOT NULL DEFAULT 0,
    expired_up_to BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE seats (
    slot        BIGINT NOT NULL REFERENCES rooms (slot) ON DELETE CASCADE,
    seat_hash   BYTEA  NOT NULL,
    cursor      BIGINT NOT NULL DEFAULT 0,
    added_seq   BIGINT NOT NULL DEFAULT 0,
    removed_seq BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (slot, seat_hash)
) WITH (fillfactor = 50);

-- entry_id is slot << 32 | seq: one room's log lies together and in order.
CREATE TABLE entries (
    entry_id    BIGINT PRIMARY KEY,
    kind        BIGINT NOT NULL,
    epoch       BIGINT NOT NULL,
    target      BIGINT NOT NULL DEFAULT 0,
    expires_day BIGINT NOT NULL,
    message_id  BYTEA  NOT NULL,
    payload     BYTEA  NOT NULL
);
-- Ciphertext does not get smaller.
ALTER TABLE entries ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX entries_by_message ON entries ((entry_id >> 32), message_id);
CREATE INDEX entries_by_expiry ON entries (expires_day);

CREATE TABLE capsules (
    capsule_id    BYTEA  NOT NULL PRIMARY KEY,
    claim_hash    BYTEA  NOT NULL,
    -- Unix minutes and a hash, 0 and empty until somebody claims.
    claimed_until BIGINT NOT NULL DEFAULT 0,
    claimant_hash BYTEA  NOT NULL DEFAULT '',
    expires_hour  BIGINT NOT NULL,
    sealed        BYTEA  NOT NULL
);

CREATE TABLE blobs (
    blob_id      BYTEA  NOT NULL PRIMARY KEY,
    secret_hash  BYTEA  NOT NULL,
    content_hash BYTEA  NOT NULL,
    size         BIGINT NOT NULL,
    complete     BIGINT NOT NULL DEFAULT 0,
    expires_day  BIGINT NOT NULL
);
