//! Answers, in each format.

use std::io::Cursor;

use polars::prelude::{CsvReader, DataFrame, IpcStreamReader, SerReader as _};
use serde_json::{Value, json};

use crate::lab::Lab;

fn by_country() -> Value {
    json!({
        "dataset": "sales",
        "group_by": ["country"],
        "aggregates": [{"function": "sum", "of": "units"}],
    })
}

/// Countries and units, row by row.
fn pairs(frame: &DataFrame) -> Vec<(String, i64)> {
    let country = frame.column("country").unwrap().str().unwrap().clone();
    let units = frame.column("sum_units").unwrap().i64().unwrap().clone();
    let country = country.iter().flatten().map(str::to_owned);
    country.zip(units.iter().flatten()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_format_has_the_same_rows() {
    let lab = Lab::start().await;
    let rows = lab.rows(&by_country()).await;
    let expected = rows.as_array().unwrap().iter().map(|row| {
        let country = row["country"].as_str().unwrap().to_owned();
        (country, row["sum_units"].as_i64().unwrap())
    });
    let expected: Vec<_> = expected.collect();
    assert!(expected.len() > 5);
    let format = async |accept: &str| {
        let asking = lab.asking(&by_country()).header("accept", accept);
        let answer = asking.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], accept);
        assert_eq!(answer.headers()["vary"], "accept");
        Cursor::new(answer.bytes().await.unwrap())
    };
    let csv = format("text/csv").await;
    assert_eq!(pairs(&CsvReader::new(csv).finish().unwrap()), expected);
    let arrow = format("application/vnd.apache.arrow.stream").await;
    let frame = IpcStreamReader::new(arrow).finish().unwrap();
    assert_eq!(pairs(&frame), expected);
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_datasets_tell_of_the_same_orders() {
    let lab = Lab::start().await;
    let sum = |dataset, of| {
        json!({
            "dataset": dataset,
            "group_by": ["month"],
            "aggregates": [{"function": "sum", "of": of}],
        })
    };
    let rows = |rows: Value, of: &str| {
        let rows = rows.as_array().unwrap().clone();
        let pair = |row: &Value| (row["month"].clone(), row[of].clone());
        rows.iter().map(pair).collect::<Vec<_>>()
    };
    let sales = rows(lab.rows(&sum("sales", "units")).await, "sum_units");
    let orders = lab.rows(&sum("orders", "quantity")).await;
    assert_eq!(rows(orders, "sum_quantity"), sales);
    assert_eq!(sales.len(), 12);
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_that_is_listed_can_be_asked_for() {
    let lab = Lab::start().await;
    let listed = lab.get("/v1/datasets").send().await.unwrap();
    let listed: Value = listed.json().await.unwrap();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 2);
    for dataset in listed {
        let columns = dataset["columns"].as_array().unwrap();
        let names: Vec<_> = columns.iter().map(|it| &it["name"]).collect();
        let question = json!({
            "dataset": dataset["name"], "select": names, "limit": 1,
        });
        let rows = lab.rows(&question).await;
        assert_eq!(rows[0].as_object().unwrap().len(), columns.len());
        for column in columns {
            let value = &rows[0][column["name"].as_str().unwrap()];
            let is_text = column["kind"] == "text";
            // An order may have no coupon.
            assert!(value.is_null() || value.is_string() == is_text);
        }
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_all_there_is() {
    let lab = Lab::start().await;
    let document = lab.get("/openapi.json").send().await.unwrap();
    let document: Value = document.json().await.unwrap();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/health/live",
            "/health/ready",
            "/openapi.json",
            "/v1/datasets",
            "/v1/query",
            "/v1/runs",
            "/v1/runs/{id}",
        ]
    );
    for path in ["/health/live", "/health/ready"] {
        let answer = lab.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 204, "{path}");
    }
    lab.stop().await;
}
