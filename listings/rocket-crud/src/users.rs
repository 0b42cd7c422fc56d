//! Users, and where they are kept. Nothing here knows of HTTP.

mod draft;
mod in_memory;
mod repository;
mod sql;
mod user;

pub use draft::{Draft, Fault, UserFields};
pub use in_memory::InMemory;
pub use repository::{Repository, RepositoryError};
pub use sql::Sql;
pub use user::User;
