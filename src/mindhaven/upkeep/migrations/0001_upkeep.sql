CREATE TABLE upkeep_erasure (
    id {ID},
    subject {BYTES} NOT NULL,
    what TEXT NOT NULL,
    thing {BYTES} NOT NULL,
    erased_at {BIGINT} NOT NULL,
    generation {BIGINT} NOT NULL,
    faults TEXT NOT NULL
) {STRICT};
CREATE UNIQUE INDEX upkeep_erasure_by_thing ON upkeep_erasure (what, thing);

CREATE TABLE upkeep_backup (
    id {ID},
    made_at {BIGINT} NOT NULL,
    place TEXT NOT NULL,
    side TEXT NOT NULL,
    bytes {BIGINT} NOT NULL
) {STRICT};
