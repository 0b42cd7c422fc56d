-- Cuts `events` into sixteen partitions by stream. Stop the program first.
-- What changes: an event id is unique within its stream, no longer over all.
BEGIN;

ALTER TABLE events RENAME TO events_whole;
ALTER INDEX events_pkey RENAME TO events_whole_pkey;
ALTER INDEX events_feed RENAME TO events_whole_feed;
CREATE SEQUENCE events_position;

CREATE TABLE events (
    LIKE events_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (stream_id, version),
    UNIQUE (stream_id, event_id),
    FOREIGN KEY (stream_id) REFERENCES streams
) PARTITION BY HASH (stream_id);
ALTER TABLE events
    ALTER position SET DEFAULT nextval('events_position');

DO $$
BEGIN
    FOR n IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE events_%1$s PARTITION OF events
                 FOR VALUES WITH (MODULUS 16, REMAINDER %1$s)', n);
        -- Whoever writes to a partition itself meets the guard there.
        EXECUTE format(
            'CREATE TRIGGER events_only_grow
                 BEFORE UPDATE OR DELETE OR TRUNCATE ON events_%s
                 FOR EACH STATEMENT
                 EXECUTE FUNCTION refuse_to_rewrite_history()', n);
    END LOOP;
END
$$;

INSERT INTO events SELECT * FROM events_whole;
SELECT setval('events_position', coalesce(max(position), 0) + 1, false)
    FROM events;
CREATE INDEX events_feed ON events (tx_id, position);
CREATE TRIGGER events_only_grow
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
-- Not before: the rows that were moved have noted their orders.
CREATE TRIGGER events_complete_orders
    AFTER INSERT ON events FOR EACH ROW
    WHEN (NEW.metadata->>'actor' = 'transfers')
    EXECUTE FUNCTION note_completed_order();
DROP TABLE events_whole;

COMMIT;
