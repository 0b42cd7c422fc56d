//! What each client sees on its first screen.

mod desktop;
mod gather;
mod mobile;
mod web;

pub use desktop::{Bulk, BulkAnswer, MOST, Operation, answer};
pub use gather::{Gathered, Wanted, gather};
pub use mobile::MobileHome;
pub use web::WebHome;
