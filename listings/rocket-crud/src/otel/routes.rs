//! A twin for each route, which ranks before it.

use std::{
    collections::BTreeMap, panic::AssertUnwindSafe, panic::resume_unwind,
    sync::Arc,
};

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
    let (ranks, end) = ranks(&rocket);
    let twin = |route: &Route| {
        let mut twin = route.clone();
        twin.rank = *ranks.get(&route.rank)?;
        twin.handler = Box::new(Twin {
            handler: twin.handler,
            names: Names::of(&route.method, route.uri.path()),
            instruments: Arc::clone(instruments),
        });
        Some(twin)
    };
    let mut added: Vec<Route> = rocket.routes().filter_map(twin).collect();
    if let Some(rank) = end {
        let end = End {
            instruments: Arc::clone(instruments),
            routes: rocket.routes().count() + added.len() + METHODS.len(),
        };
        added.extend(
            METHODS.map(|method| {
                Route::ranked(rank, method, "/<_..>", end.clone())
            }),
        );
    }
    rocket.mount("/", added)
}
// ANCHOR_END: observe

// ANCHOR: ranks
/// The rank of the twin for each rank that there is, and the rank of the end.
///
/// They are just below all ranks. If somebody uses the lowest that there are,
/// they are in the first gap that is wide enough: what ranks before it has no
/// twin, but still comes first.
fn ranks(rocket: &Rocket<Build>) -> (BTreeMap<isize, isize>, Option<isize>) {
    let mut all: Vec<_> = rocket.routes().map(|route| route.rank).collect();
    all.sort_unstable();
    all.dedup();
    let gap = (0..all.len()).find_map(|place| {
        // For a twin of this one, of each that follows, and for the end.
        let wanted = all.len() - place + 1;
        let lowest = all[place].checked_sub_unsigned(wanted)?;
        let before = place.checked_sub(1).map(|before| all[before]);
        (before < Some(lowest)).then_some((place, lowest))
    });
    let Some((place, lowest)) = gap else {
        return (BTreeMap::new(), None);
    };
    let twins = all[place..].iter().copied().zip(lowest..);
    (twins.collect(), Some(all[place] - 1))
}
// ANCHOR_END: ranks

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

// ANCHOR: end
/// Where a request ends that no twin has taken.
#[derive(Clone)]
struct End {
    instruments: Arc<Instruments>,
    /// How many routes there were when this one was mounted, with this one.
    routes: usize,
}

#[rocket::async_trait]
impl Handler for End {
    async fn handle<'r>(
        &self,
        request: &'r Request<'_>,
        data: Data<'r>,
    ) -> Outcome<'r> {
        let exchange = Exchange::of(request, &self.instruments);
        exchange.enter(request, None);
        let status = exchange.forwarded();
        // One that was mounted later has no twin. It may want this request.
        if request.rocket().routes().count() > self.routes {
            return Outcome::Forward((data, status));
        }
        // What Rocket does with a request that no route is left for.
        Outcome::Error(status)
    }
}
// ANCHOR_END: end
