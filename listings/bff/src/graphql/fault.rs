//! What goes wrong in a field, and what the client may know of it.

// ANCHOR: fault-imports
use async_graphql::{Name, PathSegment, Response, ServerError, Value};

use crate::clients::CallError;
// ANCHOR_END: fault-imports

/// The longest message, in characters. It may repeat what the client sent.
const LONGEST: usize = 200;

// ANCHOR: fault
/// Why a field has no value. What it says is all that a client learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody is signed in, or no longer.
    #[error("Nobody is signed in.")]
    Unauthenticated,
    /// A backend took too long.
    #[error("A service that this needs did not answer in time.")]
    BackendTimedOut,
    /// A backend failed, in whichever way.
    #[error("A service that this needs gave no usable answer.")]
    BackendFailed,
    /// The fault is here.
    #[error("Something is wrong here.")]
    Internal,
}

impl Fault {
    /// What programs decide by: `extensions.code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::BackendTimedOut => "BACKEND_TIMED_OUT",
            Self::BackendFailed => "BACKEND_FAILED",
            Self::Internal => "INTERNAL",
        }
    }

    /// Whether the operator has to do something about it.
    pub fn is_ours(self) -> bool {
        self != Self::Unauthenticated
    }
}
// ANCHOR_END: fault

// ANCHOR: fault-of-call
impl From<CallError> for Fault {
    /// The call has been logged where it failed.
    fn from(error: CallError) -> Self {
        match error {
            CallError::TimedOut => Self::BackendTimedOut,
            CallError::Unauthorized => Self::Unauthenticated,
            CallError::NotFound
            | CallError::Unreachable
            | CallError::Failed(_)
            | CallError::Garbage
            | CallError::TooLarge => Self::BackendFailed,
        }
    }
}
// ANCHOR_END: fault-of-call

// ANCHOR: mask
/// Gives every error its code. Returns the first fault of ours.
pub(super) fn mask(response: &mut Response) -> Option<Fault> {
    let mut first = None;
    for error in &mut response.errors {
        let fault = error.source::<Fault>().copied();
        first = first.or(fault.filter(|fault| fault.is_ours()));
        set_code(error, fault.map_or("BAD_VALUE", Fault::code));
        put_null(&mut response.data, &error.path);
    }
    first
}

/// Says `code`, and not more than a few lines.
pub(super) fn set_code(error: &mut ServerError, code: &str) {
    error.message = error.message.chars().take(LONGEST).collect();
    error.extensions.get_or_insert_default().set("code", code);
}
// ANCHOR_END: mask

// ANCHOR: put-null
/// Puts a null where the error was, as the specification has it: the library
/// leaves the field out, and an object without fields as well. Only for fields
/// that may be null, and here all are that can fail.
fn put_null(data: &mut Value, path: &[PathSegment]) {
    let mut at = data;
    for segment in path {
        if *at == Value::Null && matches!(segment, PathSegment::Field(_)) {
            *at = Value::Object(Default::default());
        }
        let inside = match (at, segment) {
            (Value::Object(fields), PathSegment::Field(name)) => {
                let field = fields.entry(Name::new(name));
                Some(field.or_insert(Value::Null))
            }
            (Value::List(list), PathSegment::Index(n)) => list.get_mut(*n),
            _ => None,
        };
        match inside {
            Some(inside) => at = inside,
            None => return,
        }
    }
}
// ANCHOR_END: put-null
