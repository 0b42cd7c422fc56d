//! Whatever JSON goes in comes back, and the chain over it still holds (H).

use event_sourcing::store::{Expected, NewEvent, Verdict};
use proptest::{collection, prelude::*};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::harness::{Bank, cause};

/// Text with all that JSON, jsonb or UTF-8 could trip over, but U+0000.
fn text() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        any::<String>(),
        "[\\x01-\\x1f\"\\\\/\\x7f\u{2028}\u{feff}\u{10ffff}é€𝄞]{0,6}",
        "(\\\\u0000|\\\\ud834|amount|AMOUNT|\u{e9}|e\u{301}){1,3}",
    ];
    text.prop_map(|text| text.replace('\0', ""))
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::sample::select(&[i64::MIN, -1, 0, i64::MAX])
            .prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            collection::vec((text(), inner), 0..6).prop_map(|fields| {
                Value::from(fields.into_iter().collect::<Map<_, _>>())
            }),
        ]
    })
}

fn event(payload: &Value) -> NewEvent {
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "MoneyDeposited",
        schema_version: 3,
        payload: payload.clone(),
    }
}

#[test]
fn any_json_survives_the_database() {
    let runtime = Runtime::new().unwrap();
    let bank = runtime.block_on(Bank::new());
    let store = &bank.services.store;
    let cases = ProptestConfig::with_cases(100);
    proptest!(cases, |(payloads in collection::vec(json(), 1..20))| {
        runtime.block_on(async {
            let stream = Uuid::now_v7();
            let events: Vec<_> = payloads.iter().map(event).collect();
            let head = store
                .append_to(stream, Expected::NoStream, &events, &cause())
                .await
                .unwrap();
            let stored = bank.events(stream).await;
            for (stored, payload) in stored.iter().zip(&payloads) {
                let back: Value =
                    serde_json::from_str(&stored.payload).unwrap();
                prop_assert_eq!(&back, payload);
            }
            let verdict = store.verify(stream).await.unwrap();
            prop_assert_eq!(verdict, Verdict::Sound(head));
            Ok(())
        })?;
    });
}
