//! Old shapes of events, brought up to date one step at a time.
//!
//! What was written stays as it was written. A reader lifts it, so code that
//! folds events knows the newest shape and no other.

use serde_json::{Value, json};

use super::Unreadable;

// ANCHOR: versions
/// Turns a payload of version `from` into one of version `from + 1`.
struct Upcaster {
    event_type: &'static str,
    from: i16,
    lift: fn(Value) -> Option<Value>,
}

/// Every event type, and the version in which it is written today.
const CURRENT: [(&str, i16); 8] = [
    ("AccountOpened", 2),
    ("MoneyDeposited", 3),
    ("MoneyWithdrawn", 3),
    ("TransferSent", 1),
    ("TransferReceived", 1),
    ("TransferSettled", 1),
    ("TransferRefunded", 1),
    ("AccountClosed", 1),
];

// ANCHOR_END: versions

// ANCHOR: upcasters
/// The steps that lead there. In version 1 the bank knew cents of one
/// currency; version 2 names the currency; version 3 keeps both together.
const UPCASTERS: [Upcaster; 5] = [
    step("AccountOpened", 1, |old| {
        with(old, "currency", json!("EUR"))
    }),
    step("MoneyDeposited", 1, name_the_currency),
    step("MoneyDeposited", 2, keep_together),
    step("MoneyWithdrawn", 1, name_the_currency),
    step("MoneyWithdrawn", 2, keep_together),
];

/// `{"cents": 5}` → `{"amount": 5, "currency": "EUR"}`
fn name_the_currency(old: Value) -> Option<Value> {
    let cents = old.get("cents")?;
    Some(json!({ "amount": cents, "currency": "EUR" }))
}

/// `{"amount": 5, "currency": "EUR"}`
/// → `{"amount": {"minor": 5, "currency": "EUR"}}`
fn keep_together(old: Value) -> Option<Value> {
    let (minor, currency) = (old.get("amount")?, old.get("currency")?);
    Some(json!({ "amount": { "minor": minor, "currency": currency } }))
}
// ANCHOR_END: upcasters

const fn step(
    event_type: &'static str,
    from: i16,
    lift: fn(Value) -> Option<Value>,
) -> Upcaster {
    Upcaster {
        event_type,
        from,
        lift,
    }
}

fn with(mut old: Value, field: &str, value: Value) -> Option<Value> {
    old.as_object_mut()?.insert(field.to_owned(), value);
    Some(old)
}

/// The version in which events of this type are written today.
pub fn current_version(event_type: &str) -> Option<i16> {
    let known = CURRENT.iter().find(|(known, _)| *known == event_type);
    known.map(|(_, version)| *version)
}

// ANCHOR: upcast
/// Lifts a payload from the version it was written in to today's.
pub(super) fn upcast(
    event_type: &str,
    from: i16,
    mut payload: Value,
) -> Result<Value, Unreadable> {
    let current = current_version(event_type).ok_or(Unreadable::UnknownType)?;
    if from > current {
        return Err(Unreadable::TooNew);
    }
    for version in from..current {
        let step = UPCASTERS
            .iter()
            .find(|it| it.event_type == event_type && it.from == version)
            .ok_or(Unreadable::Malformed)?;
        payload = (step.lift)(payload).ok_or(Unreadable::Malformed)?;
    }
    Ok(payload)
}
// ANCHOR_END: upcast

/// An old version that no chain of upcasters brings up to date.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing lifts {event_type} from version {from}")]
pub struct IncompleteChain {
    /// The event type.
    pub event_type: &'static str,
    /// The version without a step.
    pub from: i16,
}

// ANCHOR: check-chains
/// Checks, when the program starts, that every version that was ever written
/// can still be read.
///
/// # Errors
/// Names the first version that cannot.
pub fn check_chains() -> Result<(), IncompleteChain> {
    for (event_type, current) in CURRENT {
        for from in 1..current {
            let has_step = UPCASTERS
                .iter()
                .any(|it| it.event_type == event_type && it.from == from);
            if !has_step {
                return Err(IncompleteChain { event_type, from });
            }
        }
    }
    Ok(())
}
// ANCHOR_END: check-chains
