-- ANCHOR: subject-keys
-- One key a person, wrapped by the bank's own key. To erase the person is to
-- erase the key; the row stays, so that nobody makes a new one.
CREATE TABLE subject_keys (
    subject_id  uuid PRIMARY KEY,
    wrapped_key bytea,
    erased_at   timestamptz,
    CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
);
-- ANCHOR_END: subject-keys
