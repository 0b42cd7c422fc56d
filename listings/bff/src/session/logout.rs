//! The end of a session.

use axum::http::HeaderMap;
use opentelemetry::KeyValue;

use super::{
    ProviderError, SessionError, Sessions, cookies,
    id::Kind,
    record::{self, Record, Tokens},
};
use crate::deadline::Deadline;

// ANCHOR: leave
impl Sessions {
    /// Ends the session of whoever sent these headers, if there is one. First
    /// here, where it counts, and then at the provider.
    ///
    /// # Errors
    /// When the store fails: then nobody has signed out.
    pub async fn leave(&self, headers: &HeaderMap) -> Result<(), SessionError> {
        let deadline = Deadline::after(self.patience);
        self.leave_by(headers, deadline).await
    }

    pub(super) async fn leave_by(
        &self,
        headers: &HeaderMap,
        deadline: Deadline,
    ) -> Result<(), SessionError> {
        let Some(id) = cookies::find(headers, cookies::SESSION) else {
            return Ok(());
        };
        let sealed = self.store.take(&id.key(Kind::Session)).await?;
        let record: Option<Record> =
            sealed.and_then(|sealed| record::opened(&id, &sealed));
        if let Some(record) = record {
            self.count("ended");
            self.revoke(&record.tokens, deadline).await;
        }
        Ok(())
    }

    /// Ends tokens. A provider that is away does not keep anybody signed in:
    /// the tokens are nowhere any more, and end by themselves.
    pub(super) async fn revoke(&self, tokens: &Tokens, deadline: Deadline) {
        let revoked = self.provider.revoke(tokens, deadline).await;
        if let Err(error) = revoked {
            self.log(error);
        }
    }
}
// ANCHOR_END: leave

impl Sessions {
    /// What becomes of sessions, for the operator.
    pub(super) fn count(&self, event: &'static str) {
        let point = [KeyValue::new("bff.session.event", event)];
        self.instruments.sessions.add(1, &point);
    }

    pub(super) fn log(&self, error: ProviderError) {
        tracing::warn!(
            name: "identity.failed",
            { error.type = error.name() },
            "the identity provider gave no usable answer: {error}"
        );
    }
}
