//! How far the projections are, for the operator.

use sqlx::FromRow;

use super::Projections;
use crate::database::Statement;

/// How far a revision of a projection has read the feed.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct ProjectionStatus {
    /// The projection.
    pub name: String,
    /// Which attempt at it.
    pub revision: i32,
    /// `live` or `building`.
    pub status: String,
    /// How many events it has processed.
    pub processed: i64,
    /// How many it has not processed yet, counted up to 100,000.
    pub lag_events: i64,
    /// The age of the oldest of those, in seconds.
    pub lag_seconds: f64,
    /// Why it has stopped, if it has. Names the event, not its content.
    pub stopped: Option<String>,
}

// ANCHOR: status-statement
pub(super) const STATUS: Statement = Statement::several(
    "SELECT projections",
    "SELECT p.name, p.revision, p.status, p.processed, p.stopped,
            (SELECT count(*) FROM (
                 SELECT FROM events e
                 WHERE (e.tx_id, e.position) > (p.tx_id, p.position)
                 LIMIT 100000
             ) AS behind) AS lag_events,
            coalesce((
                SELECT greatest(0, extract(
                    epoch FROM clock_timestamp() - e.recorded_at))::float8
                FROM events e
                WHERE (e.tx_id, e.position) > (p.tx_id, p.position)
                ORDER BY e.tx_id, e.position LIMIT 1
            ), 0) AS lag_seconds
     FROM projections p WHERE p.status <> 'retired'
     ORDER BY p.name, p.revision",
);
// ANCHOR_END: status-statement

impl Projections {
    /// How far each projection is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<ProjectionStatus>, sqlx::Error> {
        let database = self.shared.store.database();
        let query = sqlx::query_as(STATUS.text);
        database
            .run(&STATUS, query.fetch_all(database.pool()))
            .await
    }
}
