CREATE TABLE register_policy (
    version {BIGINT} NOT NULL PRIMARY KEY,
    digest {BYTES} NOT NULL,
    texts {BYTES} NOT NULL,
    published_at {BIGINT} NOT NULL,
    seq {BIGINT} NOT NULL
) {STRICT};
