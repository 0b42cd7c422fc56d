//! The same operation without batches and with them.

use serde_json::json;

use crate::{
    shop::{Shop, traces_of},
    traces::assert_matches,
};

const ORDERS: &str = "query Orders {
    orders(first: 3) { id product { title } }
}";

#[tokio::test]
async fn products_one_at_a_time_and_in_a_batch() {
    for (batch, file) in [("1", "graphql-n-plus-one"), ("100", "graphql")] {
        let shop = Shop::open(&[
            ("GRAPHQL_OPERATIONS", "open"),
            ("PRODUCT_BATCH", batch),
        ])
        .await;
        let answer = shop.post("/graphql", &json!({ "query": ORDERS })).await;
        assert_eq!(answer.status(), 200);
        let receiver = shop.close().await;
        assert_matches(file, &traces_of(&receiver, "POST /graphql")[0]);
    }
}
