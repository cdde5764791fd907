CREATE TABLE vault_window (
    id {BIGINT} NOT NULL PRIMARY KEY,
    opened_at {BIGINT} NOT NULL,
    until {BIGINT} NOT NULL
) {STRICT};
