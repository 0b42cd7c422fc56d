//! Handlers for those who are signed in.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{
    App,
    problem::{Problem, kinds},
};
use crate::{
    clients::{Caller, Timeline},
    deadline::Deadline,
    session::Session,
};

// ANCHOR: signed-in
/// The person who asks, and how long they wait.
pub(super) struct SignedIn {
    pub(super) session: Session,
    pub(super) caller: Caller,
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Problem> {
        // From when the request came in: to send it took time, too.
        let deadline = parts.extensions.get().copied();
        let deadline = deadline.unwrap_or_else(|| Deadline::within(app.budget));
        let session = app.sessions.of(&parts.headers).await?;
        let session =
            session.ok_or_else(|| Problem::new(&kinds::NOT_SIGNED_IN))?;
        let caller = Caller {
            token: Some(session.token.clone()),
            deadline,
            timeline: Timeline::default(),
        };
        Ok(Self { session, caller })
    }
}
// ANCHOR_END: signed-in
