//! All programs, a receiver for what they send, and a person who is signed in.

use std::time::Instant;

use otlp_console::{Limits, Receiver};
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::Value;

use crate::programs::{BACKEND, BFF, DEADLINE, Program};

/// Everything that runs.
pub(crate) struct Shop {
    pub(crate) receiver: Receiver,
    pub(crate) bff: Program,
    pub(crate) backends: Vec<Program>,
    cookie: String,
}

const ROLES: [&str; 4] = ["user", "order", "product", "identity"];

impl Shop {
    /// With these variables set, and with Ada signed in.
    pub(crate) async fn open(settings: &[(&str, &str)]) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = receiver.http_endpoint();
        let common = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            // Room for all spans of a machine that is busy.
            ("OTEL_BSP_MAX_QUEUE_SIZE", "50000"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ];
        let mut backends = Vec::new();
        for role in ROLES {
            backends.push(Program::start(BACKEND, &[role], &common).await);
        }
        let mut own = vec![
            ("HEDGE_AFTER_MS", "0"),
            ("CACHE_MS", "0"),
            ("USER_URL", backends[0].url.as_str()),
            ("ORDER_URL", backends[1].url.as_str()),
            ("PRODUCT_URL", backends[2].url.as_str()),
            ("IDENTITY_URL", backends[3].url.as_str()),
        ];
        own.extend(common);
        own.extend(settings);
        let bff = Program::start(BFF, &[], &own).await;
        let cookie = sign_in(&bff.url).await;
        Self {
            receiver,
            bff,
            backends,
            cookie,
        }
    }

    /// A POST of Ada's, on a connection of its own.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        client()
            .post(format!("{}{path}", self.bff.url))
            .header("content-type", "application/json")
            .header("cookie", &self.cookie)
            .header("x-csrf", "1")
    }

    /// Lets a backend misbehave from now on.
    pub(crate) async fn trouble(&self, role: &str, faults: &Value) {
        let at = ROLES.iter().position(|known| *known == role).unwrap();
        let request = client()
            .put(format!("{}/faults", self.backends[at].url))
            .header("content-type", "application/json")
            .body(faults.to_string());
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    /// Waits until a backend has been asked something.
    pub(crate) async fn until_asked(&self, role: &str) {
        let at = ROLES.iter().position(|known| *known == role).unwrap();
        let url = format!("{}/faults", self.backends[at].url);
        let start = Instant::now();
        loop {
            let seen = client().get(&url).send().await.unwrap();
            let seen: Value = seen.json().await.unwrap();
            if seen["requests"] != 0 {
                return;
            }
            assert!(start.elapsed() < DEADLINE, "nobody asks {role}");
        }
    }
}

/// The way of a browser: to the BFF, the provider, and the BFF again.
async fn sign_in(bff: &str) -> String {
    let login = format!("{bff}/auth/login?login_hint=ada");
    let departed = client().get(login).send().await.unwrap();
    let (away, to) = moved(&departed);
    let vouched = client().get(to).send().await.unwrap();
    // The provider knows the BFF by its public URL, and not by its port.
    let (_, back) = moved(&vouched);
    let (_, query) = back.split_once('?').unwrap();
    let back = format!("{bff}/auth/callback?{query}");
    let arrived = client().get(back).header("cookie", away).send().await;
    let (cookies, _) = moved(&arrived.unwrap());
    let mut cookies = cookies.split("; ");
    let session = cookies.find(|it| it.starts_with("__Host-session="));
    session.unwrap().to_owned()
}

/// The cookies that an answer sets, and where it leads.
fn moved(answer: &Response) -> (String, String) {
    let text = |value: &reqwest::header::HeaderValue| {
        value.to_str().unwrap_or_default().to_owned()
    };
    let cookies = answer.headers().get_all("set-cookie").iter().map(text);
    let pairs = cookies.map(|it| it.split(';').next().unwrap().to_owned());
    let pairs: Vec<_> = pairs.collect();
    (pairs.join("; "), text(&answer.headers()["location"]))
}

fn client() -> Client {
    let client = Client::builder()
        .redirect(Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(DEADLINE);
    client.build().unwrap()
}
