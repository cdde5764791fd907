CREATE TABLE ledger_witness (
    log TEXT NOT NULL,
    witness TEXT NOT NULL,
    size {BIGINT} NOT NULL,
    cosigned_at {BIGINT} NOT NULL,
    failures {BIGINT} NOT NULL,
    next_at {BIGINT} NOT NULL,
    PRIMARY KEY (log, witness)
) {STRICT_KEYED};
