CREATE TABLE consent_record (
    hash {BYTES} NOT NULL PRIMARY KEY,
    grantor {BYTES} NOT NULL,
    recipient {BYTES} NOT NULL,
    collection {BYTES} NOT NULL,
    purpose TEXT NOT NULL,
    since {BIGINT} NOT NULL,
    until {BIGINT} NOT NULL,
    language TEXT NOT NULL,
    register_version TEXT NOT NULL,
    generation {BIGINT} NOT NULL,
    signed {BYTES} NOT NULL,
    sealed {BYTES} NOT NULL,
    given_hour {BIGINT} NOT NULL,
    ended_hour {BIGINT}
) {STRICT};
CREATE INDEX consent_by_grantor ON consent_record (grantor);
CREATE INDEX consent_by_recipient ON consent_record (recipient);
CREATE INDEX consent_by_collection ON consent_record (collection);
