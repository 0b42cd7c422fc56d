//! Each backend in each kind of trouble, and what each client makes of it.

mod told;

use std::fmt;

use bff::backends::{
    Role,
    faults::{Failure, Faults},
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value as Json, json};
use told::Told;

use crate::lab::{Answer, Lab, ROLES, failing};

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
        trouble("too slow", slow(600_000), 504, LATE, Some("timeout")),
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

/// The labs in which one backend is ill.
struct Ward {
    role: Role,
    /// Has time: what is answered here is answered for another reason.
    calm: Lab,
    /// For those who hang for ever, so that without its budget there is no
    /// answer. It is enough for a busy machine to do everything else.
    brief: Lab,
    /// Nobody listens where the backend should be.
    down: Lab,
}

impl Ward {
    async fn of(role: Role) -> Self {
        let at = ROLES.iter().position(|known| *known == role).unwrap();
        let url = ["USER_URL", "ORDER_URL", "PRODUCT_URL"][at];
        Self {
            role,
            calm: Lab::start(&[]).await,
            brief: Lab::start(&[("BUDGET_MS", "5000")]).await,
            down: Lab::start(&[(url, "http://127.0.0.1:1")]).await,
        }
    }

    /// Has all troubles, one after another. Its cases count from `first`.
    async fn suffer(&self, first: usize) -> Vec<Case> {
        let mut cases = Vec::new();
        for trouble in troubles() {
            let lab = match (trouble.faults, trouble.status) {
                (None, _) => &self.down,
                (_, 504) => &self.brief,
                _ => &self.calm,
            };
            if let Some(faults) = trouble.faults {
                lab.trouble(self.role, faults).await;
            }
            let case = |client: usize| Case {
                number: first + cases.len() + client,
                role: self.role,
                trouble,
                client: CLIENTS[client],
            };
            let three = [0, 1, 2].map(case);
            join_all(three.map(|case| ask(lab, case))).await;
            cases.extend(three);
        }
        cases
    }
}

#[tokio::test]
async fn every_failure_of_every_backend_for_every_client() {
    let mut wards = Vec::new();
    for role in ROLES {
        wards.push(Ward::of(role).await);
    }
    let count = troubles().len() * CLIENTS.len();
    let suffering = (0..).zip(&wards);
    let suffering = suffering.map(|(at, ward)| ward.suffer(at * count));
    let cases = join_all(suffering).await.concat();
    assert_eq!(cases.len(), 72);
    let mut receivers = Vec::new();
    // The last one has the logs and spans of this thread, and hands them back.
    for ward in wards.into_iter().rev() {
        for lab in [ward.down, ward.brief, ward.calm] {
            receivers.push(lab.finish().await);
        }
    }
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
    let answer = Answer::of(request.send().await.unwrap()).await;
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
