//! Whatever the query, to observe it changes nothing.

use std::sync::LazyLock;

use polars::prelude::{
    DataFrame, Engine as Polars, Expr, IntoLazy as _, JoinArgs, JoinType,
    LazyFrame, col, df, len, lit,
};
use polars_etl::{engine::Engine, run_observed};
use proptest::{collection::vec, prelude::*};
use tokio::runtime::Runtime;

use crate::lab::Lab;

/// A step of a query.
#[derive(Clone, Debug)]
enum Step {
    Filter(i64),
    With(i64),
    Group,
    Distinct,
    Sort,
    Head(u32),
    Join,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (-5..5_i64).prop_map(Step::Filter),
        (-5..5_i64).prop_map(Step::With),
        Just(Step::Group),
        Just(Step::Distinct),
        Just(Step::Sort),
        (0..20_u32).prop_map(Step::Head),
        Just(Step::Join),
    ]
}

type Row = (Option<i64>, i64, Option<String>);

fn frame(rows: &[Row]) -> DataFrame {
    let keys: Vec<_> = rows.iter().map(|row| row.0).collect();
    let values: Vec<_> = rows.iter().map(|row| row.1).collect();
    let names: Vec<_> = rows.iter().map(|row| row.2.clone()).collect();
    df!("key" => keys, "value" => values, "name" => names).unwrap()
}

fn all() -> [Expr; 3] {
    [col("key"), col("value"), col("name")]
}

fn apply(query: LazyFrame, step: &Step) -> LazyFrame {
    match step {
        Step::Filter(least) => query.filter(col("value").gt_eq(lit(*least))),
        Step::With(more) => {
            query.with_columns([(col("value") + lit(*more)).alias("value")])
        }
        Step::Group => query.group_by([col("key")]).agg([
            col("value").sum(),
            len().cast(polars::prelude::DataType::String).alias("name"),
        ]),
        Step::Distinct => {
            query.unique_generic(None, polars::prelude::UniqueKeepStrategy::Any)
        }
        Step::Sort => sorted(query),
        Step::Head(rows) => sorted(query).limit(*rows),
        Step::Join => {
            let right =
                query
                    .clone()
                    .group_by([col("key")])
                    .agg([col("value").max().alias("most")]);
            let on = [col("key")];
            let args = JoinArgs::new(JoinType::Left);
            query.join(right, &on, &on, args).select([
                col("key"),
                (col("value") + col("most").fill_null(lit(0))).alias("value"),
                col("name"),
            ])
        }
    }
}

fn sorted(query: LazyFrame) -> LazyFrame {
    let order = polars::prelude::SortMultipleOptions::default();
    query.sort_by_exprs(all(), order)
}

/// One for all cases.
static LAB: LazyLock<(Runtime, Lab)> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let lab = runtime.block_on(Lab::start());
    (runtime, lab)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    // ANCHOR: same
    #[test]
    fn an_observed_query_gives_what_a_plain_one_gives(
        rows in vec(
            (proptest::option::of(0..6_i64), -9..9_i64,
             proptest::option::of("[a-c]{0,2}")),
            0..200,
        ),
        steps in vec(step(), 0..6),
    ) {
        let (_runtime, lab) = &*LAB;
        let start = frame(&rows).lazy();
        // In one order, since most steps promise none.
        let query = sorted(steps.iter().fold(start, apply));
        for (engine, polars) in [
            (Engine::Streaming, Polars::Streaming),
            (Engine::InMemory, Polars::InMemory),
        ] {
            let plain = query.clone().collect_with_engine(polars);
            let plain = plain.unwrap().unwrap_single();
            let observed =
                run_observed(&lab.observer, "any", query.clone(), engine);
            let observed = observed.unwrap();
            prop_assert!(observed.frame.equals_missing(&plain), "{steps:?}");
            if engine == Engine::Streaming {
                let mut nodes = observed.nodes.iter();
                let sink = nodes.rfind(|it| it.kind == "in_memory_sink");
                let rows = sink.unwrap().rows_in;
                prop_assert_eq!(rows, plain.height() as u64);
            }
        }
    }
    // ANCHOR_END: same
}
