//! All programs of the shop, a receiver for what they send, and a person.

use std::net::TcpListener;

use otlp_console::{Limits, Receiver, Trace};
use reqwest::{Client, Method, Response, header::HeaderMap, redirect::Policy};
use serde_json::{Value, json};

use crate::programs::{DEADLINE, Program};

/// Everything that runs.
pub(crate) struct Shop {
    receiver: Receiver,
    backends: Vec<Program>,
    bff: Program,
    client: Client,
    cookie: String,
}

/// The services, as `shop.trouble` numbers them.
pub(crate) const ROLES: [&str; 4] = ["user", "order", "product", "identity"];

impl Shop {
    /// With these variables set, and with Ada signed in.
    pub(crate) async fn open(settings: &[(&str, &str)]) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = endpoint(&receiver, settings);
        let public = format!("http://127.0.0.1:{}", free_port());
        let listen = public.trim_start_matches("http://");
        let mut common = vec![
            ("PUBLIC_URL", public.as_str()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            // What libraries log is their own contract.
            ("RUST_LOG", "info,opentelemetry=warn"),
        ];
        common.extend(settings);
        let mut backends = Vec::new();
        for role in ROLES {
            backends.push(Program::backend(role, &common).await);
        }
        let mut own = vec![
            // On a busy machine, nothing of this is to happen by chance.
            ("BUDGET_MS", "20000"),
            ("HEDGE_AFTER_MS", "0"),
            ("LISTEN_ADDR", listen),
            ("USER_URL", backends[0].url.as_str()),
            ("ORDER_URL", backends[1].url.as_str()),
            ("PRODUCT_URL", backends[2].url.as_str()),
            ("IDENTITY_URL", backends[3].url.as_str()),
        ];
        own.extend(common);
        let bff = Program::bff(&own).await;
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(DEADLINE)
            .build();
        let mut shop = Self {
            receiver,
            backends,
            bff,
            client: client.unwrap(),
            cookie: String::new(),
        };
        shop.sign_in("ada").await;
        shop
    }

    /// Goes where a browser would be sent.
    async fn sign_in(&mut self, person: &str) {
        let mut url =
            format!("{}/auth/login?login_hint={person}", self.bff.url);
        let mut cookies = Vec::new();
        while !self.cookie.starts_with("__Host-session=") {
            let request = self.client.get(&url).header("cookie", &self.cookie);
            let answer = request.send().await.unwrap();
            cookies.extend(set_cookies(answer.headers()));
            self.cookie = cookies.join("; ");
            if let Some(session) =
                cookies.iter().find(|c| c.starts_with("__Host-session="))
            {
                self.cookie = session.clone();
            }
            let location = answer.headers()["location"].to_str().unwrap();
            url = location.to_owned();
        }
    }

    /// Asks as Ada.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Sends JSON as Ada.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.request(Method::POST, path);
        let request = request
            .header("content-type", "application/json")
            .body(body.to_string());
        request.send().await.unwrap()
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.bff.url))
            .header("cookie", &self.cookie)
            .header("x-csrf", "1")
    }

    /// Where to speak with a stand-in about its faults.
    fn faults_of(&self, role: &str) -> String {
        let at = ROLES.iter().position(|known| *known == role).unwrap();
        format!("{}/faults", self.backends[at].url)
    }

    /// How often a backend has been asked since it was told to misbehave.
    pub(crate) async fn asked(&self, role: &str) -> u64 {
        let request = self.client.get(self.faults_of(role));
        let seen = request.send().await.unwrap().bytes().await.unwrap();
        let seen: Value = serde_json::from_slice(&seen).unwrap();
        seen["requests"].as_u64().unwrap()
    }

    /// Lets a backend misbehave from now on.
    pub(crate) async fn trouble(&self, role: &str, faults: Value) {
        let request = self
            .client
            .put(self.faults_of(role))
            .header("content-type", "application/json")
            .body(faults.to_string());
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    /// A failure of a backend, such as `hang`.
    pub(crate) async fn fail(&self, role: &str, failure: &str) {
        self.trouble(role, json!({ "failure": failure })).await;
    }

    /// Starts the identity provider anew: it keeps its tokens in memory.
    pub(crate) async fn forget_tokens(&mut self, settings: &[(&str, &str)]) {
        let old = self.backends.remove(3);
        let url = old.url.clone();
        old.stop().await;
        let endpoint = endpoint(&self.receiver, settings);
        let settings = [
            settings,
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
                ("LISTEN_ADDR", url.trim_start_matches("http://")),
                ("PUBLIC_URL", &self.bff.url),
            ],
        ];
        let new = Program::backend("identity", &settings.concat()).await;
        self.backends.insert(3, new);
    }

    /// Stops everything, and returns what arrived.
    pub(crate) async fn close(self) -> Receiver {
        self.bff.stop().await;
        for backend in self.backends {
            backend.stop().await;
        }
        self.receiver
    }
}

/// Sends telemetry over gRPC.
pub(crate) const GRPC: (&str, &str) = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");

/// The identity provider has to know where the BFF will be.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn endpoint(receiver: &Receiver, settings: &[(&str, &str)]) -> String {
    match settings.contains(&GRPC) {
        true => receiver.grpc_endpoint(),
        false => receiver.http_endpoint(),
    }
}

fn set_cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all("set-cookie").iter();
    values
        .map(|value| value.to_str().unwrap())
        .map(|value| value.split(';').next().unwrap().to_owned())
        .collect()
}

/// All traces whose root has this name, by their start.
pub(crate) fn traces_of(receiver: &Receiver, root: &str) -> Vec<Trace> {
    let mut traces = receiver.traces();
    traces.retain(|trace| trace.root().is_some_and(|span| span.name == root));
    traces.sort_by_key(Trace::start_unix_nano);
    traces
}
