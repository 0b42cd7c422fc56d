//! Accounts: opening them, and reading what has become of them.

// ANCHOR: imports
use std::time::Duration;

use axum::{
    Json as JsonAnswer,
    extract::State,
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, ETAG},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    App,
    answers::{created, etag},
    idempotency::IdempotencyKey,
    json::Json,
    openapi::{Opening, Reading},
    parameters::{Id, Parameters, number},
    problem::{Problem, kinds},
};
use crate::{
    bank::{Key, Order, Receipt},
    domain::{AccountId, Command, Currency, Money, SubjectId},
    projections::{Balance, Status},
    store::Cause,
};
// ANCHOR_END: imports

/// How long a reader waits for the read model.
const WAIT: Duration = Duration::from_secs(2);

/// Whose account to open, and in which currency.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenAccount {
    /// The owner's name, 1 to 200 characters.
    holder: String,
    /// The one currency of the account.
    currency: Currency,
    /// The owner, if they have an account already.
    #[schema(value_type = Option<Uuid>)]
    subject_id: Option<SubjectId>,
}

/// Open an account
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "accounts",
    params(("Idempotency-Key" = Uuid, Header)),
    request_body = OpenAccount,
    responses(
        (
            status = 201,
            description = "The account is open.",
            body = Receipt,
            headers(
                ("ETag" = String, description = "The first version."),
                ("Location" = String, description = "The account."),
            ),
        ),
        Opening,
    ),
)]
// ANCHOR: open
pub(super) async fn open(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(mut body): Json<OpenAccount>,
) -> Result<Response, Problem> {
    body.holder = holder(&body.holder)?;
    let key = key.of_request(&app, &["/accounts"], &body)?;
    // Before anything is sealed: the person may be erased by now, and the
    // answer to a repeated request is still the same.
    if let Some(reply) = app.bank.remembered(key, "open_account").await? {
        return Ok(created(reply));
    }
    let subject = body.subject_id.unwrap_or_else(SubjectId::random);
    let order = Order {
        account: AccountId::random(),
        command: Command::Open {
            subject,
            holder: app.vault.seal(subject, &body.holder).await?,
            currency: body.currency,
        },
        cause: Cause::outside("api"),
        key: Some(Key::Request(key)),
        if_match: None,
        status: 201,
    };
    Ok(created(app.bank.execute(&order).await?))
}
// ANCHOR_END: open

fn holder(text: &str) -> Result<String, Problem> {
    let name = text.trim();
    let fits = (1..=200).contains(&name.chars().count());
    match fits && !name.contains(char::is_control) {
        true => Ok(name.to_owned()),
        false => Err(Problem::new(&kinds::INVALID_HOLDER)),
    }
}

/// How new the answer has to be.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Freshness {
    /// Wait for this version of the account, up to two seconds.
    #[param(minimum = 0)]
    min_version: Option<i64>,
}

/// An account, as far as the read model has come.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountView {
    account_id: Uuid,
    /// The last event that is in here.
    version: i64,
    /// The owner's name; null once it has been erased.
    #[schema(required)]
    holder: Option<String>,
    subject_id: Uuid,
    balance: Money,
    status: AccountStatus,
    #[serde(with = "time::serde::rfc3339")]
    opened_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// Whether an account is in business.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccountStatus {
    /// It is.
    Open,
    /// It was.
    Closed,
}

/// Read an account
#[utoipa::path(
    get,
    path = "/accounts/{account_id}",
    tag = "accounts",
    params(("account_id" = Uuid, Path), Freshness),
    responses(
        (
            status = 200,
            description = "The account.",
            body = AccountView,
            headers(
                ("ETag" = String, description = "The version."),
                (
                    "X-Projection-Lag" = i64,
                    description = "Events that the read model has not seen."
                ),
            ),
        ),
        Reading,
    ),
)]
// ANCHOR: read
pub(super) async fn read(
    State(app): State<App>,
    Id(id): Id,
    Parameters(query): Parameters<Freshness>,
) -> Result<Response, Problem> {
    let least = number(query.min_version, 0, "min_version", (0, i64::MAX))?;
    // One that was just opened may not be there yet: it is waited for, too.
    let balances = app.projections.balances();
    let found = balances.at_least(AccountId(id), least.max(1), WAIT).await?;
    let balance = found.ok_or_else(|| Problem::new(&kinds::NO_SUCH_ACCOUNT))?;
    let holder = app.vault.open(balance.subject_id, &balance.holder).await?;
    let headers = [
        (ETAG, etag(balance.version)),
        (LAG, HeaderValue::from(balance.lag)),
        // A copy in a cache would outlive the person's key.
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let view = AccountView::new(balance, holder);
    Ok((headers, JsonAnswer(view)).into_response())
}

const LAG: HeaderName = HeaderName::from_static("x-projection-lag");
// ANCHOR_END: read

impl AccountView {
    fn new(balance: Balance, holder: Option<String>) -> Self {
        Self {
            account_id: balance.account_id.0,
            version: balance.version,
            holder,
            subject_id: balance.subject_id.0,
            balance: balance.balance,
            status: match balance.status {
                Status::Open => AccountStatus::Open,
                Status::Closed => AccountStatus::Closed,
            },
            opened_at: balance.opened_at,
            updated_at: balance.updated_at,
        }
    }
}
