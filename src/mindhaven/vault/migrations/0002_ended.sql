CREATE TABLE vault_ended (
    id_hash {BYTES} NOT NULL PRIMARY KEY,
    owner_hash {BYTES} NOT NULL
) {STRICT};
