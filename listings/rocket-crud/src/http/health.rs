//! Whether the service lives, and whether it can work.

use rocket::{Route, State, get, http::Status, routes};

use super::{Answer, Users};

pub(super) fn routes() -> Vec<Route> {
    routes![live, ready]
}

// ANCHOR: health
/// The process answers.
#[get("/live")]
fn live() -> Status {
    Status::NoContent
}

/// The database takes changes, too.
#[get("/ready")]
async fn ready(users: &State<Users>) -> Answer<Status> {
    users.ping().await?;
    Ok(Status::NoContent)
}
// ANCHOR_END: health
