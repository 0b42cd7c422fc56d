//! Names for things: ids that cannot be mixed up, and a name nobody can read.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, in the order of time (UUID version 7, RFC 9562).
            pub fn random() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// An account, and the stream of its events.
    AccountId
}
id! {
    /// A person, whose data can be erased.
    SubjectId
}
id! {
    /// A transfer between two accounts.
    TransferId
}

/// A person's name, encrypted with that person's own key, in base64.
///
/// The domain carries it around and cannot read it. Without the key nobody
/// can, so to erase the key is to erase the name, here and in every copy.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedName(pub String);

impl fmt::Debug for SealedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedName(…)")
    }
}
