//! What can go wrong with each kind of request.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{
        ContentBuilder, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder,
        schema::{ObjectBuilder, Type},
    },
};

use crate::http::problem::{Kind, PROBLEM_JSON, is_worth_a_retry, kinds::*};

type Responses = BTreeMap<String, RefOr<Response>>;

/// What can go wrong with any request.
static ANY: &[&Kind] =
    &[&BODY_TOO_SLOW, &BODY_TOO_LARGE, &INTERNAL, &TIMED_OUT];

static BODY: &[&Kind] = &[
    &MALFORMED_BODY,
    &UNSUPPORTED_TYPE,
    &KEY_MISSING,
    &KEY_MALFORMED,
    &KEY_REUSED,
    &REQUEST_IN_PROGRESS,
    &CONTENDED,
    &UNAVAILABLE,
];

static ACCOUNT: &[&Kind] = &[
    &MALFORMED_ID,
    &MALFORMED_IF_MATCH,
    &NO_SUCH_ACCOUNT,
    &VERSION_MISMATCH,
    &ACCOUNT_CLOSED,
];

static MONEY: &[&Kind] = &[
    &NOT_POSITIVE,
    &INSUFFICIENT_FUNDS,
    &CURRENCY_MISMATCH,
    &BALANCE_OVERFLOW,
];

macro_rules! responses {
    ($($(#[$doc:meta])* $name:ident: $($group:expr),+;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::http) struct $name;

            impl IntoResponses for $name {
                fn responses() -> Responses {
                    let groups: &[&[&Kind]] = &[ANY, $(&$group),+];
                    documented(&groups.concat())
                }
            }
        )*
    };
}

// ANCHOR: responses
responses! {
    /// A request that asks nobody.
    Checking: [];
    /// A request that asks the database.
    Probing: [&UNAVAILABLE];
    /// An account to open.
    Opening: BODY, [&INVALID_HOLDER, &SUBJECT_ERASED];
    /// Money to move.
    Commanding: BODY, ACCOUNT, MONEY;
    /// Money to move to another account.
    Transferring: BODY, ACCOUNT, MONEY, [&SAME_ACCOUNT, &UNKNOWN_TARGET];
    /// An account to close.
    Closing: BODY, ACCOUNT, [&IF_MATCH_REQUIRED, &NOT_EMPTY, &IN_TRANSIT];
    /// An account to read.
    Reading: [
        &MALFORMED_ID, &MALFORMED_QUERY, &NO_SUCH_ACCOUNT,
        &READ_MODEL_BEHIND, &UNAVAILABLE
    ];
    /// An account to read as it was.
    Recalling: [
        &MALFORMED_ID, &MALFORMED_QUERY, &NO_SUCH_ACCOUNT, &NO_SUCH_VERSION,
        &BEFORE_OPENING, &UNAVAILABLE
    ];
    /// Events of an account to read.
    Listing: [
        &MALFORMED_ID, &MALFORMED_QUERY, &NO_SUCH_ACCOUNT, &UNAVAILABLE
    ];
    /// Events of all accounts to read.
    Following: [&MALFORMED_QUERY, &UNAVAILABLE];
    /// A person to erase.
    Erasing: [&MALFORMED_ID, &NO_SUCH_SUBJECT, &UNAVAILABLE];
    /// Projections or transfers to look at.
    Operating: [&UNAVAILABLE];
    /// A transfer to try again.
    Releasing: [&MALFORMED_ID, &NOT_HELD, &UNAVAILABLE];
    /// A projection to rebuild.
    Rebuilding: [
        &NO_SUCH_PROJECTION, &REBUILD_UNDER_WAY, &NOT_REBUILDABLE, &UNAVAILABLE
    ];
}
// ANCHOR_END: responses

/// A response for each status, which names all kinds of problem that have it.
fn documented(kinds: &[&Kind]) -> Responses {
    let mut by_status: BTreeMap<u16, Vec<&Kind>> = BTreeMap::new();
    for kind in kinds {
        by_status
            .entry(kind.status.as_u16())
            .or_default()
            .push(kind);
    }
    by_status
        .into_iter()
        .map(|(status, kinds)| (status.to_string(), response(&kinds).into()))
        .collect()
}

fn response(kinds: &[&Kind]) -> Response {
    let lines = kinds
        .iter()
        .map(|kind| format!("- `{}`: {}", kind.uri, kind.title));
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let mut response = ResponseBuilder::new()
        .description(lines.collect::<Vec<_>>().join("\n"))
        .content(PROBLEM_JSON, content);
    if kinds.iter().any(|kind| is_worth_a_retry(kind.status)) {
        response = response.header(
            "Retry-After",
            header(Type::Integer, "Seconds to wait before the next try."),
        );
    }
    if kinds.contains(&&VERSION_MISMATCH) {
        let text = "The version that the account has.";
        response = response.header("ETag", header(Type::String, text));
    }
    response.build()
}

fn header(kind: Type, description: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
        .description(Some(description))
        .build()
}
