//! What can go wrong with each kind of request.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{
        ContentBuilder, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder,
        schema::{ObjectBuilder, Type},
    },
};

use crate::http::problem::{Kind, kinds::*};

/// With any request that has to have a key.
static KEY: &[&Kind] = &[
    &KEY_MISSING,
    &TOO_MANY_REQUESTS,
    &DATABASE_UNAVAILABLE,
    &INTERNAL,
];

static BODY: &[&Kind] = &[
    &MALFORMED_JSON,
    &TAKEN,
    &BODY_TOO_LARGE,
    &NOT_JSON,
    &INVALID_USER,
];

static VERSION: &[&Kind] = &[
    &INVALID_PRECONDITION,
    &NO_SUCH_USER,
    &CHANGED,
    &INVALID_ID,
    &PRECONDITION_MISSING,
];

macro_rules! responses {
    ($($(#[$doc:meta])* $name:ident: $($group:expr),+;)*) => {
        $(
            $(#[$doc])*
            pub(super) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    let groups: &[&[&Kind]] = &[$(&$group),+];
                    documented(&groups.concat())
                }
            }
        )*
    };
}

// ANCHOR: responses
responses! {
    /// Users to list.
    Listing: KEY, [&INVALID_QUERY];
    /// A user to read.
    Reading: KEY, [&NO_SUCH_USER];
    /// A user to add.
    Adding: KEY, BODY;
    /// A user to change.
    Changing: KEY, BODY, VERSION;
    /// A user to remove.
    Removing: KEY, VERSION, [&FORBIDDEN];
    /// A file with all users.
    Exporting: KEY, [&FORBIDDEN];
    /// Who one is.
    Asking: [&KEY_MISSING, &TOO_MANY_REQUESTS];
    /// Whether the database takes changes.
    Probing: [&DATABASE_UNAVAILABLE, &INTERNAL];
}
// ANCHOR_END: responses

/// A response for each status, which names all kinds of problem that have it.
fn documented(kinds: &[&Kind]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<&Kind>> = BTreeMap::new();
    for kind in kinds {
        by_status.entry(kind.status.code).or_default().push(kind);
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
        .content("application/problem+json", content);
    if kinds
        .iter()
        .any(|kind| [429, 503].contains(&kind.status.code))
    {
        let text = "Seconds to wait before the next try.";
        response = response.header("Retry-After", header(Type::Integer, text));
    }
    if kinds.contains(&&CHANGED) {
        let text = "The version that the user has.";
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
