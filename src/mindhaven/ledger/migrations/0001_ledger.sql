CREATE TABLE ledger_log (
    name TEXT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL,
    size {BIGINT} NOT NULL
) {STRICT_KEYED};
INSERT INTO ledger_log (name, origin, size) VALUES ('audit', '', 0);
INSERT INTO ledger_log (name, origin, size) VALUES ('keys', '', 0);
INSERT INTO ledger_log (name, origin, size) VALUES ('heads', '', 0);

CREATE TABLE ledger_tile (
    log TEXT NOT NULL,
    level {BIGINT} NOT NULL,
    number {BIGINT} NOT NULL,
    data {BYTES} NOT NULL,
    PRIMARY KEY (log, level, number)
) {STRICT};

CREATE TABLE ledger_bundle (
    log TEXT NOT NULL,
    number {BIGINT} NOT NULL,
    data {BYTES} NOT NULL,
    PRIMARY KEY (log, number)
) {STRICT};

CREATE TABLE ledger_checkpoint (
    log TEXT NOT NULL,
    size {BIGINT} NOT NULL,
    root {BYTES} NOT NULL,
    note {BYTES} NOT NULL,
    signed_at {BIGINT} NOT NULL,
    public {BIGINT} NOT NULL,
    PRIMARY KEY (log, size)
) {STRICT};

CREATE TABLE ledger_moved (
    collection {BYTES} NOT NULL,
    day {BIGINT} NOT NULL,
    head {BYTES} NOT NULL,
    PRIMARY KEY (collection, day)
) {STRICT_KEYED};
CREATE INDEX ledger_moved_by_day ON ledger_moved (day);
