//! Backends, a place for telemetry, and persons who are signed in.

use bff::backends::{faults::Faults, token::TokenKey};
use otlp_console::{Limits, Receiver};
use reqwest::{
    Client, RequestBuilder, Response,
    header::{HeaderMap, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use serde_json::Value;
use std::time::Duration;

use crate::programs::{Core, Program};

/// As many persons, so that no two pages of one are made at a time.
pub(crate) const PERSONS: usize = 64;

const ROLES: [&str; 4] = ["user", "order", "product", "identity"];

/// How long each of the backends takes, in milliseconds.
pub(crate) const LATENCIES: [u64; 3] = [5, 20, 15];

/// What is there before any BFF.
pub(crate) struct Stage {
    backends: Vec<Program>,
    receiver: Receiver,
    pub(crate) client: Client,
}

/// A BFF, and the cookie of each person.
pub(crate) struct Bff {
    pub(crate) program: Program,
    cookies: Vec<String>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        // It keeps the last of what arrives.
        let limits = Limits {
            spans: 1_000,
            ..Limits::default()
        };
        let silent = [("OTEL_SDK_DISABLED", "true")];
        let backend = |role: &str| {
            let program = env!("CARGO_BIN_EXE_backend");
            Program::start(program, &[role], &silent, Core::Other)
        };
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(10));
        Self {
            backends: ROLES.map(backend).into(),
            receiver: Receiver::start(limits).await.unwrap(),
            client: client.build().unwrap(),
        }
    }

    /// The program of this listing, with these variables set.
    pub(crate) async fn bff(&self, settings: &[(&str, &str)]) -> Bff {
        let program = self.start(env!("CARGO_BIN_EXE_bff"), &[], settings);
        let mut cookies = Vec::new();
        for number in 0..PERSONS {
            cookies.push(self.sign_in(&program.url, number).await);
        }
        Bff { program, cookies }
    }

    /// The page in another way. It knows one person.
    pub(crate) fn variant(&self, name: &str) -> Bff {
        let program = std::env::current_exe().unwrap();
        let program = program.to_str().unwrap();
        Bff {
            program: self.start(program, &["serve", name], &[]),
            cookies: vec![String::new(); PERSONS],
        }
    }

    fn start(
        &self,
        program: &str,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> Program {
        let endpoint = self.receiver.http_endpoint();
        let mut all = vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("CACHE_MS", "0"),
            ("USER_URL", self.backends[0].url.as_str()),
            ("ORDER_URL", self.backends[1].url.as_str()),
            ("PRODUCT_URL", self.backends[2].url.as_str()),
            ("IDENTITY_URL", self.backends[3].url.as_str()),
        ];
        all.extend(settings);
        Program::start(program, arguments, &all, Core::First)
    }
}

impl Stage {
    /// The URL of a backend.
    pub(crate) fn backend(&self, at: usize) -> &str {
        &self.backends[at].url
    }

    /// The access token of a person.
    pub(crate) fn token(number: usize) -> String {
        let hour = Duration::from_secs(3_600);
        TokenKey::PUBLIC.sign(&format!("ada-{number}"), 1, hour)
    }

    /// Lets a backend behave so from now on, and its count begin anew.
    pub(crate) async fn trouble(&self, at: usize, faults: Faults) {
        let request = self
            .client
            .put(format!("{}/faults", self.backend(at)))
            .header("content-type", "application/json")
            .body(serde_json::to_string(&faults).unwrap());
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    /// All backends as slow as they are said to be, `product` with a tail of
    /// one in so many.
    pub(crate) async fn usual(&self, latencies: [u64; 3], slow_every: u64) {
        for (at, latency_ms) in latencies.into_iter().enumerate() {
            let faults = Faults {
                latency_ms,
                slow_every: if at == 2 { slow_every } else { 0 },
                slow_ms: 200,
                failure: None,
            };
            self.trouble(at, faults).await;
        }
    }

    /// How often a backend was asked since.
    pub(crate) async fn requests(&self, at: usize) -> u64 {
        let url = format!("{}/faults", self.backend(at));
        let seen = self.client.get(url).send().await.unwrap();
        let seen: Value = seen.json().await.unwrap();
        seen["requests"].as_u64().unwrap()
    }

    async fn sign_in(&self, bff: &str, number: usize) -> String {
        let get = async |url: String, cookie: &str| {
            let request = self.client.get(url).header("cookie", cookie);
            request.send().await.unwrap()
        };
        let login = format!("{bff}/auth/login?login_hint=ada-{number}");
        let departed = get(login, "").await;
        let vouched = get(text(departed.headers(), LOCATION), "").await;
        // The provider knows the BFF by its public URL, not by its port.
        let back = text(vouched.headers(), LOCATION);
        let (_, query) = back.split_once('?').unwrap();
        let back = format!("{bff}/auth/callback?{query}");
        let away = text(departed.headers(), SET_COOKIE);
        let arrived = get(back, away.split(';').next().unwrap()).await;
        cookie(&arrived)
    }
}

fn text(headers: &HeaderMap, name: reqwest::header::HeaderName) -> String {
    headers[name].to_str().unwrap().to_owned()
}

fn cookie(arrived: &Response) -> String {
    let cookies = arrived.headers().get_all(SET_COOKIE).iter();
    let mut pairs =
        cookies.filter_map(|value| value.to_str().ok()?.split(';').next());
    let session = pairs.find(|pair| pair.starts_with("__Host-session="));
    session.expect("a session").to_owned()
}

impl Bff {
    /// The home page of each person, to be sent.
    pub(crate) fn pages(&self, client: &Client) -> Vec<RequestBuilder> {
        let page = |cookie: &String| {
            let url = format!("{}/web/home", self.program.url);
            client.get(url).header("cookie", cookie)
        };
        self.cookies.iter().map(page).collect()
    }

    /// The same question to the graph by each person.
    pub(crate) fn questions(
        &self,
        client: &Client,
        query: &str,
    ) -> Vec<RequestBuilder> {
        let body = serde_json::json!({ "query": query }).to_string();
        let question = |cookie: &String| {
            client
                .post(format!("{}/graphql", self.program.url))
                .header("content-type", "application/json")
                .header("x-csrf", "1")
                .header("cookie", cookie)
                .body(body.clone())
        };
        self.cookies.iter().map(question).collect()
    }
}

/// Sends one of them, and says whether the whole answer came, and was as it
/// should be.
pub(crate) async fn send(
    requests: &[RequestBuilder],
    number: usize,
    expected: u16,
    is_good: fn(&[u8]) -> bool,
) -> bool {
    let request = requests[number % requests.len()].try_clone().unwrap();
    let Ok(answer) = request.send().await else {
        return false;
    };
    let status = answer.status();
    let body = answer.bytes().await;
    status == expected && body.is_ok_and(|body| is_good(&body))
}

/// A page that has all its parts.
pub(crate) fn is_whole(body: &[u8]) -> bool {
    body.ends_with(b"\"degraded\":[]}")
}
