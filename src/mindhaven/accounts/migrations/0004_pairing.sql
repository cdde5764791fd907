CREATE TABLE accounts_pairing (
    id {BYTES} NOT NULL PRIMARY KEY,
    device {BYTES} NOT NULL,
    answer {BYTES},
    session {BYTES},
    expires_at {BIGINT} NOT NULL
) {STRICT};
CREATE INDEX accounts_pairing_by_end ON accounts_pairing (expires_at);
