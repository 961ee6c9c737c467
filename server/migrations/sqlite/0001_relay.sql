-- The relay's first schema. Creates only; locks nothing that exists.
--
-- Tables whose key is random are WITHOUT ROWID, and a room's entries lie behind a random
-- slot: neither row order nor row ids tell in which order things came into being.
-- No column holds a time of day. Absent is a default, never NULL.

CREATE TABLE organisation (
    single           INTEGER PRIMARY KEY CHECK (single = 1),
    generation       BLOB    NOT NULL CHECK (length(generation) = 16),
    set_up_hash      BLOB    NOT NULL DEFAULT x'',
    root_public_key  BLOB    NOT NULL DEFAULT x'',
    policy_version   INTEGER NOT NULL DEFAULT 0,
    retention_days   INTEGER NOT NULL DEFAULT 0,
    policy_body      BLOB    NOT NULL DEFAULT x'',
    policy_signature BLOB    NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE revocations (
    number    INTEGER PRIMARY KEY,
    body      BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;

CREATE TABLE accounts (
    account_id   BLOB    NOT NULL PRIMARY KEY,
    identity_key BLOB    NOT NULL,
    revoked      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    device_id  BLOB    NOT NULL PRIMARY KEY,
    account_id BLOB    NOT NULL REFERENCES accounts (account_id),
    auth_key   BLOB    NOT NULL,
    revoked    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_of_account ON devices (account_id);

CREATE TABLE directory (
    account_id BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (account_id),
    version    INTEGER NOT NULL,
    sealed     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_packages (
    package_id  BLOB    NOT NULL PRIMARY KEY,
    device_id   BLOB    NOT NULL REFERENCES devices (device_id),
    last_resort INTEGER NOT NULL DEFAULT 0,
    expires_day INTEGER NOT NULL,
    sealed      BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX key_packages_of_device ON key_packages (device_id, last_resort, package_id);

CREATE TABLE rooms (
    room_id       BLOB    NOT NULL PRIMARY KEY,
    slot          INTEGER NOT NULL UNIQUE,
    kind          INTEGER NOT NULL,
    epoch         INTEGER NOT NULL DEFAULT 0,
    next_seq      INTEGER NOT NULL DEFAULT 1,
    commit_seq    INTEGER NOT NULL DEFAULT 0,
    acked_up_to   INTEGER NOT NULL DEFAULT 0,
    expired_up_to INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE seats (
    slot        INTEGER NOT NULL REFERENCES rooms (slot) ON DELETE CASCADE,
    seat_hash   BLOB    NOT NULL,
    cursor      INTEGER NOT NULL DEFAULT 0,
    added_seq   INTEGER NOT NULL DEFAULT 0,
    removed_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (slot, seat_hash)
) STRICT, WITHOUT ROWID;

-- entry_id is slot << 32 | seq: one room's log lies together and in order.
CREATE TABLE entries (
    entry_id    INTEGER PRIMARY KEY,
    kind        INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    target      INTEGER NOT NULL DEFAULT 0,
    expires_day INTEGER NOT NULL,
    message_id  BLOB    NOT NULL,
    payload     BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX entries_by_message ON entries ((entry_id >> 32), message_id);
CREATE INDEX entries_by_expiry ON entries (expires_day);

CREATE TABLE capsules (
    capsule_id    BLOB    NOT NULL PRIMARY KEY,
    claim_hash    BLOB    NOT NULL,
    -- Unix minutes and a hash, 0 and empty until somebody claims.
    claimed_until INTEGER NOT NULL DEFAULT 0,
    claimant_hash BLOB    NOT NULL DEFAULT x'',
    expires_hour  INTEGER NOT NULL,
    sealed        BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blobs (
    blob_id      BLOB    NOT NULL PRIMARY KEY,
    secret_hash  BLOB    NOT NULL,
    content_hash BLOB    NOT NULL,
    size         INTEGER NOT NULL,
    complete     INTEGER NOT NULL DEFAULT 0,
    expires_day  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
