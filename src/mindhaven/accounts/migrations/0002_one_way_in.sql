ALTER TABLE accounts_pending ADD COLUMN asked_by {BYTES};

CREATE TABLE accounts_bundle (
    uid {BYTES} NOT NULL,
    seq {BIGINT} NOT NULL,
    generation {BIGINT} NOT NULL,
    bundle {BYTES} NOT NULL,
    keep_until {BIGINT} NOT NULL,
    PRIMARY KEY (uid, seq)
) {STRICT};
CREATE INDEX accounts_bundle_by_end ON accounts_bundle (keep_until);
