CREATE TABLE sharing_invitation (
    id {BYTES} NOT NULL PRIMARY KEY,
    inviter {BYTES} NOT NULL,
    answer {BYTES},
    expires_at {BIGINT} NOT NULL
) {STRICT};
CREATE INDEX sharing_invitation_by_inviter ON sharing_invitation (inviter);
