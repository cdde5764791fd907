CREATE TABLE vault_snapshot_piece (
    collection {BIGINT} NOT NULL,
    hash {BYTES} NOT NULL,
    data {BYTES} NOT NULL,
    came_at {BIGINT} NOT NULL,
    PRIMARY KEY (collection, hash)
) {STRICT};
CREATE TABLE vault_snapshot (
    collection {BIGINT} NOT NULL PRIMARY KEY,
    seq {BIGINT} NOT NULL,
    root {BYTES} NOT NULL
) {STRICT};
