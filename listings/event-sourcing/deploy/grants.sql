-- What the program may do, when it is not the owner of its tables. Run this
-- as the owner, in the program's database, after each change of the schema:
--
--     CREATE ROLE bank LOGIN PASSWORD '…';
--     psql -v ON_ERROR_STOP=1 -f grants.sql

-- The log only grows: no role but the owner may change a row of it, and the
-- trigger refuses even the owner.
GRANT SELECT, INSERT ON events, completed_orders TO bank;
GRANT SELECT, INSERT ON idempotency_keys, snapshots TO bank;
GRANT SELECT, INSERT, UPDATE ON streams, subject_keys TO bank;
-- What is made from the events may be thrown away.
GRANT SELECT, INSERT, UPDATE, DELETE ON projections, account_balances TO bank;
-- What waits is gone when it is done.
GRANT SELECT, INSERT, UPDATE, DELETE ON held_transfers TO bank;
-- To see at the start that no step of the schema is missing.
GRANT SELECT ON _sqlx_migrations TO bank;
