-- The database of `turnover`, another service than the bank.

-- ANCHOR: turnover
-- What came in and went out over the counter. Sums do not care in which order
-- their parts come, so neither does this table.
CREATE TABLE daily_turnover (
    day             date NOT NULL,
    currency        text NOT NULL,
    deposited_minor numeric NOT NULL,
    withdrawn_minor numeric NOT NULL,
    events          bigint NOT NULL,
    PRIMARY KEY (day, currency)
);

-- What is in there already, by the event's own id.
CREATE TABLE inbox (
    event_id    uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    received_by text NOT NULL DEFAULT current_setting('application_name')
);
-- ANCHOR_END: turnover
