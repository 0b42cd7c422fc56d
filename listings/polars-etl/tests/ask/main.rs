//! Questions about the sales, and answers that somebody else has worked out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use polars::prelude::DataFrame;
use polars_etl::{
    Observer,
    engine::Engine,
    etl::{self, Progress, Settings},
    generate::Shop,
    query::{Query, QueryError},
    run_observed,
    valve::Valve,
};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Sold {
    folder: TempDir,
    results: std::path::PathBuf,
}

/// One run of the pipeline for all tests.
static SOLD: LazyLock<Sold> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    fs::create_dir(&input).unwrap();
    let shop = Shop {
        orders: 3_000,
        seed: 11,
        bad_per_mille: 20,
    };
    shop.write(&input).unwrap();
    let settings = Settings {
        input,
        output: folder.path().join("output"),
        most_rejected: 0.1,
        memory: None,
        lineage: None,
    };
    etl::run(&observer(), &settings, &Progress::default()).unwrap();
    let results = etl::current(&settings.output).unwrap().unwrap();
    Sold { folder, results }
});

fn observer() -> Observer {
    let tracer = SdkTracerProvider::default().tracer("test");
    Observer::new(tracer, &SdkMeterProvider::default().meter("test"))
}

/// A question about the sales, if it does not say what else.
fn ask(mut question: Value) -> Result<DataFrame, QueryError> {
    let fields = question.as_object_mut().unwrap();
    fields.entry("dataset").or_insert_with(|| json!("sales"));
    let query: Query = serde_json::from_value(question).unwrap();
    let rows = query.dataset.scan(&SOLD.results, &Valve::default());
    let asked = query.on(rows.unwrap())?;
    let run = run_observed(&observer(), "ask", asked, Engine::Streaming);
    Ok(run.unwrap().frame)
}

fn refused(question: Value) -> String {
    ask(question).unwrap_err().to_string()
}

/// Cents by country and month, added up line by line.
fn by_hand(input: &Path) -> BTreeMap<(String, String), i64> {
    let read = |name| fs::read_to_string(input.join(name)).unwrap();
    let customers = read("customers.csv");
    let countries: BTreeMap<_, _> = customers
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split(',');
            (fields.next().unwrap(), fields.next().unwrap())
        })
        .collect();
    let (mut sums, mut seen) = (BTreeMap::new(), Vec::new());
    for line in read("orders.csv").lines().skip(1) {
        let fields: Vec<_> = line.split(',').collect();
        let cents = fields[4].replace('.', "").parse::<i64>();
        let quantity: i64 = fields[3].parse().unwrap();
        let product: i64 = fields[2].parse().unwrap();
        let month = &fields[5][..7];
        let is_new = !seen.contains(&fields[0].to_owned());
        seen.push(fields[0].to_owned());
        let Ok(cents) = cents else { continue };
        let is_right = is_new
            && quantity > 0
            && product <= 200
            && month <= "2026-12"
            && !fields[1].is_empty();
        if is_right {
            let country = countries[fields[1]].to_owned();
            *sums.entry((country, month.to_owned())).or_default() +=
                cents * quantity;
        }
    }
    sums
}

#[test]
fn the_sums_are_those_of_somebody_who_adds_by_hand() {
    let question = json!({
        "group_by": ["country", "month"],
        "aggregates": [{"function": "sum", "of": "revenue_cents"}],
        "limit": 1000,
    });
    let answer = ask(question).unwrap();
    let text = |name: &str, row| {
        let column = answer.column(name).unwrap();
        column.str().unwrap().get(row).unwrap().to_owned()
    };
    let sums = answer.column("sum_revenue_cents").unwrap();
    let sums = sums.i64().unwrap();
    let found: BTreeMap<_, _> = (0..answer.height())
        .map(|row| {
            let key = (text("country", row), text("month", row));
            (key, sums.get(row).unwrap())
        })
        .collect();
    assert_eq!(found, by_hand(&SOLD.folder.path().join("input")));
}

#[test]
fn filters_order_and_limit_do_what_they_say() {
    let question = json!({
        "select": ["month", "country", "units"],
        "filters": [
            {"column": "country", "is": "equal", "value": "JP"},
            {"column": "month", "is": "at_least", "value": "2026-06"},
            {"column": "units", "is": "greater", "value": 0},
        ],
        "sort": [{"by": "units", "descending": true}],
        "limit": 3,
    });
    let answer = ask(question).unwrap();
    assert_eq!(answer.height(), 3);
    let units = answer.column("units").unwrap().i64().unwrap().clone();
    let units: Vec<_> = units.iter().flatten().collect();
    assert!(units.is_sorted_by(|one, next| one >= next), "{units:?}");
    let countries = answer.column("country").unwrap();
    assert!(countries.str().unwrap().iter().flatten().all(|c| c == "JP"));
}

#[test]
fn nothing_but_the_known_columns_can_be_named() {
    for name in ["email", "../orders", "https://x", "a; DROP TABLE sales", ""] {
        let said = refused(json!({"select": [name]}));
        assert!(said.starts_with("/select/0 is not one of month"), "{said}");
    }
    let by = json!({"sort": [{"by": "email"}]});
    assert_eq!(refused(by), "/sort/0/by is not a column of the result");
    // A text to compare with is a text and nothing more.
    let quoted = json!({"filters": [
        {"column": "country", "is": "equal", "value": "' OR 1=1 --"},
    ]});
    assert_eq!(ask(quoted).unwrap().height(), 0);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let sum = |of: &str| json!([{"function": "sum", "of": of}]);
    for (question, said) in [
        (json!({"limit": 0}), "/limit is not from 1 to 10000"),
        (json!({"limit": 10_001}), "/limit is not from 1 to 10000"),
        (
            json!({"select": vec!["month"; 17]}),
            "/select is not a list of at most 16",
        ),
        (
            json!({"select": ["month", "month"]}),
            "/select/1 is not named once",
        ),
        (
            json!({"group_by": ["month"]}),
            "/group_by is not without aggregates",
        ),
        (
            json!({"select": ["month"], "aggregates": sum("units")}),
            "/select is not empty where there are aggregates",
        ),
        (
            json!({"aggregates": sum("country")}),
            "/aggregates/0/of is not a column that can be added up",
        ),
        (
            json!({"dataset": "orders", "aggregates": sum("product_id")}),
            "/aggregates/0/of is not a column that can be added up",
        ),
        (
            json!({"aggregates": [{"function": "count", "of": "month"}]}),
            "/aggregates/0/of is not absent",
        ),
        (
            json!({"filters": [
                {"column": "units", "is": "less", "value": "many"},
            ]}),
            "/filters/0/value is not a whole number",
        ),
        (
            json!({"filters": [
                {"column": "month", "is": "less", "value": "x".repeat(65)},
            ]}),
            "/filters/0/value is not a text of at most 64 bytes",
        ),
    ] {
        assert_eq!(refused(question.clone()), said, "{question}");
    }
}

#[test]
fn a_question_has_no_other_fields() {
    for question in [
        json!({"sql": "SELECT 1"}),
        json!({"limit": -1}),
        json!({"filters": [{"column": "units", "is": "less", "value": 1.5}]}),
        json!("everything"),
    ] {
        let parsed = serde_json::from_value::<Query>(question.clone());
        assert!(parsed.is_err(), "{question}");
    }
}
