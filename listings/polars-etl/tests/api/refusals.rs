//! What is refused, how, and that it leaves nothing behind.

use polars::prelude::{DataFrame, ParquetWriter, df};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::lab::{Capacity, Lab, results, shop};

async fn problem(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let kind = "application/problem+json";
    assert_eq!(answer.headers()["content-type"], kind, "{status}");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["trace_id"].as_str().unwrap().len(), 32);
    let kind = body["type"].as_str().unwrap();
    (status, kind.trim_start_matches("/problems/").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_makes_no_sense_is_a_problem() {
    let lab = Lab::start().await;
    let json = "application/json";
    let large = format!("\"{}\"", "x".repeat(64 << 10));
    for (media_type, body, status, kind) in [
        (json, "", 400, "malformed-body"),
        (json, "{", 400, "malformed-body"),
        (json, "[]", 400, "malformed-body"),
        (json, "SELECT * FROM sales", 400, "malformed-body"),
        (json, "{\"dataset\": \"sales\"} x", 400, "malformed-body"),
        (json, "{\"dataset\": \"../orders\"}", 400, "malformed-body"),
        (json, "{\"dataset\": \"s3://x/y\"}", 400, "malformed-body"),
        (
            json,
            "{\"dataset\": \"sales\", \"limit\": NaN}",
            400,
            "malformed-body",
        ),
        (
            json,
            "{\"dataset\": \"sales\", \"limit\": -1}",
            400,
            "malformed-body",
        ),
        (
            json,
            "{\"dataset\": \"sales\", \"limit\": 0}",
            422,
            "invalid-query",
        ),
        (
            json,
            "{\"dataset\": \"sales\", \"limit\": 4294967295}",
            422,
            "invalid-query",
        ),
        (
            json,
            "{\"dataset\": \"sales\", \"sql\": \"\"}",
            400,
            "malformed-body",
        ),
        (
            json,
            "{\"dataset\": \"orders\", \"select\": [\"customer_id\"]}",
            422,
            "invalid-query",
        ),
        (json, large.as_str(), 413, "body-too-large"),
        (
            "text/plain",
            "{\"dataset\": \"sales\"}",
            415,
            "unsupported-type",
        ),
    ] {
        let asking = lab.post("/v1/query").header("content-type", media_type);
        let answer = asking.body(body.to_owned()).send().await.unwrap();
        let body: String = body.chars().take(60).collect();
        assert_eq!(problem(answer).await, (status, kind.into()), "{body}");
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_is_a_problem_as_well() {
    let lab = Lab::start().await;
    let question = json!({"dataset": "sales"});
    let asking = lab.asking(&question).header("accept", "image/png");
    let answers = [
        (asking.send(), (406, "not-acceptable")),
        (lab.get("/nowhere").send(), (404, "no-such-page")),
        (lab.get("/v1/query").send(), (405, "method-not-allowed")),
        (lab.get("/v1/runs/x").send(), (404, "no-such-run")),
        (
            lab.get("/v1/runs/..%2F..%2FCURRENT").send(),
            (404, "no-such-run"),
        ),
        (
            lab.get("/v1/runs/019a0000-0000-7000-8000-000000000000")
                .send(),
            (404, "no-such-run"),
        ),
    ];
    for (answer, (status, kind)) in answers {
        let answer = answer.await.unwrap();
        assert_eq!(problem(answer).await, (status, kind.into()));
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_the_clients_fault() {
    let lab = Lab::start().await;
    let address = lab.url.strip_prefix("http://").unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    let half = "POST /v1/query HTTP/1.1\r\nhost: sales\r\n\
        connection: close\r\ncontent-type: application/json\r\n\
        content-length: 10\r\n\r\n{";
    client.write_all(half.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("/problems/body-too-slow"), "{answer}");
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_results_there_is_nothing_to_ask_about() {
    let (_folder, settings) = shop(10);
    let lab = Lab::with(&settings, Capacity::default()).await;
    let answer = lab.ask(&json!({"dataset": "sales"})).await;
    assert_eq!(problem(answer).await, (409, "no-results".into()));
    let answer = lab.get("/health/ready").send().await.unwrap();
    assert_eq!(problem(answer).await, (409, "no-results".into()));
    lab.stop().await;
}

/// As many groups as rows.
fn scattered(rows: i64) -> DataFrame {
    let number = || (0..rows).collect::<Vec<_>>();
    let none = || vec![None::<&str>; number().len()];
    df!(
        "product_id" => number(),
        "quantity" => vec![1_i64; number().len()],
        "price_cents" => vec![100_i64; number().len()],
        "day" => vec![20_000_i32; number().len()],
        "coupon" => none(),
        "rule" => none(),
    )
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn more_groups_than_memory_should_hold_are_refused() {
    let (_folder, settings) = shop(10);
    let run = results(&settings.output);
    let file = std::fs::File::create(run.join("checked.parquet")).unwrap();
    let mut rows = scattered(150_000);
    ParquetWriter::new(file).finish(&mut rows).unwrap();
    let lab = Lab::with(&settings, Capacity::default()).await;
    let question = |least: i64| {
        json!({
            "dataset": "orders",
            "filters": [
                {"column": "product_id", "is": "at_least", "value": least},
            ],
            "group_by": ["product_id"],
            "aggregates": [{"function": "count"}],
        })
    };
    assert_eq!(lab.ask(&question(50_000)).await.status(), 200);
    let answer = lab.ask(&question(49_999)).await;
    assert_eq!(problem(answer).await, (422, "too-many-groups".into()));
    lab.stop().await;
}
