CREATE TABLE accounts_recent (
    uid {BYTES} NOT NULL,
    hour {BIGINT} NOT NULL,
    what TEXT NOT NULL,
    about {BYTES} NOT NULL,
    PRIMARY KEY (uid, hour, what, about)
) {STRICT};
CREATE INDEX accounts_recent_by_hour ON accounts_recent (hour);
