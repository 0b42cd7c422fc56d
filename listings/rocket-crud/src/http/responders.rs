//! Answers that say more than their body.

mod streamed;
mod tagged;

pub(super) use streamed::Streamed;
pub(super) use tagged::{Created, Tagged, etag};
