//! Runs that are asked for over HTTP.

use std::time::Duration;

use polars_etl::jobs::{Jobs, Status};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::lab::{Capacity, DEADLINE, Lab, shop, traces_of};

/// Asks until a run has ended.
async fn ended(lab: &Lab, place: &str) -> Value {
    let until = Instant::now() + DEADLINE;
    loop {
        let run = lab.get(place).send().await.unwrap();
        assert_eq!(run.status(), 200);
        let run: Value = run.json().await.unwrap();
        let state = run["state"].as_str().unwrap();
        if state == "done" || state == "failed" {
            return run;
        }
        assert!(["waiting", "running"].contains(&state), "{run}");
        assert!(Instant::now() < until, "{run}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_accepted_and_its_results_can_be_asked_for() {
    let (_folder, settings) = shop(2_000);
    let lab = Lab::with(&settings, Capacity::default()).await;
    let answer = lab.post("/v1/runs").send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let accepted: Value = answer.json().await.unwrap();
    assert_eq!(accepted["state"], "waiting");
    assert!(place.ends_with(accepted["id"].as_str().unwrap()));
    let done = ended(&lab, &place).await;
    assert_eq!(done["state"], "done");
    assert_eq!(done["orders"], 2_000);
    let question = json!({
        "dataset": "orders", "aggregates": [{"function": "count"}],
    });
    let rejected = done["rejected"].as_object().unwrap().values();
    let rejected: u64 = rejected.map(|it| it.as_u64().unwrap()).sum();
    let rows = lab.rows(&question).await;
    assert_eq!(rows[0]["count"], 2_000 - rejected);
    // One trace, from the request to the last node of the engine.
    let receiver = lab.stop().await;
    let traces = traces_of(&receiver, "POST /v1/runs");
    let names: Vec<_> = traces[0]
        .spans
        .iter()
        .map(|span| span.name.as_str())
        .collect();
    assert!(names.contains(&"etl.run"), "{names:?}");
    assert!(names.contains(&"polars.group_by"), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_says_the_kind() {
    let (_folder, mut settings) = shop(2_000);
    settings.most_rejected = 0.0;
    let lab = Lab::with(&settings, Capacity::default()).await;
    let answer = lab.post("/v1/runs").send().await.unwrap();
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let failed = ended(&lab, &place).await;
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["error"], "quality");
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_accepted_the_next_one_does() {
    let (_folder, settings) = shop(2_000);
    let requests = settings.output.join("requests");
    let propagator =
        opentelemetry_sdk::propagation::TraceContextPropagator::new();
    let propagator: telemetry::Propagator = std::sync::Arc::new(propagator);
    // Nobody works here, as in a process that dies at once.
    let (jobs, _worker) = Jobs::open(requests, &propagator).unwrap();
    let ids = [jobs.accept().await.unwrap(), jobs.accept().await.unwrap()];
    assert_eq!(jobs.status(ids[0]).unwrap(), Some(Status::Waiting));
    drop(jobs);
    let lab = Lab::with(&settings, Capacity::default()).await;
    for id in ids {
        let done = ended(&lab, &format!("/v1/runs/{id}")).await;
        assert_eq!(done["state"], "done");
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_a_run_to_the_next_process() {
    let (_folder, settings) = shop(50_000);
    let lab = Lab::with(&settings, Capacity::default()).await;
    let answer = lab.post("/v1/runs").send().await.unwrap();
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    lab.stop().await;
    let lab = Lab::with(&settings, Capacity::default()).await;
    assert_eq!(ended(&lab, &place).await["state"], "done");
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_runs_than_can_wait_are_refused() {
    let (_folder, settings) = shop(10);
    let requests = settings.output.join("requests");
    let propagator =
        opentelemetry_sdk::propagation::TraceContextPropagator::new();
    let propagator: telemetry::Propagator = std::sync::Arc::new(propagator);
    let (jobs, _worker) = Jobs::open(requests.clone(), &propagator).unwrap();
    for _ in 0..16 {
        jobs.accept().await.unwrap();
    }
    assert!(jobs.accept().await.is_err());
    let files = std::fs::read_dir(requests).unwrap().count();
    assert_eq!(files, 16, "what was refused is not written down");
}
