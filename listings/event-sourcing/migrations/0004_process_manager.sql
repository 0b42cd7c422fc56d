-- What keeps the process manager from acting twice, and from forgetting.

-- ANCHOR: completed-orders
-- An order of the process manager is carried out once, for ever: its event
-- notes the order's id here, in the transaction that writes the event, and a
-- second event with this id is refused. It is a part of the log, not a key of
-- a client. Nothing here expires, and nobody sweeps it.
CREATE TABLE completed_orders (
    command_id uuid PRIMARY KEY,
    stream_id  uuid NOT NULL,
    version    bigint NOT NULL
);
CREATE FUNCTION note_completed_order() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO completed_orders (command_id, stream_id, version) VALUES
        ((NEW.metadata->>'command_id')::uuid, NEW.stream_id, NEW.version);
    RETURN NULL;
END
$$;
CREATE TRIGGER events_complete_orders
    AFTER INSERT ON events FOR EACH ROW
    WHEN (NEW.metadata->>'actor' = 'transfers')
    EXECUTE FUNCTION note_completed_order();
-- ANCHOR_END: completed-orders

-- The orders of before: the log has all of them, swept keys or not. Appends
-- wait for this, because the trigger has locked the table.
INSERT INTO completed_orders (command_id, stream_id, version)
SELECT (metadata->>'command_id')::uuid, stream_id, version FROM events
WHERE metadata->>'actor' = 'transfers'
ORDER BY tx_id, position
ON CONFLICT DO NOTHING;

-- The same guard as that of the events, which now says whose guard it is.
CREATE OR REPLACE FUNCTION refuse_to_rewrite_history() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the log only grows',
            TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER completed_orders_only_grow
    BEFORE UPDATE OR DELETE OR TRUNCATE ON completed_orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();

-- ANCHOR: held-transfers
-- Transfers that could not be brought to their end when their event came by.
-- The row is written with the checkpoint that passes the event, and deleted
-- when the transfer has ended. One that waits is tried again when it is due;
-- one that is parked, when somebody has released it.
CREATE TABLE held_transfers (
    -- The event that sent the money, or could not be read.
    event_id   uuid PRIMARY KEY,
    stream_id  uuid NOT NULL,
    version    bigint NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'parked')),
    reason     text NOT NULL,
    attempts   int NOT NULL,
    due_at     timestamptz NOT NULL,
    held_since timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX held_transfers_due
    ON held_transfers (due_at) WHERE state = 'waiting';
-- ANCHOR_END: held-transfers
