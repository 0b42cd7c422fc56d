//! More requests than there is room for.

use std::time::Instant;

use bff::backends::{
    Role,
    faults::{Failure, Faults},
};
use otlp_console::model::{Number, SpanKind, Status};
use reqwest::Method;
use tokio::task::JoinSet;

use crate::lab::{Answer, DEADLINE, Lab, failing};

const CLIENTS: [(&str, &str); 3] = [
    ("GET", "/web/home"),
    ("GET", "/mobile/home"),
    ("POST", "/desktop/bulk"),
];

#[tokio::test]
async fn who_finds_no_room_is_turned_away_at_once() {
    let lab = Lab::start(&[("CONCURRENCY", "2"), ("BUDGET_MS", "60000")]).await;
    lab.trouble(Role::User, failing(Failure::Hang)).await;
    let mut busy = JoinSet::new();
    busy.spawn(lab.request(Method::GET, "/web/home").send());
    busy.spawn(lab.request(Method::GET, "/mobile/home").send());
    lab.until_running(Role::User, 2).await;

    for (method, path) in CLIENTS {
        let method: Method = method.parse().unwrap();
        let request = lab.request(method, path);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.headers["retry-after"], "1");
        assert_eq!(answer.json()["type"], "/problems/overloaded");
        // It has not waited for room: there is still none.
        assert_eq!(lab.running(Role::User).await, 2, "{path}");
    }
    // Nobody takes the program for dead, or for the wrong one.
    for (path, status) in [
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/nothing", 404),
    ] {
        assert_eq!(lab.get(path).await.status, status, "{path}");
    }
    assert_eq!(lab.running(Role::User).await, 2);

    // Room is free again as soon as a client has gone.
    lab.trouble(Role::User, Faults::default()).await;
    busy.shutdown().await;
    let start = Instant::now();
    let mut refused = CLIENTS.len();
    for _ in 0..10 {
        while lab.get("/web/home").await.status != 200 {
            refused += 1;
            assert!(start.elapsed() < DEADLINE, "no room");
        }
    }
    check_telemetry(lab, refused).await;
}

async fn check_telemetry(lab: Lab, refused: usize) {
    let receiver = lab.finish().await;
    let metrics = receiver.metrics();
    let shed = metrics.iter().rfind(|metric| metric.name == "bff.shed");
    let points = &shed.unwrap().points;
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].value, Number::Int(refused as i64));
    let spans = receiver.spans();
    let turned_away = spans.iter().filter(|span| {
        let text = format!("{:?}", span.attributes.get("error.type"));
        span.kind == SpanKind::Server && text.contains("503")
    });
    let turned_away: Vec<_> = turned_away.collect();
    assert_eq!(turned_away.len(), refused);
    for span in turned_away {
        assert!(matches!(span.status, Status::Error(_)), "{span:?}");
        let is_alone = spans
            .iter()
            .all(|other| other.parent_span_id != Some(span.span_id));
        assert!(is_alone, "{span:?}");
    }
}
