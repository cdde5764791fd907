CREATE TABLE ledger_forget (
    subject {BYTES} NOT NULL PRIMARY KEY,
    authority TEXT NOT NULL,
    erased {BIGINT} NOT NULL
) {STRICT_KEYED};
