-- Everything here can be thrown away and made again from the events.

-- ANCHOR: snapshots
CREATE TABLE snapshots (
    stream_id    uuid NOT NULL,
    state_schema text NOT NULL,
    version      bigint NOT NULL CHECK (version >= 1),
    -- The hash of the event of that version: of this history, and no other.
    event_hash   bytea NOT NULL CHECK (octet_length(event_hash) = 32),
    state        text NOT NULL,
    state_hash   bytea NOT NULL CHECK (octet_length(state_hash) = 32),
    PRIMARY KEY (stream_id, state_schema, version)
);
-- ANCHOR_END: snapshots

-- ANCHOR: projections
-- How far each projection has read the feed. The fence is a number that
-- grows with each change of hands: who holds an older one writes nothing.
-- A projection that has stopped says why.
CREATE TABLE projections (
    name      text NOT NULL,
    revision  int NOT NULL CHECK (revision >= 1),
    status    text NOT NULL
              CHECK (status IN ('building', 'live', 'retired')),
    tx_id     bigint NOT NULL DEFAULT 0,
    position  bigint NOT NULL DEFAULT 0,
    processed bigint NOT NULL DEFAULT 0,
    fence     bigint NOT NULL DEFAULT 0,
    stopped   text,
    PRIMARY KEY (name, revision)
);
CREATE UNIQUE INDEX projections_one_live
    ON projections (name) WHERE status = 'live';
CREATE UNIQUE INDEX projections_one_building
    ON projections (name) WHERE status = 'building';
-- ANCHOR_END: projections

-- ANCHOR: account-balances
-- Two revisions stand side by side while the second one is built.
CREATE TABLE account_balances (
    revision   int NOT NULL,
    account_id uuid NOT NULL,
    version    bigint NOT NULL,
    subject_id uuid NOT NULL,
    holder     text NOT NULL,
    currency   text NOT NULL,
    minor      bigint NOT NULL,
    status     text NOT NULL CHECK (status IN ('open', 'closed')),
    opened_at  timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (revision, account_id)
);
-- ANCHOR_END: account-balances
