//! Catchers in the context of the request.

use std::{panic::AssertUnwindSafe, panic::resume_unwind, sync::Arc};

use futures_util::FutureExt as _;
use opentelemetry::context::FutureExt as _;
use rocket::{
    Build, Catcher, Request, Rocket,
    catcher::{Handler, Result},
    http::{Status, uri::Origin},
};

use super::{exchange::Exchange, instruments::Instruments};

/// What the name of a catcher of ours ends with. Rocket shows it in its log.
const MARK: &str = " (traced)";

// ANCHOR: traced
/// Lets catchers for one status run in the context of the request, too:
///
/// ```
/// # use rocket::catch;
/// # use rocket_crud::otel::traced;
/// #[catch(404)]
/// fn not_found() -> &'static str {
///     "nothing here"
/// }
///
/// let rocket = rocket::build();
/// rocket.register("/", traced(rocket::catchers![not_found]));
/// ```
pub fn traced(catchers: Vec<Catcher>) -> Vec<Catcher> {
    catchers.into_iter().map(wrap).collect()
}
// ANCHOR_END: traced

fn wrap(mut catcher: Catcher) -> Catcher {
    let name = catcher.name.as_deref().unwrap_or("catcher");
    catcher.name = Some(format!("{name}{MARK}").into());
    catcher.handler = Box::new(Twin(catcher.handler));
    catcher
}

fn is_wrapped(catcher: &Catcher) -> bool {
    let name = catcher.name.as_deref();
    name.is_some_and(|name| name.ends_with(MARK))
}

// ANCHOR: observe-catchers
/// Gives each catcher for all statuses a twin for each status there can be.
///
/// Rocket prefers a catcher for one status over one for all, but allows one
/// such catcher at each place. So one that is there already stays what it is.
pub(super) fn observe(rocket: Rocket<Build>) -> Rocket<Build> {
    let defaults: Vec<_> = all(&rocket, None).cloned().collect();
    let is_root = |default: &Catcher| default.base.path() == "/";
    // Rocket's own has nothing to trace but malformed requests.
    let rockets =
        (!defaults.iter().any(is_root)).then(|| (400, Catcher::default()));
    let twins: Vec<Catcher> = (400..600)
        .flat_map(|code| defaults.iter().map(move |d| (code, d.clone())))
        .chain(rockets)
        .filter(|(code, default)| {
            !all(&rocket, Some(*code)).any(|own| same_base(own, default))
        })
        .map(|(code, default)| {
            let mut twin = wrap(default);
            twin.code = Some(code);
            twin
        })
        .collect();
    for own in all(&rocket, Some(400)).filter(|own| !is_wrapped(own)) {
        tracing::warn!(
            catcher = %own,
            "malformed requests have no span: register it with `traced`",
        );
    }
    rocket.register("/", twins)
}
// ANCHOR_END: observe-catchers

fn all(
    rocket: &Rocket<Build>,
    code: Option<u16>,
) -> impl Iterator<Item = &Catcher> {
    rocket.catchers().filter(move |c| c.code == code)
}

fn same_base(one: &Catcher, other: &Catcher) -> bool {
    let segments = |base: &Origin<'_>| base.path().to_string();
    segments(&one.base) == segments(&other.base)
}

/// Catches an error in the context of the request that met it.
#[derive(Clone)]
struct Twin(Box<dyn Handler>);

// ANCHOR: catcher-twin
#[rocket::async_trait]
impl Handler for Twin {
    async fn handle<'r>(
        &self,
        status: Status,
        request: &'r Request<'_>,
    ) -> Result<'r> {
        let Some(instruments) = request.rocket().state::<Arc<Instruments>>()
        else {
            return self.0.handle(status, request).await;
        };
        let exchange = Exchange::of(request, instruments);
        let context = exchange.enter(request, None);
        let catching = self.0.handle(status, request).with_context(context);
        match AssertUnwindSafe(catching).catch_unwind().await {
            Ok(result) => {
                let response = result.as_ref().map(|r| r.status());
                // Rocket shows the answer to a malformed request to no fairing.
                exchange.respond(request, response.unwrap_or(status));
                result
            }
            Err(panic) => {
                exchange.fail("panic");
                resume_unwind(panic)
            }
        }
    }
}
// ANCHOR_END: catcher-twin
