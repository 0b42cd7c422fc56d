//! Commands on an account.

// ANCHOR: imports
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    App,
    conditions::Conditions,
    json::{Json, NoBody, object},
    openapi::{Closing, Commanding, Transferring},
    problem::Problem,
};
use crate::{
    bank::{Receipt, Reply},
    domain::{AccountId, Command, Money, Settlement, TransferId},
};
// ANCHOR_END: imports

/// An amount to pay in or to take out.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Amount {
    /// More than zero, in the currency of the account.
    #[serde(deserialize_with = "object")]
    amount: Money,
}

/// A transfer to another account.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    /// The account that gets the money.
    #[schema(value_type = Uuid)]
    to: AccountId,
    /// More than zero, in the currency of both accounts.
    #[serde(deserialize_with = "object")]
    amount: Money,
    /// When the money arrives; at once, if absent.
    #[serde(default = "at_once")]
    #[schema(required = false)]
    settlement: Settlement,
}

fn at_once() -> Settlement {
    Settlement::Immediate
}

// ANCHOR: deposit
/// Pay money in
#[utoipa::path(
    post,
    path = "/accounts/{account_id}/deposits",
    tag = "commands",
    params(
        ("account_id" = Uuid, Path),
        ("Idempotency-Key" = Uuid, Header),
        ("If-Match" = Option<String>, Header),
    ),
    request_body = Amount,
    responses(
        (
            status = 201,
            description = "The money is there.",
            body = Receipt,
            headers(("ETag" = String, description = "The new version.")),
        ),
        Commanding,
    ),
)]
pub(super) async fn deposit(
    State(app): State<App>,
    conditions: Conditions,
    Json(body): Json<Amount>,
) -> Result<Reply, Problem> {
    let command = Command::Deposit {
        amount: body.amount,
    };
    conditions.carry_out(&app, &body, command, 201).await
}
// ANCHOR_END: deposit

/// Take money out
#[utoipa::path(
    post,
    path = "/accounts/{account_id}/withdrawals",
    tag = "commands",
    params(
        ("account_id" = Uuid, Path),
        ("Idempotency-Key" = Uuid, Header),
        ("If-Match" = Option<String>, Header),
    ),
    request_body = Amount,
    responses(
        (
            status = 201,
            description = "The money is out.",
            body = Receipt,
            headers(("ETag" = String, description = "The new version.")),
        ),
        Commanding,
    ),
)]
pub(super) async fn withdraw(
    State(app): State<App>,
    conditions: Conditions,
    Json(body): Json<Amount>,
) -> Result<Reply, Problem> {
    let command = Command::Withdraw {
        amount: body.amount,
    };
    conditions.carry_out(&app, &body, command, 201).await
}

/// Send money to another account
#[utoipa::path(
    post,
    path = "/accounts/{account_id}/transfers",
    tag = "commands",
    params(
        ("account_id" = Uuid, Path),
        ("Idempotency-Key" = Uuid, Header),
        ("If-Match" = Option<String>, Header),
    ),
    request_body = Transfer,
    responses(
        (
            status = 201,
            description = "The money is sent.",
            body = Receipt,
            headers(("ETag" = String, description = "The new version.")),
        ),
        Transferring,
    ),
)]
pub(super) async fn transfer(
    State(app): State<App>,
    conditions: Conditions,
    Json(body): Json<Transfer>,
) -> Result<Reply, Problem> {
    let command = Command::SendTransfer {
        transfer: TransferId::random(),
        to: body.to,
        amount: body.amount,
        settlement: body.settlement,
    };
    conditions.carry_out(&app, &body, command, 201).await
}

// ANCHOR: close
/// Close the account
///
/// The body is empty, or an empty object.
#[utoipa::path(
    post,
    path = "/accounts/{account_id}/closure",
    tag = "commands",
    params(
        ("account_id" = Uuid, Path),
        ("Idempotency-Key" = Uuid, Header),
        ("If-Match" = String, Header),
    ),
    responses(
        (
            status = 200,
            description = "The account is closed.",
            body = Receipt,
            headers(("ETag" = String, description = "The new version.")),
        ),
        Closing,
    ),
)]
pub(super) async fn close(
    State(app): State<App>,
    conditions: Conditions,
    _: NoBody,
) -> Result<Reply, Problem> {
    conditions.require_if_match()?;
    conditions.carry_out(&app, &(), Command::Close, 200).await
}
// ANCHOR_END: close
