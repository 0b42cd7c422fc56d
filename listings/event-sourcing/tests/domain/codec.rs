//! Between events and what is stored (A14 without a database, D5).

use event_sourcing::{
    codec::{self, Unreadable, check_chains, current_version, decode, encode},
    domain::AccountEvent,
    store::{Hash, NewEvent, RecordedEvent},
};
use proptest::prelude::*;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{scenario::*, strategies::event};

/// A stored event with this type, version and payload.
pub(crate) fn recorded(
    event_type: &str,
    schema_version: i16,
    payload: &str,
) -> RecordedEvent {
    RecordedEvent {
        tx_id: 1,
        position: 1,
        stream_id: Uuid::from_u128(5),
        version: 4,
        event_id: Uuid::from_u128(6),
        event_type: event_type.to_owned(),
        schema_version,
        payload: payload.to_owned(),
        metadata: "{}".to_owned(),
        recorded_at: OffsetDateTime::UNIX_EPOCH,
        prev_hash: Hash::GENESIS,
        hash: Hash::GENESIS,
    }
}

/// The event as it would come back from the database.
fn stored(event: &NewEvent) -> RecordedEvent {
    let payload = event.payload.to_string();
    recorded(event.event_type, event.schema_version, &payload)
}

proptest! {
    #[test]
    fn every_event_comes_back_as_it_was(event in event()) {
        let new = encode(&event);
        prop_assert_eq!(new.event_type, event.event_type());
        prop_assert!(new.payload.is_object());
        prop_assert_eq!(decode(&stored(&new)).unwrap(), event);
    }

    #[test]
    fn no_stored_text_panics(
        event_type in "AccountOpened|MoneyDeposited|TransferSent|\\PC{0,9}",
        version: i16,
        payload in "\\PC{0,40}|\\{\"(cents|amount)\":-?[0-9]{1,20}\\}",
    ) {
        let _ = decode(&recorded(&event_type, version, &payload));
    }
}

#[test]
fn every_old_version_has_a_way_up() {
    assert_eq!(check_chains(), Ok(()));
    assert_eq!(current_version("AccountFrozen"), None);
}

#[test]
fn every_event_has_an_id_of_its_own() {
    assert_ne!(encode(&closed()).event_id, encode(&closed()).event_id);
}

#[test]
fn what_cannot_be_read_says_where_and_why() {
    use Unreadable::*;
    let deposit = "MoneyDeposited";
    let euros = r#"{"amount":{"minor":5,"currency":"EUR"}}"#;
    for (event_type, version, payload, reason) in [
        ("MoneyBurnt", 1, "{}", UnknownType),
        ("", 1, "{}", UnknownType),
        (deposit, 4, euros, TooNew),
        ("AccountClosed", 2, "{}", TooNew),
        (deposit, 3, "{}", Malformed),
        (deposit, 3, "null", Malformed),
        (deposit, 3, "17", Malformed),
        (
            deposit,
            3,
            r#"{"amount":{"minor":0.5,"currency":"EUR"}}"#,
            Malformed,
        ),
        (
            deposit,
            3,
            r#"{"amount":{"minor":5,"currency":"euro"}}"#,
            Malformed,
        ),
        // The shape of one version under the number of another.
        (deposit, 2, euros, Malformed),
        (deposit, 1, euros, Malformed),
        (deposit, 3, r#"{"cents":5}"#, Malformed),
        (deposit, 0, r#"{"cents":5}"#, Malformed),
        (deposit, -1, r#"{"cents":5}"#, Malformed),
        (deposit, 1, r#"{"cents":"5"}"#, Malformed),
        ("AccountOpened", 1, r#"["nobody"]"#, Malformed),
    ] {
        let error = decode(&recorded(event_type, version, payload));
        let error = error.expect_err(payload);
        assert_eq!(error.reason, reason, "{event_type} {version} {payload}");
        assert_eq!((error.stream, error.version), (Uuid::from_u128(5), 4));
        assert_eq!(error.event_type, event_type);
        assert_eq!(error.schema_version, version);
        assert!(!error.to_string().contains("cents"), "{error}");
    }
}

#[test]
fn a_name_in_a_payload_does_not_choose_the_event() {
    let payload = r#"{"AccountClosed":{}}"#;
    assert!(decode(&recorded("MoneyDeposited", 3, payload)).is_err());
    let event: Result<AccountEvent, codec::DecodeError> =
        decode(&recorded("AccountClosed", 1, payload));
    assert_eq!(event.unwrap(), closed());
}
