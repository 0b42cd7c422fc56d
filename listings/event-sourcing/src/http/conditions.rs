//! A command on an account, as it comes over HTTP.

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::request::Parts,
};
use serde::Serialize;

use super::{
    App,
    idempotency::IdempotencyKey,
    parameters::Id,
    preconditions::IfMatch,
    problem::{Problem, kinds},
};
use crate::{
    bank::{Key, Order, Reply},
    domain::{AccountId, Command},
    store::Cause,
};

// ANCHOR: conditions
/// Which account a command is for, under which name, and on which condition.
pub(super) struct Conditions {
    account: AccountId,
    key: IdempotencyKey,
    if_match: IfMatch,
    route: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Self, Problem> {
        let Id(account) = Id::from_request_parts(parts, state).await?;
        let route = parts.extensions.get().map(MatchedPath::as_str);
        Ok(Self {
            account: AccountId(account),
            route: route.unwrap_or_default().to_owned(),
            key: IdempotencyKey::from_request_parts(parts, state).await?,
            if_match: IfMatch::from_request_parts(parts, state).await?,
        })
    }
}
// ANCHOR_END: conditions

// ANCHOR: carry-out
impl Conditions {
    /// For a command that nobody should give without having looked.
    pub(super) fn require_if_match(&self) -> Result<(), Problem> {
        match self.if_match {
            IfMatch::Absent => Err(Problem::new(&kinds::IF_MATCH_REQUIRED)),
            _ => Ok(()),
        }
    }

    /// Has the bank carry out `command`, which the client put as `body`.
    pub(super) async fn carry_out(
        self,
        app: &App,
        body: &impl Serialize,
        command: Command,
        status: u16,
    ) -> Result<Reply, Problem> {
        let account = self.account.to_string();
        let condition = self.if_match.to_string();
        let place = [self.route.as_str(), &account, &condition];
        let key = self.key.of_request(app, &place, body)?;
        let if_match = self.if_match.version(&app.store, self.account).await?;
        let order = Order {
            account: self.account,
            command,
            cause: Cause::outside("api"),
            key: Some(Key::Request(key)),
            if_match,
            status,
        };
        let reply = app.bank.execute(&order).await;
        reply.map_err(|refusal| Problem::from(refusal).expected(if_match))
    }
}
// ANCHOR_END: carry-out
