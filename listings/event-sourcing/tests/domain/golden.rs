//! Events as every version of the program has stored them (D5).
//!
//! A file is written once, when a version is new, and never changed: what is
//! in a log stays there. `means` is the event in today's words.

use std::{collections::BTreeSet, fs, path::Path};

use event_sourcing::{
    codec::{current_version, decode, encode},
    domain::AccountEvent,
};
use serde::Deserialize;
use serde_json::Value;

use crate::codec::recorded;

#[derive(Deserialize)]
struct Golden {
    event_type: String,
    schema_version: i16,
    payload: Value,
    means: AccountEvent,
}

fn golden() -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/domain");
    fs::read_dir(folder.join("golden"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let golden: Golden =
                serde_json::from_str(&fs::read_to_string(&path).unwrap())
                    .unwrap_or_else(|error| panic!("{path:?}: {error}"));
            let Golden {
                event_type: name,
                schema_version: version,
                ..
            } = &golden;
            let expected = format!("{name}.v{version}.json");
            assert_eq!(path.file_name().unwrap(), expected.as_str());
            golden
        })
        .collect()
}

// ANCHOR: golden-events
#[test]
fn what_was_ever_stored_can_still_be_read() {
    for golden in golden() {
        let Golden {
            event_type,
            schema_version,
            payload,
            means,
        } = golden;
        let payload = payload.to_string();
        let event = decode(&recorded(&event_type, schema_version, &payload));
        assert_eq!(event.unwrap(), means, "{event_type} {schema_version}");
    }
}

#[test]
fn the_newest_shape_is_the_one_that_is_written() {
    for golden in golden() {
        let new = encode(&golden.means);
        if new.schema_version == golden.schema_version {
            assert_eq!(new.event_type, golden.event_type);
            assert_eq!(new.payload, golden.payload, "a new version is due");
        }
    }
}
// ANCHOR_END: golden-events

#[test]
fn there_is_a_file_for_every_version_of_every_event() {
    let files: BTreeSet<_> = golden()
        .into_iter()
        .map(|golden| (golden.event_type, golden.schema_version))
        .collect();
    let types: BTreeSet<_> =
        files.iter().map(|(event_type, _)| event_type).collect();
    // As many as `AccountEvent` has variants.
    assert_eq!(types.len(), 8);
    for event_type in types {
        for version in 1..=current_version(event_type).unwrap() {
            let file = (event_type.clone(), version);
            assert!(files.contains(&file), "{event_type}.v{version}.json");
        }
    }
}
