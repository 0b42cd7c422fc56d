//! What can go wrong with each kind of request.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};

use crate::http::problem::{Kind, kinds::*};

type Responses = BTreeMap<String, RefOr<Response>>;

macro_rules! responses {
    ($($(#[$doc:meta])* $name:ident: $($kind:ident),+;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::http) struct $name;

            impl IntoResponses for $name {
                fn responses() -> Responses {
                    documented(&[&INTERNAL, $(&$kind),+])
                }
            }
        )*
    };
}

responses! {
    /// A question.
    Asking: MALFORMED_BODY, NOT_ACCEPTABLE, BODY_TOO_SLOW, NO_RESULTS,
        BODY_TOO_LARGE, UNSUPPORTED_TYPE, INVALID_QUERY, TOO_MANY_GROUPS, BUSY,
        TIMED_OUT;
    /// A run to be done.
    Starting: BUSY;
    /// A run to be looked at.
    Reading: NO_SUCH_RUN;
    /// Whether there is something to ask about.
    Probing: NO_RESULTS;
}

/// One response for each status: its kinds are told apart by their `type`.
fn documented(kinds: &[&Kind]) -> Responses {
    let mut titles: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for kind in kinds {
        let status = kind.status.as_str().to_owned();
        titles.entry(status).or_default().push(kind.title);
    }
    let problem = || Content::new(Some(Ref::from_schema_name("Problem")));
    let response = |titles: Vec<&str>| {
        ResponseBuilder::new()
            .description(titles.join(" Or: "))
            .content("application/problem+json", problem())
            .build()
    };
    titles
        .into_iter()
        .map(|(status, titles)| (status, response(titles).into()))
        .collect()
}
