CREATE TABLE reminders_device (
    session {BYTES} NOT NULL PRIMARY KEY,
    uid {BYTES} NOT NULL,
    endpoint {BYTES} NOT NULL,
    mark {BYTES} NOT NULL,
    service TEXT NOT NULL,
    minutes {BYTES} NOT NULL,
    pushes_left {BIGINT} NOT NULL,
    next_at {BIGINT} NOT NULL,
    last_at {BIGINT} NOT NULL,
    since_hour {BIGINT} NOT NULL
) {STRICT};
CREATE INDEX reminders_device_by_uid ON reminders_device (uid);
CREATE INDEX reminders_device_by_next ON reminders_device (next_at) WHERE pushes_left > 0;
CREATE TABLE reminders_key (
    id {BIGINT} NOT NULL PRIMARY KEY,
    sealed {BYTES} NOT NULL,
    made_at {BIGINT} NOT NULL
) {STRICT};
