CREATE TABLE vault_collection (
    no {BIGINT} NOT NULL PRIMARY KEY,
    id {BYTES} NOT NULL,
    owner {BYTES} NOT NULL,
    seq {BIGINT} NOT NULL,
    head {BYTES} NOT NULL,
    state {BYTES} NOT NULL,
    pepper {BIGINT} NOT NULL,
    next_envelope {BIGINT} NOT NULL,
    stored_bytes {BIGINT} NOT NULL,
    moving {BIGINT} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX vault_collection_by_id ON vault_collection (id);
CREATE INDEX vault_collection_by_owner ON vault_collection (owner);

CREATE TABLE vault_member (
    uid {BYTES} NOT NULL,
    collection {BIGINT} NOT NULL,
    role {BIGINT} NOT NULL,
    since {BIGINT} NOT NULL,
    until {BIGINT} NOT NULL,
    PRIMARY KEY (uid, collection)
) {STRICT_KEYED};
CREATE INDEX vault_member_by_collection ON vault_member (collection);

CREATE TABLE vault_commit (
    collection {BIGINT} NOT NULL,
    seq {BIGINT} NOT NULL,
    hash {BYTES} NOT NULL,
    signed {BYTES} NOT NULL,
    first_envelope {BIGINT} NOT NULL,
    envelopes {BIGINT} NOT NULL,
    PRIMARY KEY (collection, seq)
) {STRICT};

CREATE TABLE vault_envelope (
    id {BIGINT} NOT NULL PRIMARY KEY,
    envelope {BYTES} NOT NULL
) {STRICT};

CREATE TABLE vault_salt (
    id {BIGINT} NOT NULL PRIMARY KEY,
    pepper {BIGINT} NOT NULL,
    masked {BYTES} NOT NULL
) {STRICT};

CREATE TABLE vault_item (
    collection {BIGINT} NOT NULL,
    item {BYTES} NOT NULL,
    revision {BIGINT} NOT NULL,
    epoch {BIGINT} NOT NULL,
    author {BYTES} NOT NULL,
    month {BIGINT} NOT NULL,
    erased {BIGINT} NOT NULL,
    envelope {BIGINT} NOT NULL,
    PRIMARY KEY (collection, item)
) {STRICT_KEYED};

CREATE TABLE vault_pepper (
    collection {BIGINT} NOT NULL,
    number {BIGINT} NOT NULL,
    wrapped {BYTES} NOT NULL,
    PRIMARY KEY (collection, number)
) {STRICT};

CREATE TABLE vault_blob (
    collection {BIGINT} NOT NULL,
    hash {BYTES} NOT NULL,
    size {BIGINT} NOT NULL,
    uploader {BYTES} NOT NULL,
    uploaded_hour {BIGINT} NOT NULL,
    PRIMARY KEY (collection, hash)
) {STRICT};

CREATE TABLE vault_item_blob (
    collection {BIGINT} NOT NULL,
    hash {BYTES} NOT NULL,
    item {BYTES} NOT NULL,
    PRIMARY KEY (collection, hash, item)
) {STRICT_KEYED};

CREATE TABLE vault_pulled (
    collection {BIGINT} NOT NULL,
    session {BYTES} NOT NULL,
    day {BIGINT} NOT NULL,
    PRIMARY KEY (collection, session, day)
) {STRICT_KEYED};
