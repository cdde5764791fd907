CREATE TABLE event (
    id {ID},
    subject {BYTES} NOT NULL,
    seq {BIGINT} NOT NULL,
    name TEXT NOT NULL,
    version {BIGINT} NOT NULL,
    at {BIGINT} NOT NULL,
    salt {BYTES},
    commitment {BYTES} NOT NULL,
    body {BYTES},
    position {BIGINT}
) {STRICT};
CREATE UNIQUE INDEX event_by_subject ON event (subject, seq);
CREATE UNIQUE INDEX event_by_position ON event (position) WHERE position IS NOT NULL;
CREATE INDEX event_waiting ON event (id) WHERE position IS NULL;

CREATE TABLE event_subject (
    subject {BYTES} NOT NULL PRIMARY KEY,
    seq {BIGINT} NOT NULL,
    commitment {BYTES} NOT NULL
) {STRICT_KEYED};

CREATE TABLE event_sequence (
    name TEXT NOT NULL PRIMARY KEY,
    next {BIGINT} NOT NULL
) {STRICT_KEYED};
INSERT INTO event_sequence (name, next) VALUES ('event', 0);

CREATE TABLE cursor (
    reader TEXT NOT NULL PRIMARY KEY,
    position {BIGINT} NOT NULL,
    stopped_at {BIGINT},
    error TEXT
) {STRICT};

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder {BYTES} NOT NULL,
    fence {BIGINT} NOT NULL,
    expires_at {BIGINT} NOT NULL,
    done_at {BIGINT} NOT NULL
) {STRICT};

CREATE TABLE outbox (
    id {ID},
    topic TEXT NOT NULL,
    body {BYTES} NOT NULL,
    due_at {BIGINT} NOT NULL,
    attempts {BIGINT} NOT NULL,
    error TEXT
) {STRICT};
CREATE INDEX outbox_due ON outbox (due_at);

CREATE TABLE kernel_data_key (
    id {BIGINT} NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    wrapped {BYTES} NOT NULL,
    created_at {BIGINT} NOT NULL,
    retired_at {BIGINT}
) {STRICT};
