ALTER TABLE accounts_pending ADD COLUMN earlier {BYTES};
