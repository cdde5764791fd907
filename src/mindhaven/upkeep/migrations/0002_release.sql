CREATE TABLE upkeep_release (
    app TEXT NOT NULL PRIMARY KEY,
    release {BYTES} NOT NULL,
    seq {BIGINT} NOT NULL
) {STRICT_KEYED};
