//! What a request has to have, as types that a handler asks for.

mod auth;
mod preconditions;
mod rate_limit;
mod user_id;

pub use auth::{AdminUser, AuthUser};
pub(super) use auth::{Me, me};
pub use preconditions::{IfMatch, IfNoneMatch};
pub use rate_limit::RateLimits;
pub use user_id::UserId;
