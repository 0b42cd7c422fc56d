//! What a request has to have, as types that a handler asks for.

mod auth;
mod preconditions;
mod user_id;

pub(super) use auth::me;
pub use auth::{AdminUser, AuthUser};
pub use preconditions::{IfMatch, IfNoneMatch};
pub use user_id::UserId;
