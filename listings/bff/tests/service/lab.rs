//! The BFF, three backends and a receiver for what they send, on free ports.

use std::time::Duration;

use axum::Router;
use bff::{
    backends::{
        self, Role,
        faults::{Failure, Faults},
        token::TokenKey,
    },
    http::{self, App},
    settings::Settings,
};
use otlp_console::{Limits, Receiver};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use telemetry::{Config, Telemetry};
use tokio::net::TcpListener;
use tracing::subscriber::{DefaultGuard, set_default};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// All that runs.
pub(crate) struct Lab {
    pub(crate) receiver: Receiver,
    telemetry: Telemetry,
    /// All of a test runs on its thread, and so do its logs and spans.
    _subscriber: DefaultGuard,
    client: reqwest::Client,
    bff: String,
    backends: [String; 3],
    token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await.unwrap().into(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Lab {
    /// With these variables set.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = receiver.http_endpoint();
        let config = Config::from_lookup("bff", "0", |name: &str| {
            (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
        });
        let telemetry = Telemetry::start(&config.unwrap()).unwrap();
        let subscriber = set_default(telemetry.subscriber());
        let mut backends = [const { String::new() }; 3];
        for (url, role) in backends.iter_mut().zip(ROLES) {
            let key = TokenKey::PUBLIC;
            *url = serve(backends::router(&telemetry, role, key)).await;
        }
        let settings = Settings::from_lookup(&|name: &str| {
            let set = variables.iter().find(|(known, _)| *known == name);
            match (set, name) {
                (Some((_, value)), _) => Some((*value).to_owned()),
                (None, "USER_URL") => Some(backends[0].clone()),
                (None, "ORDER_URL") => Some(backends[1].clone()),
                (None, "PRODUCT_URL") => Some(backends[2].clone()),
                // On a busy machine, nothing of this is to happen by chance.
                (None, "BUDGET_MS") => Some("20000".to_owned()),
                (None, "HEDGE_AFTER_MS") => Some("0".to_owned()),
                _ => None,
            }
        });
        let app = App::new(&telemetry, &settings.unwrap()).unwrap();
        let bff = serve(http::router(&telemetry, app)).await;
        Self {
            receiver,
            telemetry,
            _subscriber: subscriber,
            client: reqwest::Client::new(),
            bff,
            backends,
            token: TokenKey::PUBLIC.sign("ada", 1, DEADLINE),
        }
    }

    /// Asks as Ada.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Sends JSON as Ada.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path);
        let request = request
            .header("content-type", "application/json")
            .body(body.to_string());
        Answer::of(request.send().await.unwrap()).await
    }

    /// A request of Ada's.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        self.anonymous(method, path)
            .header("authorization", format!("Bearer {}", self.token))
    }

    /// A request of nobody's.
    pub(crate) fn anonymous(
        &self,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.bff);
        self.client.request(method, url).timeout(DEADLINE)
    }

    /// Lets a backend misbehave from now on, and its count begin anew.
    pub(crate) async fn trouble(&self, role: Role, faults: Faults) {
        let request = self
            .client
            .put(format!("{}/faults", self.backend(role)))
            .header("content-type", "application/json")
            .body(serde_json::to_string(&faults).unwrap());
        let status = request.send().await.unwrap().status();
        assert_eq!(status, StatusCode::NO_CONTENT);
    }

    /// How often a backend has been asked.
    pub(crate) async fn requests(&self, role: Role) -> u64 {
        let url = format!("{}/faults", self.backend(role));
        let answer = self.client.get(url).send().await.unwrap();
        Answer::of(answer).await.json()["requests"]
            .as_u64()
            .unwrap()
    }

    fn backend(&self, role: Role) -> &str {
        let at = ROLES.iter().position(|known| *known == role);
        &self.backends[at.unwrap()]
    }

    /// Waits until all telemetry has arrived.
    pub(crate) async fn finish(self) -> Receiver {
        self.telemetry.shutdown(DEADLINE).await.unwrap();
        self.receiver
    }
}

/// All backends.
pub(crate) const ROLES: [Role; 3] = [Role::User, Role::Order, Role::Product];

/// Faults that are one failure.
pub(crate) fn failing(failure: Failure) -> Faults {
    Faults {
        failure: Some(failure),
        ..Faults::default()
    }
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
