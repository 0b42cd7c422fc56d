-- In words that both SQLite and PostgreSQL understand. Identifiers are
-- UUIDs of version 7 in their text form: sorted by id is sorted by age.
CREATE TABLE users (
    id         TEXT   NOT NULL PRIMARY KEY,
    handle     TEXT   NOT NULL CONSTRAINT users_handle_key UNIQUE,
    name       TEXT   NOT NULL,
    email      TEXT   NOT NULL CONSTRAINT users_email_key UNIQUE,
    version    BIGINT NOT NULL,
    -- Microseconds since 1970, UTC.
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
