//! A client of the API that hides nothing: statuses, headers and bytes.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use uuid::Uuid;

/// A way to the API.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    /// Where it is.
    pub(crate) url: String,
}

/// An answer, completely received.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The version that the entity tag names.
    pub(crate) fn version(&self) -> i64 {
        let tag = self.header("etag").expect("an ETag");
        tag.trim_matches('"').parse().unwrap()
    }

    /// Which kind of problem it is, without the common beginning.
    pub(crate) fn problem(&self) -> Option<String> {
        let is_problem =
            self.header("content-type")? == "application/problem+json";
        let kind = is_problem.then(|| self.json()["type"].clone())?;
        let kind = kind.as_str()?.strip_prefix("/problems/")?;
        Some(kind.to_owned())
    }

    /// All that has to be the same when a request is repeated.
    pub(crate) fn essence(&self) -> (u16, String, [Option<String>; 3]) {
        let header = |name| self.header(name).map(ToOwned::to_owned);
        (
            self.status,
            self.body.clone(),
            ["etag", "location", "content-type"].map(header),
        )
    }
}

/// A request in the making.
pub(crate) struct Ask(RequestBuilder);

impl Ask {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub(crate) fn key(self, key: Uuid) -> Self {
        self.header("Idempotency-Key", &key.to_string())
    }

    pub(crate) fn if_match(self, version: i64) -> Self {
        self.header("If-Match", &format!("\"{version}\""))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    pub(crate) fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.body(body))
    }

    pub(crate) async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.0.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await?,
        })
    }

    pub(crate) async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }
}

impl Api {
    pub(crate) fn new(url: &str) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(60));
        Self {
            client: client.build().unwrap(),
            url: url.to_owned(),
        }
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Ask(self.client.request(method, format!("{}{path}", self.url)))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    /// A command under a key of its own.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Ask {
        self.post_again(path, body, Uuid::now_v7())
    }

    /// A command under this key.
    pub(crate) fn post_again(
        &self,
        path: &str,
        body: &Value,
        key: Uuid,
    ) -> Ask {
        self.ask("POST", path).key(key).json(body)
    }

    /// Opens an account in euros, with this balance.
    pub(crate) async fn account(&self, minor: i64) -> Uuid {
        let opened = self.post("/accounts", &ada("EUR")).send().await;
        assert_eq!(opened.status, 201, "{opened:?}");
        let id = id_of(&opened);
        if minor > 0 {
            let deposit = self.post(&deposits(id), &euros(minor));
            assert_eq!(deposit.send().await.status, 201);
        }
        id
    }

    /// The account as the read model has it, once it has come to `version`.
    /// Any open transaction of the server holds the feed up, another test's
    /// as well.
    pub(crate) async fn read(&self, id: Uuid, version: i64) -> Answer {
        let path = format!("/accounts/{id}?min_version={version}");
        for _ in 0..10 {
            let answer = self.get(&path).await;
            if answer.status != 503 {
                return answer;
            }
        }
        panic!("{id} does not come to version {version}");
    }

    /// The account as it is by its events: version and balance.
    pub(crate) async fn state(&self, id: Uuid) -> (i64, i64) {
        let audit = self.get(&format!("/accounts/{id}/audit")).await.json();
        assert_eq!(audit["verified"], true, "{audit}");
        let version = audit["version"].as_i64().unwrap();
        let path = format!("/accounts/{id}/history?as_of_version={version}");
        let state = self.get(&path).await.json();
        (version, state["balance"]["minor"].as_i64().unwrap())
    }
}

/// The id of the account that an answer is about.
pub(crate) fn id_of(answer: &Answer) -> Uuid {
    let body = answer.json();
    body["account_id"].as_str().unwrap().parse().unwrap()
}

pub(crate) fn deposits(id: Uuid) -> String {
    format!("/accounts/{id}/deposits")
}

pub(crate) fn withdrawals(id: Uuid) -> String {
    format!("/accounts/{id}/withdrawals")
}

/// A body for `POST /accounts`.
pub(crate) fn ada(currency: &str) -> Value {
    json!({ "holder": "Ada Lovelace", "currency": currency })
}

/// A body with an amount.
pub(crate) fn euros(minor: i64) -> Value {
    json!({ "amount": { "minor": minor, "currency": "EUR" } })
}
