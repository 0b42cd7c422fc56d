//! A twin for each route, which ranks before it.

use std::{panic::AssertUnwindSafe, panic::resume_unwind, sync::Arc};

use futures_util::FutureExt as _;
use opentelemetry::context::FutureExt as _;
use rocket::{
    Build, Data, Request, Rocket, Route,
    http::Method,
    route::{Handler, Outcome},
};

use super::{exchange::Exchange, instruments::Instruments};

/// All but `HEAD`, which Rocket tries again as `GET`.
const METHODS: [Method; 8] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Options,
    Method::Trace,
    Method::Connect,
    Method::Patch,
];

// ANCHOR: observe
/// Adds a twin of each route that is mounted.
///
/// Rocket tries the matching routes by rank, lowest first. The twins keep
/// their order and come before all routes that were there, and between the
/// two there is an end: what all twins pass on goes no further, or its guards
/// would run a second time.
pub(super) fn observe(
    rocket: Rocket<Build>,
    instruments: &Arc<Instruments>,
) -> Rocket<Build> {
    let ranks = || rocket.routes().map(|route| route.rank);
    let lowest = ranks().min().unwrap_or_default();
    let highest = ranks().max().unwrap_or_default();
    let twins = rocket.routes().cloned().map(|mut route| {
        route.handler = Box::new(Twin {
            handler: route.handler,
            names: Names::of(&route.method, route.uri.path()),
            instruments: Arc::clone(instruments),
        });
        // At most lowest - 2.
        route.rank -= highest - lowest + 2;
        route
    });
    let ends = METHODS.map(|method| {
        let end = End(Arc::clone(instruments));
        Route::ranked(lowest - 1, method, "/<_..>", end)
    });
    let added: Vec<Route> = twins.chain(ends).collect();
    rocket.mount("/", added)
}
// ANCHOR_END: observe

// ANCHOR: names
/// What a span is called after its route. Made once for each route, and kept
/// for as long as the program runs, so that no request has to make them.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub(super) route: &'static str,
    pub(super) span: &'static str,
    pub(super) head: &'static str,
}

impl Names {
    fn of(method: &Method, route: &str) -> Self {
        let kept = |text: String| -> &'static str { text.leak() };
        Self {
            route: kept(route.to_owned()),
            span: kept(format!("{method} {route}")),
            head: kept(format!("HEAD {route}")),
        }
    }
}
// ANCHOR_END: names

/// Handles a request in the context of its span.
#[derive(Clone)]
struct Twin {
    handler: Box<dyn Handler>,
    names: Names,
    instruments: Arc<Instruments>,
}

// ANCHOR: twin
#[rocket::async_trait]
impl Handler for Twin {
    async fn handle<'r>(
        &self,
        request: &'r Request<'_>,
        data: Data<'r>,
    ) -> Outcome<'r> {
        let exchange = Exchange::of(request, &self.instruments);
        let context = exchange.enter(request, Some(self.names));
        // Guards and data guards run inside the handler that Rocket generates.
        let handling = async { self.handler.handle(request, data).await };
        let handling = handling.with_context(context);
        match AssertUnwindSafe(handling).catch_unwind().await {
            Ok(outcome) => {
                if let Outcome::Forward((_, status)) = &outcome {
                    exchange.forward(*status);
                }
                outcome
            }
            Err(panic) => {
                exchange.fail("panic");
                let _attached = exchange.context().attach();
                tracing::error!(
                    name: "request.panicked",
                    "the handler panicked"
                );
                resume_unwind(panic)
            }
        }
    }
}
// ANCHOR_END: twin

/// Where a request ends that no twin has taken.
#[derive(Clone)]
struct End(Arc<Instruments>);

// ANCHOR: end
#[rocket::async_trait]
impl Handler for End {
    async fn handle<'r>(
        &self,
        request: &'r Request<'_>,
        _: Data<'r>,
    ) -> Outcome<'r> {
        let exchange = Exchange::of(request, &self.0);
        exchange.enter(request, None);
        // What Rocket does with a request that no route is left for.
        Outcome::Error(exchange.forwarded())
    }
}
// ANCHOR_END: end
