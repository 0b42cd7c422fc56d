//! Handlers for those who are signed in.

use std::{convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use tokio::time::timeout_at;

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

impl FromRequestParts<Arc<App>> for Deadline {
    type Rejection = Infallible;

    /// Counted from when the request came in: to send it took time, too.
    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Infallible> {
        let deadline = parts.extensions.get().copied();
        Ok(deadline.unwrap_or_else(|| Self::within(app.budget)))
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Problem> {
        let Ok(deadline) = Deadline::from_request_parts(parts, app).await;
        let session = app.sessions.of(&parts.headers);
        let session = timeout_at(deadline.instant(), session)
            .await
            .map_err(|_| Problem::new(&kinds::BACKEND_TIMED_OUT))??
            .ok_or_else(|| Problem::new(&kinds::NOT_SIGNED_IN))?;
        let caller = Caller {
            token: Some(session.token.clone()),
            deadline,
            timeline: Timeline::default(),
        };
        Ok(Self { session, caller })
    }
}
// ANCHOR_END: signed-in
