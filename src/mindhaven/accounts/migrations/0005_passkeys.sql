ALTER TABLE accounts_account ADD COLUMN user_handle {BYTES};
CREATE TABLE accounts_passkey (
    uid {BYTES} NOT NULL,
    id {BYTES} NOT NULL,
    credential {BYTES} NOT NULL,
    public_key {BYTES} NOT NULL,
    name {BYTES} NOT NULL,
    transports TEXT NOT NULL,
    slot {BYTES},
    second_factor {BIGINT} NOT NULL,
    eligible {BIGINT} NOT NULL,
    backed_up {BIGINT} NOT NULL,
    counter {BIGINT} NOT NULL,
    created_hour {BIGINT} NOT NULL,
    used_hour {BIGINT},
    counter_back_hour {BIGINT},
    eligibility_hour {BIGINT},
    PRIMARY KEY (uid, id)
) {STRICT};
CREATE UNIQUE INDEX accounts_passkey_by_credential ON accounts_passkey (credential);
CREATE UNIQUE INDEX accounts_passkey_by_slot ON accounts_passkey (uid, slot);
