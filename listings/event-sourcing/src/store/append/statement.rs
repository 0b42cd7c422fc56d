//! The two statements that write events. They differ in how the head moves.

use crate::database::Statement;

// ANCHOR: append-statement
/// All of an append hangs on the one row of `stream` that moving the head
/// returns: no row, no answer and no event.
macro_rules! append {
    ($move_head:literal) => {
        concat!(
            "WITH stream AS (",
            $move_head,
            "), answer AS (
                 INSERT INTO idempotency_keys
                     (key, request_hash, stream_id, version, status, response)
                 SELECT $5, $6, $1, $3, $7, $8
                 FROM stream WHERE $5 IS NOT NULL
             )
             INSERT INTO events
                 (stream_id, version, event_id, event_type, schema_version,
                  payload, metadata, recorded_at, prev_hash, hash)
             SELECT stream_id, $2 + ordinality, event_id, event_type,
                    schema_version, payload::jsonb, $9::jsonb, $10,
                    prev_hash, hash
             FROM stream,
                  unnest($11::uuid[], $12::text[], $13::smallint[],
                         $14::text[], $15::bytea[], $16::bytea[])
                  WITH ORDINALITY AS event
                      (event_id, event_type, schema_version, payload,
                       prev_hash, hash, ordinality)
             ORDER BY ordinality"
        )
    };
}
// ANCHOR_END: append-statement

// ANCHOR: move-head
/// Moves the head of a stream that is still where the writer has seen it.
const EXISTING: Statement = Statement::several(
    "UPDATE streams INSERT idempotency_keys INSERT events",
    append!(
        "UPDATE streams SET version = $3, head_hash = $4
         WHERE stream_id = $1 AND version = $2
         RETURNING stream_id"
    ),
);

/// Makes the head of a stream that does not exist yet.
const NEW: Statement = Statement::several(
    "INSERT streams INSERT idempotency_keys INSERT events",
    append!(
        "INSERT INTO streams (stream_id, version, head_hash)
         SELECT $1, $3, $4 WHERE $2::bigint = 0
         ON CONFLICT DO NOTHING
         RETURNING stream_id"
    ),
);
// ANCHOR_END: move-head

/// The statement for a stream that was seen to end at `version`.
pub(super) fn of(version: i64) -> &'static Statement {
    match version {
        0 => &NEW,
        _ => &EXISTING,
    }
}
