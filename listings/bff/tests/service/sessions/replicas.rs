//! Many replicas of the BFF and one Redis.

use bff::backends::{Role, faults::Faults};
use futures_util::future::join_all;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use throwaway::redis::Server;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::flow::leave;
use crate::lab::{Answer, DEADLINE, Lab};

/// Another replica: a process of its own, to be killed.
struct Replica {
    process: Child,
    url: String,
}

impl Replica {
    async fn start(lab: &Lab, redis: &Server) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bff"))
            .env_clear()
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("BUDGET_MS", "20000")
            .env("PUBLIC_URL", &lab.bff)
            .env("REDIS_URL", redis.url())
            .env("USER_URL", lab.backend(Role::User))
            .env("ORDER_URL", lab.backend(Role::Order))
            .env("PRODUCT_URL", lab.backend(Role::Product))
            .env("IDENTITY_URL", lab.backend(Role::Identity))
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", lab.receiver.http_endpoint())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let line = output.lines().next_line().await.unwrap().unwrap();
        let url = line.rsplit_once(' ').unwrap().1.to_owned();
        Self { process, url }
    }
}

async fn lab(redis: &Server) -> Lab {
    Lab::start(&[("REDIS_URL", redis.url().as_str())]).await
}

// ANCHOR: a-replica-dies
#[tokio::test]
async fn nobody_is_signed_out_when_a_replica_dies() {
    let redis = Server::start().unwrap();
    let lab = lab(&redis).await;
    let mut first = Replica::start(&lab, &redis).await;
    let second = Replica::start(&lab, &redis).await;
    // They depart from the first, and arrive at the lab's own.
    let mut persons = Vec::new();
    for name in ["ada", "grace", "edsger"] {
        let person = crate::lab::Person::sign_in(&first.url, name).await;
        assert_eq!(person.get("/auth/session").await.status, 200);
        persons.push((name, person));
    }
    first.process.kill().await.unwrap();
    for (name, person) in &persons {
        let person = person.at(&second.url);
        let session = person.get("/auth/session").await;
        assert_eq!(session.json()["subject"], *name);
        assert_eq!(person.get("/web/home").await.status, 200);
    }
    // Who leaves, leaves everywhere.
    let (_, grace) = &persons[1];
    assert_eq!(leave(&grace.at(&second.url)).await.status, 204);
    let session = grace.at(&lab.bff).get("/auth/session").await;
    assert_eq!(session.status, 401);
    lab.finish().await;
}
// ANCHOR_END: a-replica-dies

#[tokio::test]
async fn replicas_refresh_a_token_once() {
    let redis = Server::start().unwrap();
    let lab = lab(&redis).await;
    let replica = Replica::start(&lab, &redis).await;
    let grace = lab.sign_in_briefly("grace").await;
    let elsewhere = grace.at(&replica.url);
    lab.trouble(Role::Identity, Faults::default()).await;
    let provider = lab.door(Role::Identity);
    provider.shut();
    let asking = join_all((0..40).map(|number| match number % 2 {
        0 => grace.get("/auth/session"),
        _ => elsewhere.get("/auth/session"),
    }));
    let opening = async {
        lab.front.until_within(20).await;
        provider.until_came(1).await;
        provider.open();
    };
    let (answers, ()) = tokio::join!(asking, opening);
    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(lab.requests(Role::Identity).await, 1);
    lab.finish().await;
}

#[tokio::test]
async fn without_the_store_nobody_is_signed_in_or_out() {
    let redis = Server::start().unwrap();
    let lab = lab(&redis).await;
    let grace = lab.sign_in("grace").await;
    redis.kill().unwrap();
    for (method, path) in [
        (Method::GET, "/auth/session"),
        (Method::GET, "/web/home"),
        (Method::GET, "/auth/login"),
        (Method::POST, "/auth/logout"),
    ] {
        let request = grace.request(method, path);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.json()["type"], "/problems/sessions-away");
        assert_eq!(answer.headers["retry-after"], "1");
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
    }
    assert_eq!(lab.get("/health/live").await.status, 200);
    redis.restart().unwrap();
    // This Redis has forgotten everything. Sessions are gone, and no more.
    assert_eq!(grace.get("/auth/session").await.status, 401);
    let again = lab.sign_in("grace").await;
    assert_eq!(again.get("/web/home").await.status, 200);
    lab.finish().await;
}

#[tokio::test]
async fn a_store_that_hangs_is_given_up_and_taken_up_again() {
    let redis = Server::start().unwrap();
    let lab = lab(&redis).await;
    let process = redis.process_id().unwrap().cast_signed();
    let process = Pid::from_raw(process).unwrap();
    kill_process(process, Signal::STOP).unwrap();
    // It hangs for as long as they wait, so it is the BFF that gives up: for
    // want of the store, and long before its own budget.
    let asking = (0..20).map(|_| lab.get("/web/home"));
    for answer in join_all(asking).await {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json()["type"], "/problems/sessions-away");
    }
    kill_process(process, Signal::CONT).unwrap();
    let working = async { while lab.get("/web/home").await.status != 200 {} };
    timeout(DEADLINE, working).await.unwrap();
    let spans = lab.finish().await.spans();
    let late = spans.iter().filter(|span| {
        let error = format!("{:?}", span.attributes.get("error.type"));
        span.name == "GETEX" && error.contains("timeout")
    });
    assert!(late.count() >= 20, "{spans:?}");
}

#[tokio::test]
async fn a_copy_of_redis_gives_no_session_away() {
    let redis = Server::start().unwrap();
    let lab = lab(&redis).await;
    let grace = lab.sign_in("grace").await;
    crate::lab::Journey::of(&lab.bff, "edsger").await;
    let client = redis::Client::open(redis.url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let ask = redis::cmd("KEYS").arg("*").to_owned();
    let keys: Vec<String> = ask.query_async(&mut redis).await.unwrap();
    assert_eq!(keys.len(), 3, "{keys:?}");
    let mut copy = keys.concat();
    for key in &keys {
        let get = redis::cmd("GET").arg(key).to_owned();
        let value: Vec<u8> = get.query_async(&mut redis).await.unwrap();
        copy.push_str(&String::from_utf8_lossy(&value));
        let left = redis::cmd("TTL").arg(key).to_owned();
        let left: i64 = left.query_async(&mut redis).await.unwrap();
        assert!((1..=1800).contains(&left), "{left}");
    }
    let mut secrets = lab.identity.secrets();
    secrets.push(grace.cookie.split_once('=').unwrap().1.to_owned());
    secrets.extend(["grace", "ada", "subject", "token"].map(str::to_owned));
    for secret in &secrets {
        assert!(!copy.contains(secret), "{secret}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_command_has_a_span_and_no_secret() {
    let redis = Server::start().unwrap();
    let lab = lab(&redis).await;
    let grace = lab.sign_in("grace").await;
    grace.get("/auth/session").await;
    leave(&grace).await;
    let port = redis.url().rsplit_once(':').unwrap().1.to_owned();
    let receiver = lab.finish().await;
    let spans = receiver.spans();
    for name in ["SET", "GETEX", "GETDEL"] {
        let span = spans.iter().find(|span| span.name == name).unwrap();
        let attribute = |name: &str| format!("{:?}", span.attributes.get(name));
        assert!(attribute("db.system.name").contains("redis"), "{span:?}");
        assert!(attribute("db.operation.name").contains(name), "{span:?}");
        assert!(attribute("server.port").contains(&port), "{span:?}");
        assert!(span.parent_span_id.is_some(), "{span:?}");
    }
    let signals = format!("{spans:?}{:?}{:?}", receiver.logs(), {
        let metrics = receiver.metrics();
        let mut names = metrics.iter().map(|metric| metric.name.as_str());
        assert!(names.any(|name| name == "db.client.operation.duration"));
        metrics
    });
    assert!(!signals.contains("bff:session:"));
    let id = grace.cookie.split_once('=').unwrap().1;
    assert!(!signals.contains(id));
}
