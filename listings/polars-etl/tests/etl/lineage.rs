//! What a run says of what it read and wrote.

use std::fs;

use serde_json::Value;

use crate::lab::{run, shop};

fn events(file: &std::path::Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    let events = text.lines().map(serde_json::from_str);
    events.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_run_says_what_it_read_and_wrote() {
    let (folder, mut settings, _) = shop(2_000, 20);
    let file = folder.path().join("lineage.ndjson");
    settings.lineage = Some(file.clone());
    let summary = run(&settings).unwrap();
    let [start, end] = &events(&file)[..] else {
        panic!("not two events");
    };
    assert_eq!(start["eventType"], "START");
    assert_eq!(end["eventType"], "COMPLETE");
    assert_eq!(start["run"]["runId"], end["run"]["runId"]);
    assert_eq!(start["outputs"].as_array().unwrap().len(), 0);
    let output = &end["outputs"][0];
    assert_eq!(output["name"], summary.sales.to_str().unwrap());
    let statistics = &output["outputFacets"]["outputStatistics"];
    assert_eq!(statistics["fileCount"], 12);
    assert!(statistics["size"].as_u64().unwrap() > 0);
    for event in [start, end] {
        let inputs = event["inputs"].as_array().unwrap();
        assert_eq!(inputs.len(), 3);
        for input in inputs {
            let name = input["name"].as_str().unwrap();
            assert!(fs::exists(name).unwrap(), "{name}");
        }
        let tag = &event["run"]["facets"]["tags"]["tags"][0];
        assert_eq!(tag["key"], "trace_id");
    }
}

#[test]
fn a_run_that_fails_says_the_kind_and_no_words() {
    let (folder, mut settings, _) = shop(2_000, 20);
    let file = folder.path().join("lineage.ndjson");
    settings.lineage = Some(file.clone());
    settings.most_rejected = 0.0;
    run(&settings).unwrap_err();
    let end = &events(&file)[1];
    assert_eq!(end["eventType"], "FAIL");
    let error = &end["run"]["facets"]["errorMessage"];
    assert_eq!(error["message"], "quality");
}

#[test]
fn lineage_that_cannot_be_written_fails_nothing() {
    let (_folder, mut settings, _) = shop(200, 0);
    settings.lineage = Some(settings.input.join("orders.csv/lineage"));
    assert!(run(&settings).is_ok());
}
