//! Requests at random, many at a time: sensible, nonsensical and broken.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use reqwest::{Method, header::HeaderValue};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::lab::{Answer, DEADLINE, Lab};

const CLIENTS: u64 = 8;
const REQUESTS: usize = 150;

const METHODS: [&str; 9] = [
    "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW",
];

const PATHS: [&str; 12] = [
    "/",
    "/web/home",
    "/mobile/home",
    "/desktop/bulk",
    "/graphql",
    "/health/live",
    "/health/ready",
    "/auth/login",
    "/auth/callback",
    "/auth/session",
    "/web/home/",
    "/nothing",
];

const QUERIES: [&str; 6] = [
    "",
    "?",
    "?query={me{id}}",
    "?code=1&state=2&error=%00",
    "?a=%ff%fe&a&=&&",
    "?query=mutation{rename(name:%22x%22){id}}",
];

const HEADERS: [&str; 13] = [
    "accept",
    "accept-encoding",
    "authorization",
    "baggage",
    "content-encoding",
    "content-type",
    "cookie",
    "if-none-match",
    "origin",
    "range",
    "traceparent",
    "tracestate",
    "x-envoy-expected-rq-timeout-ms",
];

const VALUES: [&[u8]; 10] = [
    b"",
    b"*/*",
    b"application/json",
    b"application/json; charset=utf-7",
    b"gzip",
    b"\xff\xfe",
    b"__Host-session=x; __Host-session=y",
    b"W/\"x\", *, \"",
    b"0",
    b"a=b=c,,;;==",
];

#[tokio::test]
async fn whatever_is_asked_there_is_an_answer() {
    let lab = Lab::start(&[]).await;
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let clients = (0..CLIENTS).map(|client| {
        let random = StdRng::seed_from_u64(seed.wrapping_add(client));
        Fuzzer { random, lab: &lab }.run()
    });
    futures_util::future::join_all(clients).await;
    assert_eq!(lab.get("/web/home").await.status, 200);
    lab.finish().await;
}

struct Fuzzer<'a> {
    random: StdRng,
    lab: &'a Lab,
}

impl Fuzzer<'_> {
    async fn run(mut self) {
        for _ in 0..REQUESTS {
            match self.random.random_range(0..8) {
                0 => self.garbage().await,
                _ => self.request().await,
            }
        }
    }

    fn one<'b>(&mut self, of: &[&'b str]) -> &'b str {
        of.choose(&mut self.random).unwrap()
    }

    /// A request as far as HTTP is concerned.
    async fn request(&mut self) {
        let (mut method, mut path) = (self.one(&METHODS), self.one(&PATHS));
        if self.random.random_ratio(1, 3) {
            (method, path) = ("POST", "/desktop/bulk");
        }
        let method: Method = method.parse().unwrap();
        let mut path = path.to_owned();
        if self.random.random_ratio(1, 8) {
            path.push_str(self.one(&["%2e%2e", "/%00", "//", "é", "%"]));
        }
        path.push_str(self.one(&QUERIES));
        let mut request = match self.random.random_ratio(1, 4) {
            true => self.lab.anonymous(method.clone(), &path),
            false => self.lab.request(method.clone(), &path),
        };
        if self.random.random_ratio(3, 4) {
            request = request.header("content-type", "application/json");
        }
        for _ in 0..self.random.random_range(0..4) {
            let value = *VALUES.choose(&mut self.random).unwrap();
            let value = HeaderValue::from_bytes(value).unwrap();
            request = request.header(self.one(&HEADERS), value);
        }
        let request = request.body(self.body());
        let what = format!("{request:?}");
        // No connection is cut off in the midst of it.
        let answer = request.send().await.expect(&what);
        let answer = Answer::of(answer).await;
        sane(&method, &answer, &what);
    }

    fn body(&mut self) -> Vec<u8> {
        let operation = [
            json!({ "get": "me" }),
            json!({ "get": "order", "id": "o-ada-1" }),
            json!({ "get": "product", "id": "p-\u{0}\u{7}☃, p-1&limit=1" }),
            json!({ "get": "order", "id": "o".repeat(9_000) }),
            json!({ "get": "everything" }),
            json!([]),
        ];
        let operation = operation.choose(&mut self.random).unwrap();
        let count = *[0, 1, 2, 100, 101].choose(&mut self.random).unwrap();
        let bulk = json!({ "operations": vec![operation; count] });
        let mut body = match self.random.random_range(0..8) {
            0 => Vec::new(),
            1 => b"[".repeat(self.random.random_range(1..70_000)),
            2 => br#"{"query":"{me{id}}"}"#.to_vec(),
            _ => bulk.to_string().into_bytes(),
        };
        if !body.is_empty() && self.random.random_ratio(1, 3) {
            let at = self.random.random_range(0..body.len());
            body[at] = self.random.random();
        }
        body
    }

    /// Bytes that need not be HTTP at all. Nobody has to answer them, but the
    /// server has to live on.
    async fn garbage(&mut self) {
        let mut bytes = b"POST /desktop/bulk HTTP/1.1\r\nHost: x\r\n\
            Content-Length: 17\r\nContent-Type: application/json\r\n\r\n\
            {\"operations\":[]}"
            .to_vec();
        for _ in 0..self.random.random_range(1..9) {
            let at = self.random.random_range(0..bytes.len());
            bytes[at] = self.random.random();
        }
        bytes.truncate(self.random.random_range(1..=bytes.len()));
        let address = self.lab.url().strip_prefix("http://").unwrap();
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
fn sane(method: &Method, answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {answer:?}");
    if answer.status < 400 || method == Method::HEAD {
        return;
    }
    let content_type = &answer.headers["content-type"];
    if content_type == "application/problem+json" {
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status, "{what}: {answer:?}");
        let kind = problem["type"].as_str().unwrap();
        assert!(kind.starts_with("/problems/"), "{what}: {answer:?}");
    } else {
        // A graph has its own way to say so.
        assert!(what.contains("/graphql"), "{what}: {answer:?}");
        assert!(answer.json()["errors"].is_array(), "{what}: {answer:?}");
    }
}
