//! The service in the process of the test, on a port of its own, and a
//! receiver for what it sends.

use std::{sync::Arc, time::Duration};

use otlp_console::{
    Limits, Receiver, Trace,
    model::{Span, SpanKind},
};
use reqwest::{Method, RequestBuilder, Response};
use rocket::{Build, Rocket, Shutdown, fairing::AdHoc, figment::Figment};
use rocket_crud::{
    http, landing,
    otel::OtelFairing,
    settings::{self, Settings},
    users::{InMemory, Repository},
};
use serde_json::{Value, json};
use telemetry::{Config, Telemetry};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tracing::subscriber::{DefaultGuard, set_default};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Both, as the settings have them.
pub(crate) const KEYS: &str =
    "admin:ada:not-a-secret-admin,member:bob:not-a-secret-member";
pub(crate) const ADMIN: &str = "Bearer not-a-secret-admin";
pub(crate) const MEMBER: &str = "Bearer not-a-secret-member";

/// What a test changes about a Rocket before it is launched.
pub(crate) type Change = fn(Rocket<Build>) -> Rocket<Build>;

/// All that runs.
pub(crate) struct Lab {
    receiver: Receiver,
    telemetry: Telemetry,
    /// All of a test runs on its thread, and so do its logs and spans.
    _subscriber: DefaultGuard,
    client: reqwest::Client,
    pub(crate) url: String,
    shutdown: Shutdown,
    launched: JoinHandle<()>,
}

impl Lab {
    pub(crate) async fn start() -> Self {
        Self::with(InMemory::default(), &[], |rocket| rocket).await
    }

    /// With settings and users of its own, and something more or less.
    pub(crate) async fn with(
        users: impl Repository + 'static,
        own: &[(&str, &str)],
        change: Change,
    ) -> Self {
        let mut figment = figment();
        for (name, value) in own {
            let value: rocket::figment::value::Value = value.parse().unwrap();
            figment = figment.merge((*name, value));
        }
        let settings = Settings::from_figment(figment).unwrap();
        Self::launch(|telemetry| {
            let rocket = http::rocket(telemetry, &settings);
            change(rocket.manage(http::users_in(users)))
        })
        .await
    }

    /// Nothing but the fairing, and what `attach` does around it.
    pub(crate) async fn bare(
        attach: fn(Rocket<Build>, OtelFairing) -> Rocket<Build>,
    ) -> Self {
        Self::launch(|telemetry| {
            let otel = OtelFairing::new(
                telemetry.tracer("test"),
                &telemetry.meter("test"),
                Arc::clone(telemetry.propagator()),
            );
            attach(rocket::custom(figment()), otel)
        })
        .await
    }

    async fn launch(make: impl FnOnce(&Telemetry) -> Rocket<Build>) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let telemetry = telemetry_to(&receiver);
        let subscriber = set_default(telemetry.subscriber());
        let (at, port) = oneshot::channel();
        let port_of = AdHoc::on_liftoff("port", |rocket| {
            Box::pin(async move { at.send(rocket.config().port).unwrap() })
        });
        let rocket = make(&telemetry).attach(port_of);
        let rocket = rocket.ignite().await.unwrap();
        let shutdown = rocket.shutdown();
        let launched = tokio::spawn(async {
            landing::launch(rocket).await.unwrap();
        });
        let port = timeout(DEADLINE, port).await.unwrap().unwrap();
        Self {
            receiver,
            telemetry,
            _subscriber: subscriber,
            client: client(),
            url: format!("http://127.0.0.1:{port}"),
            shutdown,
            launched,
        }
    }

    /// A request of the member.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.url);
        let request = self.client.request(method, url);
        request.header("authorization", MEMBER)
    }

    /// Asks as the member.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Adds a user; gives their path.
    pub(crate) async fn add(&self, handle: &str) -> String {
        let user = user(handle);
        let request = self.request(Method::POST, "/users").json(&user);
        let added = request.send().await.unwrap();
        assert_eq!(added.status(), 201);
        added.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Stops the service, and returns what arrived.
    pub(crate) async fn stop(self) -> Receiver {
        // Idle connections would keep it for all of its grace.
        drop(self.client);
        self.shutdown.notify();
        timeout(DEADLINE, self.launched).await.unwrap().unwrap();
        self.telemetry.shutdown(DEADLINE).await.unwrap();
        self.receiver
    }
}

fn figment() -> Figment {
    settings::defaults()
        .merge(("port", 0))
        .merge(("api_keys", KEYS))
        .merge(("rate_limit_burst", 10_000))
        // Rocket waits for so long when a connection is still open.
        .merge(("shutdown.grace", 1))
        .merge(("shutdown.ctrlc", false))
        .merge(("shutdown.signals", [""; 0]))
}

pub(crate) fn telemetry_to(receiver: &Receiver) -> Telemetry {
    let endpoint = receiver.http_endpoint();
    let config = Config::from_lookup("rocket-crud", "0", |name: &str| {
        (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
    });
    Telemetry::start(&config.unwrap()).unwrap()
}

pub(crate) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(DEADLINE);
    client.build().unwrap()
}

/// A user with this handle.
pub(crate) fn user(handle: &str) -> Value {
    json!({
        "handle": handle,
        "name": handle,
        "email": format!("{handle}@example.com"),
    })
}

/// All server spans, by their start.
pub(crate) fn servers(receiver: &Receiver) -> Vec<Span> {
    let mut spans = receiver.spans();
    spans.retain(|span| span.kind == SpanKind::Server);
    spans.sort_by_key(|span| span.start_unix_nano);
    spans
}

/// All traces whose root has this name, by their start.
pub(crate) fn traces_of(receiver: &Receiver, root: &str) -> Vec<Trace> {
    let mut traces = receiver.traces();
    traces.retain(|trace| trace.root().is_some_and(|span| span.name == root));
    traces.sort_by_key(Trace::start_unix_nano);
    traces
}
