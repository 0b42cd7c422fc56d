//! Commands that a client gives, and gives again if it has to.

use std::time::Duration;

use reqwest::{Client, header::HeaderMap};
use serde_json::{Value, json};
use uuid::Uuid;

/// What is asked, which decides what has to be there afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Open,
    Deposit(i64),
    Withdraw(i64),
    TransferAtOnce(i64),
    TransferEventually(i64),
    Close,
}

impl Wish {
    /// How many events the command writes by itself.
    pub(crate) fn events(self) -> i64 {
        match self {
            Self::TransferAtOnce(_) => 2,
            _ => 1,
        }
    }
}

/// A command under a key of its own: however often it is sent, it is one.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) wish: Wish,
    pub(crate) key: Uuid,
    path: String,
    body: Value,
    if_match: Option<i64>,
}

/// An answer, completely received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) etag: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<String>,
}

/// A client that gives up only when nothing can come any more.
pub(crate) fn client() -> Client {
    let client = Client::builder().timeout(Duration::from_secs(60));
    client.build().unwrap()
}

impl Request {
    fn new(wish: Wish, path: String, body: Value) -> Self {
        Self {
            wish,
            key: Uuid::now_v7(),
            path,
            body,
            if_match: None,
        }
    }

    pub(crate) fn open() -> Self {
        let body = json!({ "holder": "Ada Lovelace", "currency": "EUR" });
        Self::new(Wish::Open, "/accounts".to_owned(), body)
    }

    pub(crate) fn deposit(account: Uuid, minor: i64) -> Self {
        let path = format!("/accounts/{account}/deposits");
        Self::new(
            Wish::Deposit(minor),
            path,
            json!({ "amount": euros(minor) }),
        )
    }

    pub(crate) fn withdraw(account: Uuid, minor: i64) -> Self {
        let path = format!("/accounts/{account}/withdrawals");
        Self::new(
            Wish::Withdraw(minor),
            path,
            json!({ "amount": euros(minor) }),
        )
    }

    /// `wish` is one of the two kinds of transfers.
    pub(crate) fn transfer(wish: Wish, from: Uuid, to: Uuid) -> Self {
        let (minor, settlement) = match wish {
            Wish::TransferAtOnce(minor) => (minor, "immediate"),
            Wish::TransferEventually(minor) => (minor, "eventual"),
            other => panic!("{other:?} is no transfer"),
        };
        let body = json!({
            "to": to, "amount": euros(minor), "settlement": settlement,
        });
        Self::new(wish, format!("/accounts/{from}/transfers"), body)
    }

    /// Only if the account is at this version.
    pub(crate) fn close(account: Uuid, version: i64) -> Self {
        let path = format!("/accounts/{account}/closure");
        Self {
            if_match: Some(version),
            ..Self::new(Wish::Close, path, json!({}))
        }
    }

    /// Sends it to the bank at `url`.
    pub(crate) async fn send(
        &self,
        client: &Client,
        url: &str,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = client
            .post(format!("{url}{}", self.path))
            .header("idempotency-key", self.key.to_string())
            .header("content-type", "application/json")
            .body(self.body.to_string());
        if let Some(version) = self.if_match {
            request = request.header("if-match", format!("\"{version}\""));
        }
        Answer::receive(request).await
    }
}

fn euros(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

impl Answer {
    async fn receive(
        request: reqwest::RequestBuilder,
    ) -> Result<Self, reqwest::Error> {
        let response = request.send().await?;
        let header = |headers: &HeaderMap, name| {
            let value: &reqwest::header::HeaderValue = headers.get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let headers = response.headers();
        Ok(Self {
            status: response.status().as_u16(),
            etag: header(headers, "etag"),
            location: header(headers, "location"),
            retry_after: header(headers, "retry-after"),
            body: response.text().await?,
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The account that it is about.
    pub(crate) fn account(&self) -> Uuid {
        self.json()["account_id"].as_str().unwrap().parse().unwrap()
    }

    /// The version that the entity tag names.
    pub(crate) fn version(&self) -> i64 {
        let tag = self.etag.as_ref().expect("an ETag");
        tag.trim_matches('"').parse().unwrap()
    }
}

/// Asks for `path`.
pub(crate) async fn get(
    client: &Client,
    url: &str,
    path: &str,
) -> Result<Answer, reqwest::Error> {
    Answer::receive(client.get(format!("{url}{path}"))).await
}
