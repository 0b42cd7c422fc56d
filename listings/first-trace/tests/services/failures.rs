//! The services when something around them is wrong.

use crate::process::{DEADLINE, Service, run};
use otlp_console::golden;
use tokio::{net::TcpListener, time::timeout};

const NOBODY: (&str, &str) =
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");

#[tokio::test]
async fn without_a_receiver_the_services_serve_and_report_the_loss() {
    let stock = Service::stock(&[NOBODY]).await;
    let shop = Service::shop(&stock.url, &[NOBODY]).await;
    let answer = reqwest::get(format!("{}/orders/1", shop.url))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"id":1,"total_cents":3830,"in_stock":true}"#
    );
    let ended = shop.stop().await;
    assert!(ended.status.success(), "{}", ended.stderr);
    assert!(ended.stderr.contains("127.0.0.1:9"), "{}", ended.stderr);
}

#[tokio::test]
async fn when_stock_is_down_the_answer_is_a_problem() {
    let shop = Service::shop("http://127.0.0.1:9", &[NOBODY]).await;
    let answer = reqwest::get(format!("{}/orders/1", shop.url))
        .await
        .unwrap();
    assert_eq!(answer.status(), 502);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let body = answer.text().await.unwrap();
    assert_eq!(
        body,
        r#"{"type":"/problems/stock-unavailable","title":"Stock gave no usable answer.","status":502}"#
    );
}

#[tokio::test]
async fn when_stock_hangs_the_answer_comes_all_the_same() {
    // It never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stock = format!("http://{}", hanging.local_addr().unwrap());
    let shop = Service::shop(&stock, &[NOBODY]).await;
    let asking = reqwest::get(format!("{}/orders/1", shop.url));
    let answer = timeout(DEADLINE, asking).await.unwrap().unwrap();
    assert_eq!(answer.status(), 504);
}

#[tokio::test]
async fn unknown_paths_and_methods_get_problems() {
    let stock = Service::stock(&[NOBODY]).await;
    let cases = [
        (reqwest::Method::GET, "/nothing", 404),
        (reqwest::Method::POST, "/items/cup", 405),
        (reqwest::Method::GET, "/items/unknown", 404),
    ];
    for (method, path, status) in cases {
        let url = format!("{}{path}", stock.url);
        let request = reqwest::Client::new().request(method, url);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(
            answer.headers()["content-type"],
            "application/problem+json",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_bad_setting_is_named_before_anything_opens() {
    let cases = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("LISTEN_ADDR", "the-moon"),
        ("MAX_CONNECTIONS", "0"),
        ("STOCK_URL", "not a url"),
    ];
    for (name, value) in cases {
        let ended = run(env!("CARGO_BIN_EXE_shop"), &[(name, value)]).await;
        assert_eq!(ended.status.code(), Some(1), "{name}");
        assert!(ended.stderr.contains(name), "{}", ended.stderr);
        assert!(ended.stderr.contains(value), "{}", ended.stderr);
    }
    let setting = ("OTEL_TRACES_SAMPLER", "sometimes");
    let ended = run(env!("CARGO_BIN_EXE_shop"), &[setting]).await;
    golden::assert_matches("output/bad-setting.txt", &ended.stderr);
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let settings = [("LISTEN_ADDR", address.as_str()), NOBODY];
    let ended = run(env!("CARGO_BIN_EXE_shop"), &settings).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains(&address), "{}", ended.stderr);
    assert!(ended.stderr.contains("LISTEN_ADDR"), "{}", ended.stderr);
}
