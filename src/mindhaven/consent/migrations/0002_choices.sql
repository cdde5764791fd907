CREATE TABLE consent_choice (
    person {BYTES} NOT NULL,
    number {BIGINT} NOT NULL,
    hash {BYTES} NOT NULL,
    purpose TEXT NOT NULL,
    act {BIGINT} NOT NULL,
    terms {BIGINT} NOT NULL,
    until {BIGINT} NOT NULL,
    generation {BIGINT} NOT NULL,
    signed {BYTES} NOT NULL,
    PRIMARY KEY (person, number)
) {STRICT};
CREATE INDEX consent_choice_by_purpose ON consent_choice (person, purpose, number);
CREATE TABLE consent_text (
    hash {BYTES} NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    terms {BIGINT} NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL
) {STRICT};
