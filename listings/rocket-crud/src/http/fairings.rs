//! What holds for all routes at once.

mod cors;
mod methods;
mod request_id;

pub use cors::Cors;
pub use methods::Methods;
pub use request_id::{RequestId, RequestIds};
