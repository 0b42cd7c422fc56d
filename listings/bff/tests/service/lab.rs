//! The BFF, three backends, the identity provider and a receiver for what they
//! send, on free ports.

mod door;
mod person;
mod wiring;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bff::{
    backends::{
        self, Role,
        faults::{Failure, Faults},
        identity::Identity,
        token::TokenKey,
    },
    clients::{Addresses, Caller, Clients, Timeline, Token},
    deadline::Deadline,
    http::{self, App},
    instruments::Instruments,
};
use otlp_console::{Limits, Receiver};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use telemetry::{Config, Telemetry};
use tracing::subscriber::{DefaultGuard, set_default};
use url::Url;

pub(crate) use door::Door;
pub(crate) use person::{Journey, Person, cookie, follow, visit};
pub(crate) use wiring::serve;
use wiring::{identity, listen, settings};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// All that runs.
pub(crate) struct Lab {
    pub(crate) receiver: Receiver,
    telemetry: Telemetry,
    /// All of a test runs on its thread, and so do its logs and spans.
    _subscriber: DefaultGuard,
    client: reqwest::Client,
    pub(crate) bff: String,
    backends: [String; 4],
    /// Before the BFF.
    pub(crate) front: Door,
    /// Before each backend.
    doors: [Door; 4],
    pub(crate) identity: Arc<Identity>,
    ada: Person,
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
        let (listener, bff) = listen().await;
        let identity = identity(&bff);
        let mut backends = [const { String::new() }; 4];
        let (front, doors) = (Door::new(), [(); 4].map(|()| Door::new()));
        for (at, role) in ROLES.into_iter().enumerate() {
            let key = TokenKey::PUBLIC;
            let routes = backends::router(&telemetry, role, key);
            backends[at] = serve(doors[at].before(routes)).await;
        }
        let provider = Arc::clone(&identity);
        let provider = backends::identity_router(&telemetry, provider);
        backends[3] = serve(doors[3].before(provider)).await;
        let settings = settings(variables, &backends, &bff);
        let address = listener.local_addr().unwrap();
        let app = App::new(&telemetry, &settings, address).unwrap();
        let routes = front.before(http::router(&telemetry, app));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let ada = Person::sign_in(&bff, "ada").await;
        Self {
            receiver,
            telemetry,
            _subscriber: subscriber,
            client: person::client(),
            bff,
            backends,
            front,
            doors,
            identity,
            ada,
        }
    }

    /// Signs somebody in whose token is over at once, as the BFF sees it. All
    /// tokens after that are long.
    pub(crate) async fn sign_in_briefly(&self, name: &str) -> Person {
        self.identity.say_expires_in(Duration::ZERO);
        let person = self.sign_in(name).await;
        self.identity.say_expires_in(DEADLINE * 5);
        person
    }

    /// Signs somebody in, as a browser does it.
    pub(crate) async fn sign_in(&self, name: &str) -> Person {
        Person::sign_in(&self.bff, name).await
    }

    /// Asks as Ada.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ada.get(path).await
    }

    /// Sends JSON as Ada.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ada.post(path, body).await
    }

    /// A request of Ada's.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        self.ada.request(method, path)
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
        self.seen(role, "requests").await
    }

    /// How many requests a backend works on.
    pub(crate) async fn running(&self, role: Role) -> u64 {
        self.seen(role, "running").await
    }

    async fn seen(&self, role: Role, what: &str) -> u64 {
        let url = format!("{}/faults", self.backend(role));
        let answer = self.client.get(url).send().await.unwrap();
        Answer::of(answer).await.json()[what].as_u64().unwrap()
    }

    /// Waits until a backend works on so many requests.
    pub(crate) async fn until_running(&self, role: Role, count: u64) {
        let start = Instant::now();
        while self.running(role).await != count {
            assert!(start.elapsed() < DEADLINE, "{role:?}: never {count}");
        }
    }

    /// Clients like those of the BFF.
    pub(crate) fn clients(&self, hedge_after: Duration) -> Clients {
        let url = |role| Url::parse(self.backend(role)).unwrap();
        let addresses = Addresses {
            user: url(Role::User),
            order: url(Role::Order),
            product: url(Role::Product),
        };
        let instruments = Instruments::new(&self.telemetry);
        let hedge_after = Some(hedge_after);
        Clients::new(&self.telemetry, &instruments, &addresses, hedge_after)
            .unwrap()
    }

    /// Ada, who has time.
    pub(crate) fn caller(&self) -> Caller {
        let token = TokenKey::PUBLIC.sign("ada", 1, DEADLINE);
        Caller {
            token: Some(Token::new(token)),
            deadline: Deadline::after(DEADLINE),
            timeline: Timeline::default(),
        }
    }

    /// The URL of the BFF.
    pub(crate) fn url(&self) -> &str {
        &self.bff
    }

    /// The URL of a backend.
    pub(crate) fn backend(&self, role: Role) -> &str {
        &self.backends[place(role)]
    }

    /// The door before a backend.
    pub(crate) fn door(&self, role: Role) -> &Door {
        &self.doors[place(role)]
    }

    /// Waits until all telemetry has arrived.
    pub(crate) async fn finish(self) -> Receiver {
        self.telemetry.shutdown(DEADLINE).await.unwrap();
        self.receiver
    }
}

/// The place of a backend among all.
fn place(role: Role) -> usize {
    ROLES.iter().position(|known| *known == role).unwrap_or(3)
}

/// All backends.
pub(crate) const ROLES: [Role; 3] = [Role::User, Role::Order, Role::Product];

/// Telemetry that goes nowhere.
pub(crate) fn no_telemetry() -> Telemetry {
    let disabled =
        |name: &str| (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned());
    let config = Config::from_lookup("test", "0", disabled).unwrap();
    Telemetry::start(&config).unwrap()
}

/// Faults that are one failure.
pub(crate) fn failing(failure: Failure) -> Faults {
    Faults {
        failure: Some(failure),
        ..Faults::default()
    }
}
