-- The log and what keeps it honest.

-- ANCHOR: streams
-- One row a stream: its head. To append is to move it from the version that
-- the writer has seen to the next, so two writers cannot both succeed.
CREATE TABLE streams (
    stream_id   uuid PRIMARY KEY,
    version     bigint NOT NULL CHECK (version >= 1),
    head_hash   bytea NOT NULL CHECK (octet_length(head_hash) = 32),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 80);
-- ANCHOR_END: streams

-- ANCHOR: events
CREATE TABLE events (
    -- The order of the global feed: by transaction, then by position in it.
    tx_id          bigint NOT NULL
                   DEFAULT (pg_current_xact_id()::text::bigint),
    position       bigint GENERATED ALWAYS AS IDENTITY,
    -- The order of the stream.
    stream_id      uuid NOT NULL REFERENCES streams,
    version        bigint NOT NULL CHECK (version >= 1),
    event_id       uuid NOT NULL UNIQUE,
    event_type     text NOT NULL,
    schema_version smallint NOT NULL CHECK (schema_version >= 1),
    payload        jsonb NOT NULL,
    metadata       jsonb NOT NULL,
    recorded_at    timestamptz NOT NULL,
    prev_hash      bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (stream_id, version)
);
CREATE UNIQUE INDEX events_feed ON events (tx_id, position);
-- ANCHOR_END: events

-- ANCHOR: immutable
-- Nobody rewrites history by accident, the owner of the table included.
CREATE FUNCTION refuse_to_rewrite_history() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on events is refused: the log only grows', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER events_only_grow
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();
-- ANCHOR_END: immutable

-- ANCHOR: idempotency-keys
-- What a key was answered with. Text, because jsonb does not keep bytes and
-- the answer to a repeated request is the same to the byte.
CREATE TABLE idempotency_keys (
    key          uuid PRIMARY KEY,
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    stream_id    uuid NOT NULL,
    version      bigint NOT NULL,
    status       smallint NOT NULL,
    response     text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- ANCHOR_END: idempotency-keys
