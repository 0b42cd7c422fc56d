//! The operations that our own clients use, and no others.

use std::{borrow::Cow, collections::HashMap, fmt::Write, str::FromStr};

use sha2::{Digest, Sha256};

use super::refusal::{
    MALFORMED_REQUEST, OPERATION_NOT_ALLOWED, PERSISTED_QUERY_MISMATCH,
    PERSISTED_QUERY_NOT_FOUND, Refusal,
};

// ANCHOR: operations
/// What our clients ask. Their names for it are the hashes of these files.
pub const OPERATIONS: [&str; 5] = [
    include_str!("../../operations/home.graphql"),
    include_str!("../../operations/order.graphql"),
    include_str!("../../operations/order-history.graphql"),
    include_str!("../../operations/product.graphql"),
    include_str!("../../operations/rename.graphql"),
];

/// `GRAPHQL_OPERATIONS`: which operations are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Those on the list.
    Safelist,
    /// All, questions about the schema among them. For development.
    Open,
}
// ANCHOR_END: operations

impl FromStr for Policy {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "safelist" => Ok(Self::Safelist),
            "open" => Ok(Self::Open),
            _ => Err(()),
        }
    }
}

impl Policy {
    /// What [`FromStr`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safelist => "safelist",
            Self::Open => "open",
        }
    }
}

// ANCHOR: safelist
/// The list, by hash.
#[derive(Debug)]
pub(super) struct Safelist {
    policy: Policy,
    known: HashMap<String, &'static str>,
}

/// A document that may be looked at, and its hash.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) document: Cow<'static, str>,
    pub(super) hash: String,
}

// ANCHOR_END: safelist

// ANCHOR: admit
impl Safelist {
    pub(super) fn new(policy: Policy) -> Self {
        let known = OPERATIONS.map(|document| (hash(document), document));
        let known = known.into();
        Self { policy, known }
    }

    /// The document that a client names or sends.
    pub(super) fn admit(
        &self,
        document: Option<String>,
        name: Option<String>,
    ) -> Result<Admitted, &'static Refusal> {
        let Some(document) = document else {
            let hash = name.ok_or(&MALFORMED_REQUEST)?;
            let document = self.known.get(&hash);
            let document = *document.ok_or(&PERSISTED_QUERY_NOT_FOUND)?;
            let document = Cow::Borrowed(document);
            return Ok(Admitted { document, hash });
        };
        let hash = hash(&document);
        if name.is_some_and(|name| name != hash) {
            return Err(&PERSISTED_QUERY_MISMATCH);
        }
        if self.policy == Policy::Safelist && !self.known.contains_key(&hash) {
            return Err(&OPERATION_NOT_ALLOWED);
        }
        let document = Cow::Owned(document);
        Ok(Admitted { document, hash })
    }
}
// ANCHOR_END: admit

/// SHA-256, as `sha256sum` writes it.
fn hash(document: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(document) {
        // To write into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
