//! Each backend in each kind of trouble, and what each client makes of it.

mod told;

use std::{
    fmt,
    time::{Duration, Instant},
};

use bff::backends::{
    Role,
    faults::{Failure, Faults},
};
use reqwest::Method;
use serde_json::{Value as Json, json};
use told::Told;

use crate::lab::{Answer, Lab, ROLES, failing};

/// What an answer may take.
const BUDGET: Duration = Duration::from_millis(800);

/// What it may take on top where others use the machine, too.
const MARGIN: Duration = Duration::from_millis(700);

/// The clients, by the name of their server span.
const CLIENTS: [&str; 3] =
    ["GET /web/home", "GET /mobile/home", "POST /desktop/bulk"];

/// A kind of trouble.
#[derive(Clone, Copy)]
struct Trouble {
    name: &'static str,
    /// None where nobody listens.
    faults: Option<Faults>,
    /// The status for a client that needs the backend.
    status: u16,
    /// `error.type` of the client span; none if the head of the answer came.
    span: &'static [&'static str],
    /// `error.type` of the log.
    log: Option<&'static str>,
}

const fn trouble(
    name: &'static str,
    faults: Option<Faults>,
    status: u16,
    span: &'static [&'static str],
    log: Option<&'static str>,
) -> Trouble {
    Trouble {
        name,
        faults,
        status,
        span,
        log,
    }
}

const fn slow(latency_ms: u64) -> Option<Faults> {
    Some(Faults {
        latency_ms,
        slow_every: 0,
        slow_ms: 0,
        failure: None,
    })
}

/// A backend that heeds the budget gives up as soon as its caller does.
const LATE: &[&str] = &["timeout", "504"];

fn troubles() -> [Trouble; 8] {
    let failing = |failure| Some(failing(failure));
    let (hang, trickle) = (failing(Failure::Hang), failing(Failure::Trickle));
    let (garbage, huge) = (failing(Failure::Garbage), failing(Failure::Huge));
    let error = failing(Failure::Error);
    [
        trouble("slow", slow(20), 200, &[], None),
        trouble("too slow", slow(30_000), 504, LATE, Some("timeout")),
        trouble("hangs", hang, 504, LATE, Some("timeout")),
        trouble("trickles", trickle, 504, &[], Some("timeout")),
        trouble("fails", error, 502, &["500"], Some("failed")),
        trouble("garbage", garbage, 502, &[], Some("garbage")),
        trouble("huge", huge, 502, &[], Some("too_large")),
        trouble("down", None, 502, &["connect"], Some("unreachable")),
    ]
}

/// One cell of the table.
#[derive(Clone, Copy)]
struct Case {
    number: usize,
    role: Role,
    trouble: Trouble,
    client: &'static str,
}

#[tokio::test]
async fn every_failure_of_every_backend_for_every_client() {
    let budget = BUDGET.as_millis().to_string();
    let settings = [
        ("BUDGET_MS", budget.as_str()),
        ("HEDGE_AFTER_MS", "0"),
        ("CACHE_MS", "0"),
    ];
    let lab = Lab::start(&settings).await;
    let mut cases = Vec::new();
    let mut receivers = Vec::new();
    for (at, role) in ROLES.into_iter().enumerate() {
        let name = ["USER_URL", "ORDER_URL", "PRODUCT_URL"][at];
        // Nobody listens on this port.
        let nowhere = [
            settings[0],
            settings[1],
            settings[2],
            (name, "http://127.0.0.1:1"),
        ];
        let down = Lab::start(&nowhere).await;
        for (number, trouble) in troubles().into_iter().enumerate() {
            let number = (at * troubles().len() + number) * CLIENTS.len();
            let here = match trouble.faults {
                Some(faults) => {
                    lab.trouble(role, faults).await;
                    &lab
                }
                None => &down,
            };
            let case = |client: usize| Case {
                number: number + client,
                role,
                trouble,
                client: CLIENTS[client],
            };
            tokio::join!(
                ask(here, case(0)),
                ask(here, case(1)),
                ask(here, case(2))
            );
            cases.extend((0..CLIENTS.len()).map(case));
        }
        lab.trouble(role, Faults::default()).await;
        receivers.push(down.finish().await);
    }
    receivers.push(lab.finish().await);
    assert_eq!(cases.len(), 72);
    let told = Told::by(&receivers);
    cases.into_iter().for_each(|case| told.check(case));
}

/// Asks, and judges the answer.
async fn ask(lab: &Lab, case: Case) {
    let (method, path) = case.client.split_once(' ').unwrap();
    let mut request = lab
        .request(method.parse::<Method>().unwrap(), path)
        .header("traceparent", format!("00-{}-{:016x}-01", case.trace(), 1));
    if method == "POST" {
        let operations = json!([
            { "get": "me" },
            { "get": "order", "id": "o-ada-1" },
            { "get": "product", "id": "p-1" },
        ]);
        let body = json!({ "operations": operations }).to_string();
        request = request
            .header("content-type", "application/json")
            .body(body);
    }
    let start = Instant::now();
    let answer = Answer::of(request.send().await.unwrap()).await;
    let took = start.elapsed();
    assert!(took < BUDGET + MARGIN, "{case:?}: {took:?}");
    let json = answer.json();
    match case.client {
        "POST /desktop/bulk" => case.check_bulk(&answer, &json),
        _ => case.check_home(&answer, &json),
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}, {}", self.client, self.role, self.trouble.name)
    }
}

impl Case {
    fn trace(self) -> String {
        format!("{:032x}", self.number + 1)
    }

    fn check_bulk(self, answer: &Answer, json: &Json) {
        assert_eq!(answer.status, 200, "{self:?}: {json}");
        for (role, result) in
            ROLES.iter().zip(json["results"].as_array().unwrap())
        {
            let is_ill = *role == self.role;
            let status = if is_ill { self.trouble.status } else { 200 };
            assert_eq!(result["status"], status, "{self:?}: {json}");
            assert_eq!(status == 200, result["value"].is_object());
        }
    }

    fn check_home(self, answer: &Answer, json: &Json) {
        let is_needed = self.role != Role::Product;
        let status = if is_needed { self.trouble.status } else { 200 };
        assert_eq!(answer.status, status, "{self:?}: {json}");
        let kind = match status {
            200 => Json::Null,
            502 => json!("/problems/backend-failed"),
            _ => json!("/problems/backend-timed-out"),
        };
        assert_eq!(json["type"], kind, "{self:?}");
        if status == 200 {
            let degraded: &[&str] = match self.trouble.status {
                200 => &[],
                _ => &["recommendations"],
            };
            assert_eq!(json["degraded"], json!(degraded), "{self:?}");
        } else {
            let content_type = &answer.headers["content-type"];
            assert_eq!(content_type, "application/problem+json");
            assert_eq!(json["trace_id"], self.trace(), "{self:?}");
        }
    }
}
