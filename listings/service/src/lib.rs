//! What every service needs around its routes, and no guide is about: to serve
//! with bounds on what a client may hold, and to stop.
//!
//! The only protocol is HTTP/1.1. What stands in front of a service, such as
//! a gateway with TLS, speaks the others.

mod connections;
mod incoming;
mod serving;
mod signals;

pub use connections::{BadSetting, Connections};
pub use incoming::{Connection, Incoming};
pub use serving::serve;
pub use signals::Signals;
