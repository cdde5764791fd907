CREATE TABLE accounts_account (
    uid {BYTES} NOT NULL PRIMARY KEY,
    handle TEXT,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    created_hour {BIGINT} NOT NULL,
    seq {BIGINT} NOT NULL,
    head {BYTES} NOT NULL,
    generation {BIGINT} NOT NULL,
    slots {BYTES} NOT NULL,
    bundle {BYTES} NOT NULL,
    totp {BYTES},
    totp_last_step {BIGINT} NOT NULL,
    failures {BIGINT} NOT NULL,
    failures_hour {BIGINT} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX accounts_by_handle ON accounts_account (handle);

CREATE TABLE accounts_statement (
    uid {BYTES} NOT NULL,
    seq {BIGINT} NOT NULL,
    hash {BYTES} NOT NULL,
    signed {BYTES} NOT NULL,
    PRIMARY KEY (uid, seq)
) {STRICT};

CREATE TABLE accounts_identity (
    uid {BYTES} NOT NULL,
    generation {BIGINT} NOT NULL,
    xwing {BYTES} NOT NULL,
    ed25519 {BYTES} NOT NULL,
    mldsa65 {BYTES} NOT NULL,
    statement {BYTES} NOT NULL,
    PRIMARY KEY (uid, generation)
) {STRICT};

CREATE TABLE accounts_slot (
    uid {BYTES} NOT NULL,
    id {BYTES} NOT NULL,
    kind {BIGINT} NOT NULL,
    params {BYTES} NOT NULL,
    tag {BYTES} NOT NULL,
    enc {BYTES} NOT NULL,
    ciphertext {BYTES} NOT NULL,
    login_key {BYTES} NOT NULL,
    lookup {BYTES},
    made_at {BIGINT} NOT NULL,
    PRIMARY KEY (uid, id)
) {STRICT};
CREATE UNIQUE INDEX accounts_slot_by_lookup ON accounts_slot (lookup);

CREATE TABLE accounts_reservation (
    nonce {BYTES} NOT NULL PRIMARY KEY,
    handle TEXT NOT NULL,
    server_salt {BYTES} NOT NULL,
    role TEXT NOT NULL,
    invitation {BYTES},
    expires_at {BIGINT} NOT NULL
) {STRICT};

CREATE TABLE accounts_challenge (
    nonce {BYTES} NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    about {BYTES} NOT NULL,
    expires_at {BIGINT} NOT NULL
) {STRICT};

CREATE TABLE accounts_session (
    id {BYTES} NOT NULL PRIMARY KEY,
    uid {BYTES} NOT NULL,
    public_key {BYTES} NOT NULL,
    device_name {BYTES} NOT NULL,
    token_hash {BYTES} NOT NULL,
    token_expires_at {BIGINT} NOT NULL,
    created_at {BIGINT} NOT NULL,
    renewed_at {BIGINT} NOT NULL,
    first_hour {BIGINT} NOT NULL,
    last_hour {BIGINT} NOT NULL,
    slot_a {BYTES},
    slot_a_at {BIGINT} NOT NULL,
    slot_b {BYTES},
    slot_b_at {BIGINT} NOT NULL
) {STRICT};
CREATE INDEX accounts_session_by_uid ON accounts_session (uid);
CREATE UNIQUE INDEX accounts_session_by_token ON accounts_session (token_hash);
CREATE INDEX accounts_session_by_key ON accounts_session (public_key);

CREATE TABLE accounts_pending (
    id {BYTES} NOT NULL PRIMARY KEY,
    uid {BYTES} NOT NULL,
    keys {BYTES} NOT NULL,
    statement {BYTES} NOT NULL,
    seq {BIGINT} NOT NULL,
    asked_at {BIGINT} NOT NULL,
    due_at {BIGINT} NOT NULL
) {STRICT};
CREATE INDEX accounts_pending_by_uid ON accounts_pending (uid);

CREATE TABLE accounts_invitation (
    code_hash {BYTES} NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    expires_at {BIGINT} NOT NULL
) {STRICT};
