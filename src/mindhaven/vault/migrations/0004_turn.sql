-- Salt keys come in generations; a pepper says under which it is wrapped, and how far its salts were moved to the next.
CREATE TABLE vault_salt_key (
    generation {BIGINT} NOT NULL PRIMARY KEY,
    begun_at {BIGINT} NOT NULL,
    retired_at {BIGINT} NOT NULL,
    destroyed_at {BIGINT} NOT NULL
) {STRICT};
INSERT INTO vault_salt_key (generation, begun_at, retired_at, destroyed_at) VALUES (1, 0, 0, 0);

ALTER TABLE vault_pepper ADD COLUMN generation {BIGINT} NOT NULL DEFAULT 1;
ALTER TABLE vault_pepper ADD COLUMN swept {BIGINT} NOT NULL DEFAULT -1;
CREATE INDEX vault_pepper_by_generation ON vault_pepper (generation, collection, number);

-- 1: salts of this collection were deleted since its pepper began.
ALTER TABLE vault_collection ADD COLUMN pepper_due {BIGINT} NOT NULL DEFAULT 0;
CREATE INDEX vault_collection_pepper_due ON vault_collection (no) WHERE pepper_due = 1;
