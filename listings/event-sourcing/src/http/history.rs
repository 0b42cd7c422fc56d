//! The past of an account: its state then, its events, and whether they are
//! what was written.

// ANCHOR: imports
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    App,
    accounts::AccountStatus,
    openapi::{Listing, Recalling},
    pages::{self, EventView},
    parameters::{Id, Parameters, number},
    problem::{Problem, kinds},
};
use crate::{
    domain::{Account, AccountId, Money},
    store::{Fault, Verdict},
};
// ANCHOR_END: imports

/// The moment to look back at: exactly one of the two.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Moment {
    /// After this event.
    #[param(minimum = 1)]
    as_of_version: Option<i64>,
    /// At this time (RFC 3339). Write `+` as `%2B`.
    #[param(format = DateTime)]
    as_of: Option<String>,
}

/// An account as it was.
#[derive(Serialize, ToSchema)]
pub(super) struct PastAccount {
    account_id: Uuid,
    /// The last event that had happened.
    version: i64,
    /// What was on it. Absent once it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<Money>,
    status: AccountStatus,
}

// ANCHOR: history
/// Read an account as it was
#[utoipa::path(
    get,
    path = "/accounts/{account_id}/history",
    tag = "history",
    params(("account_id" = Uuid, Path), Moment),
    responses(
        (status = 200, description = "As it was.", body = PastAccount),
        Recalling,
    ),
)]
pub(super) async fn history(
    State(app): State<App>,
    Id(id): Id,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<PastAccount>, Problem> {
    let version = moment.version(&app, id).await?;
    let loaded = app.accounts.load_as_of(AccountId(id), version).await?;
    let (balance, status) = match loaded.account {
        Account::Unopened => {
            return Err(Problem::new(&kinds::NO_SUCH_ACCOUNT));
        }
        _ if loaded.head.version < version => {
            return Err(Problem::new(&kinds::NO_SUCH_VERSION));
        }
        Account::Open(open) => (Some(open.balance), AccountStatus::Open),
        Account::Closed => (None, AccountStatus::Closed),
    };
    Ok(Json(PastAccount {
        account_id: id,
        version,
        balance,
        status,
    }))
}
// ANCHOR_END: history

// ANCHOR: moment
impl Moment {
    /// The last event at this moment.
    async fn version(&self, app: &App, id: Uuid) -> Result<i64, Problem> {
        let bad = |detail| Problem::new(&kinds::MALFORMED_QUERY).detail(detail);
        let time = match (self.as_of_version, &self.as_of) {
            (Some(version), None) => {
                let range = (1, i64::MAX);
                return number(Some(version), 1, "as_of_version", range);
            }
            (None, Some(time)) => OffsetDateTime::parse(time, &Rfc3339),
            _ => return Err(bad("Ask for as_of_version or for as_of.")),
        };
        let time = time.map_err(|_| {
            bad("as_of is a time such as 2026-11-24T15:00:00Z.")
        })?;
        if time > OffsetDateTime::now_utc() {
            return Err(bad("as_of has not come yet."));
        }
        if let Some(version) = app.store.version_at(id, time).await? {
            return Ok(version);
        }
        Err(Problem::new(match app.store.head(id).await?.version {
            0 => &kinds::NO_SUCH_ACCOUNT,
            _ => &kinds::BEFORE_OPENING,
        }))
    }
}
// ANCHOR_END: moment

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Events {
    /// Only those behind this version.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// How many at most; 100, if absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Events of an account, in order.
#[derive(Serialize, ToSchema)]
pub(super) struct EventPage {
    events: Vec<EventView>,
}

// ANCHOR: events
/// Read the events of an account
#[utoipa::path(
    get,
    path = "/accounts/{account_id}/events",
    tag = "history",
    params(("account_id" = Uuid, Path), Events),
    responses(
        (
            status = 200,
            description = "A page.",
            body = EventPage,
            headers(("Link" = String, description = "The next page.")),
        ),
        Listing,
    ),
)]
pub(super) async fn events(
    State(app): State<App>,
    Id(id): Id,
    Parameters(query): Parameters<Events>,
) -> Result<Response, Problem> {
    let after = number(query.after, 0, "after", (0, i64::MAX))?;
    let limit = pages::limit(query.limit)?;
    let versions = after.saturating_add(1)..=i64::MAX;
    let events = app.store.read(id, versions, limit + 1).await?;
    if events.is_empty() && app.store.head(id).await?.version == 0 {
        return Err(Problem::new(&kinds::NO_SUCH_ACCOUNT));
    }
    let (events, more) = pages::page(events, limit)?;
    let after = after.saturating_add(limit);
    let next = format!("/accounts/{id}/events?after={after}&limit={limit}");
    let page = Json(EventPage { events });
    Ok((pages::link(more, &next), page).into_response())
}
// ANCHOR_END: events

/// What an audit has found.
#[derive(Serialize, ToSchema)]
pub(super) struct Audit {
    /// Whether every event is as it was written, and none is missing.
    verified: bool,
    /// The last version, or the first that is not as it was written.
    version: i64,
    /// The hash of the last event, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    /// `missing`, `unlinked`, `altered` or `wrong_end`.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
}

/// Audit the events of an account
#[utoipa::path(
    get,
    path = "/accounts/{account_id}/audit",
    tag = "history",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The verdict.", body = Audit),
        Listing,
    ),
)]
// ANCHOR: audit
pub(super) async fn audit(
    State(app): State<App>,
    Id(id): Id,
) -> Result<Json<Audit>, Problem> {
    let verdict = app.store.verify(id).await?;
    let audit = match verdict {
        Verdict::Sound(head) if head.version == 0 => {
            return Err(Problem::new(&kinds::NO_SUCH_ACCOUNT));
        }
        Verdict::Sound(head) => Audit {
            verified: true,
            version: head.version,
            head: Some(head.hash.to_string()),
            fault: None,
        },
        Verdict::Broken { version, fault } => {
            tracing::error!(
                name: "audit.failed",
                { es.stream.version = version },
                "an account's history is damaged: {fault}"
            );
            Audit {
                verified: false,
                version,
                head: None,
                fault: Some(word(fault)),
            }
        }
    };
    app.instruments.audited(audit.verified);
    Ok(Json(audit))
}
// ANCHOR_END: audit

fn word(fault: Fault) -> &'static str {
    match fault {
        Fault::Missing => "missing",
        Fault::Unlinked => "unlinked",
        Fault::Altered => "altered",
        Fault::WrongEnd => "wrong_end",
    }
}
