//! The fairing, and the second one that it brings along.

// ANCHOR: imports
use std::sync::Arc;

use opentelemetry::metrics::Meter;
use opentelemetry_sdk::trace::SdkTracer;
use rocket::{
    Build, Data, Orbit, Phase, Request, Response, Rocket,
    fairing::{self, Fairing, Info, Kind},
    http::Status,
};

use super::{
    body, catchers,
    exchange::Exchange,
    instruments::{Instruments, Propagator},
    routes,
};
// ANCHOR_END: imports

// ANCHOR: otel-fairing
/// Gives every request exactly one server span, and measures it.
///
/// Attach it before all other fairings: the span begins with it.
///
/// - The span is `{method} {route}`, or `{method}` where no route matched.
///   Guards, data guards and handlers run in its context: `tracing` spans,
///   logs and outgoing calls inside belong to it.
/// - It ends with the last byte of the response body. A body that a client
///   does not wait for ends there, with `error.type=cancelled`, unless it is a
///   stream of events: those end when the client leaves.
/// - The span of a WebSocket has status 101, and ends with the connection.
/// - A request that one route forwards to the next stays one span: the last
///   route names it, and `rocket.forwards` counts the routes before.
/// - Status 5xx is an error, 4xx is not: the client made it. A panic is one,
///   with `error.type=panic`.
/// - No query, no user agent and no client address are recorded.
/// - Metrics: `http.server.request.duration`, `http.server.active_requests`.
///
/// Some things are beyond a fairing of Rocket 0.5. [`traced`] takes care of
/// the first:
///
/// - A catcher for one status (`#[catch(404)]`) does not run in the context.
///   One for all (`#[catch(default)]`) does.
/// - A route for `HEAD` that forwards runs twice.
/// - A route that ranks near [`isize::MIN`], or is mounted by a fairing of a
///   fairing of a fairing, has a span without a route, and no context.
///
/// [`traced`]: super::traced
#[derive(Debug)]
pub struct OtelFairing {
    instruments: Arc<Instruments>,
}
// ANCHOR_END: otel-fairing

impl OtelFairing {
    /// A fairing that makes spans with `tracer` and metrics with `meter`, and
    /// asks `propagator` for the caller's context.
    pub fn new(
        tracer: SdkTracer,
        meter: &Meter,
        propagator: Propagator,
    ) -> Self {
        let instruments = Instruments::new(tracer, meter, propagator);
        Self {
            instruments: Arc::new(instruments),
        }
    }
}

// ANCHOR: on-request
#[rocket::async_trait]
impl Fairing for OtelFairing {
    fn info(&self) -> Info {
        Info {
            name: "OpenTelemetry",
            kind: Kind::Ignite | Kind::Request | Kind::Singleton,
        }
    }

    /// Others may mount routes when they ignite. What is attached now
    /// ignites after all of them.
    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let instruments = Arc::clone(&self.instruments);
        let rocket = rocket.manage(Arc::clone(&instruments));
        let seen = None;
        Ok(rocket.attach(Last { instruments, seen }))
    }

    /// The clock starts. The span waits for the route, its name.
    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        Exchange::received(&self.instruments, request);
    }
}
// ANCHOR_END: on-request

// ANCHOR: last
/// Ignites after all other fairings. They may have attached some more, which
/// ignite after this one. So it comes back until nobody has added anything
/// since it last looked.
#[derive(Debug)]
struct Last {
    instruments: Arc<Instruments>,
    seen: Option<usize>,
}

#[rocket::async_trait]
impl Fairing for Last {
    fn info(&self) -> Info {
        Info {
            name: "OpenTelemetry: routes and catchers",
            kind: Kind::Ignite,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let instruments = Arc::clone(&self.instruments);
        let seen = Some(mounted(&rocket));
        if self.seen != seen {
            return Ok(rocket.attach(Self { instruments, seen }));
        }
        let rocket = routes::observe(rocket, &instruments);
        let rocket = catchers::observe(rocket);
        let observed = mounted(&rocket);
        Ok(rocket.attach(Responses {
            instruments,
            observed,
        }))
    }
}

fn mounted<P: Phase>(rocket: &Rocket<P>) -> usize {
    rocket.routes().count() + rocket.catchers().count()
}
// ANCHOR_END: last

/// Sees the response after all other fairings.
#[derive(Debug)]
struct Responses {
    instruments: Arc<Instruments>,
    observed: usize,
}

// ANCHOR: on-response
#[rocket::async_trait]
impl Fairing for Responses {
    fn info(&self) -> Info {
        Info {
            name: "OpenTelemetry: responses",
            kind: Kind::Liftoff | Kind::Response,
        }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        let late = mounted(rocket) - self.observed;
        if late > 0 {
            tracing::warn!(late, "what was added late runs in no context");
        }
    }

    /// Here the status is the client's. The body is still to come.
    async fn on_response<'r>(
        &self,
        request: &'r Request<'_>,
        response: &mut Response<'r>,
    ) {
        let exchange = Exchange::of(request, &self.instruments);
        let status = match is_upgrade(request, response) {
            true => Status::SwitchingProtocols,
            false => response.status(),
        };
        exchange.respond(request, status);
        body::observe(exchange, status, response).await;
    }
}
// ANCHOR_END: on-response

// ANCHOR: upgrade
/// Whether Rocket is about to hand the connection over. It says 101 after all
/// fairings, if the client has asked for a protocol that the response has.
fn is_upgrade(request: &Request<'_>, response: &mut Response<'_>) -> bool {
    request.headers().iter().any(|header| {
        let mut protocols = header.value().split(',');
        header.name() == "upgrade"
            && protocols.any(|name| response.upgrade(name.trim()).is_some())
    })
}
// ANCHOR_END: upgrade
