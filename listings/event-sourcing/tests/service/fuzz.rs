//! Requests at random, many at a time: sensible, nonsensical and broken.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use uuid::Uuid;

use crate::{
    api::{Answer, Api, Ask},
    process::{DEADLINE, Service},
};

const CLIENTS: u64 = 16;
const REQUESTS: usize = 125;

/// What the acknowledged commands add up to.
type Model = Arc<Mutex<BTreeMap<Uuid, i64>>>;

#[tokio::test]
async fn whatever_is_asked_the_books_balance() {
    let service = Service::for_crowds().await;
    let mut accounts = Vec::new();
    for _ in 0..5 {
        accounts.push(service.api.account(1_000).await);
    }
    let model = accounts.iter().map(|id| (*id, 1_000)).collect();
    let model: Model = Arc::new(Mutex::new(model));
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let clients = (0..CLIENTS).map(|client| {
        let fuzzer = Fuzzer {
            random: StdRng::seed_from_u64(seed + client),
            api: service.api.clone(),
            accounts: accounts.clone(),
            model: Arc::clone(&model),
        };
        fuzzer.run()
    });
    clients.collect::<JoinSet<_>>().join_all().await;
    let model = model.lock().unwrap().clone();
    let sum: i64 = model.values().sum();
    assert_ne!(sum, 5_000, "nothing has happened");
    for (id, balance) in model {
        let (version, actual) = service.api.state(id).await;
        assert_eq!(actual, balance, "{id}");
        let read = service.api.read(id, version).await.json();
        assert_eq!(read["balance"]["minor"], balance, "{id}");
        never_negative(&service.api, id).await;
    }
    let health = service.api.get("/health").await;
    assert_eq!(health.status, 200, "{health:?}");
}

struct Fuzzer {
    random: StdRng,
    api: Api,
    accounts: Vec<Uuid>,
    model: Model,
}

impl Fuzzer {
    async fn run(mut self) {
        for _ in 0..REQUESTS {
            match self.random.random_range(0..10) {
                0..6 => self.command().await,
                6..8 => self.question().await,
                8 => self.nonsense().await,
                _ => self.garbage().await,
            }
        }
    }

    fn account(&mut self) -> Uuid {
        *self.accounts.choose(&mut self.random).unwrap()
    }

    /// A command that makes sense, now and then twice. It is in the model
    /// once, if it is acknowledged.
    async fn command(&mut self) {
        let (from, to) = (self.account(), self.account());
        let minor = self.random.random_range(1..400);
        let kind = ["deposits", "withdrawals", "transfers"];
        let kind = *kind.choose(&mut self.random).unwrap();
        let path = format!("/accounts/{from}/{kind}");
        let mut body =
            json!({ "amount": { "minor": minor, "currency": "EUR" } });
        if kind == "transfers" {
            body["to"] = json!(to);
        }
        let key = Uuid::now_v7();
        let condition = self.random.random_ratio(1, 4);
        let version = self.random.random_range(1..20);
        let ask = || {
            let ask = self.api.post_again(&path, &body, key);
            match condition {
                true => ask.if_match(version),
                false => ask,
            }
        };
        let answers = match self.random.random_ratio(1, 5) {
            true => {
                let (one, other) = tokio::join!(ask().send(), ask().send());
                vec![one, other]
            }
            false => vec![ask().send().await],
        };
        for answer in &answers {
            sane(answer);
        }
        if answers.iter().any(|answer| answer.status == 201) {
            let mut model = self.model.lock().unwrap();
            let sign = if kind == "deposits" { 1 } else { -1 };
            *model.get_mut(&from).unwrap() += sign * minor;
            if kind == "transfers" {
                *model.get_mut(&to).unwrap() += minor;
            }
        }
    }

    async fn question(&mut self) {
        let id = self.account();
        let number = self.random.random_range(-2..60);
        let paths = [
            format!("/accounts/{id}"),
            format!("/accounts/{id}/history?as_of_version={number}"),
            format!("/accounts/{id}/events?after={number}&limit={number}"),
            format!("/accounts/{id}/audit"),
            format!("/feed?limit={number}"),
            "/admin/projections".to_owned(),
            "/admin/transfers".to_owned(),
        ];
        let path = paths.choose(&mut self.random).unwrap();
        sane(&self.api.get(path).await);
    }

    /// A request that changes nothing, because something about it is wrong.
    async fn nonsense(&mut self) {
        let id = self.account();
        let kinds = ["deposits", "withdrawals", "transfers", "closure", "x"];
        let kind = *kinds.choose(&mut self.random).unwrap();
        let values = [
            Value::Null,
            json!(-1),
            json!([]),
            json!("EUR"),
            json!({ "minor": 0, "currency": "EUR" }),
            json!({ "minor": 1, "currency": "€€€" }),
            json!({ "minor": i64::MAX, "currency": "eur" }),
            json!({ "minor": 1e300, "currency": "EUR" }),
        ];
        let value = values.choose(&mut self.random).unwrap();
        let body = json!({ "amount": value, "to": id });
        let mut text = body.to_string().into_bytes();
        if self.random.random_ratio(1, 2) {
            let at = self.random.random_range(0..text.len());
            text[at] = self.random.random();
        }
        let ask = self.api.ask("POST", &format!("/accounts/{id}/{kind}"));
        let ask = ask.header("Content-Type", "application/json").body(text);
        let ask: Ask = match self.random.random_range(0..4) {
            0 => ask,
            1 => ask.header("Idempotency-Key", "?"),
            2 => ask.key(Uuid::now_v7()).header("If-Match", "\"no\""),
            _ => ask.key(Uuid::now_v7()),
        };
        let answer = ask.send().await;
        sane(&answer);
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }

    /// Bytes that need not be HTTP at all. Nobody has to answer them, but the
    /// server has to live on.
    async fn garbage(&mut self) {
        let mut bytes = format!(
            "POST /accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\
             Idempotency-Key: {}\r\n\r\n{{\"a\":1}}  ",
            Uuid::now_v7()
        )
        .into_bytes();
        for _ in 0..self.random.random_range(1..9) {
            let at = self.random.random_range(0..bytes.len());
            bytes[at] = self.random.random();
        }
        bytes.truncate(self.random.random_range(1..=bytes.len()));
        let address = self.api.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let talk = async {
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
            stream.read_to_end(&mut Vec::new()).await
        };
        // It may have hung up already, but it must not keep us waiting.
        let _ = timeout(DEADLINE, talk).await.expect("an end");
    }
}

/// An answer that one can work with: no failure of ours, and a problem where
/// there is one.
fn sane(answer: &Answer) {
    let behind = answer.problem().as_deref() == Some("read-model-behind");
    assert!(answer.status < 500 || behind, "{answer:?}");
    assert_eq!(
        answer.status >= 400,
        answer.problem().is_some(),
        "{answer:?}"
    );
}

/// Adds the events up, and looks at each step.
async fn never_negative(api: &Api, id: Uuid) {
    let path = format!("/accounts/{id}/events?limit=500");
    let page = api.get(&path).await;
    assert_eq!(page.header("link"), None, "more than a page");
    let mut balance = 0;
    for event in page.json()["events"].as_array().unwrap() {
        let minor = event["payload"]["amount"]["minor"].as_i64();
        balance += match event["type"].as_str().unwrap() {
            "MoneyDeposited" | "TransferReceived" => minor.unwrap(),
            "MoneyWithdrawn" | "TransferSent" => -minor.unwrap(),
            _ => 0,
        };
        assert!(balance >= 0, "{id}: {event}");
    }
}
