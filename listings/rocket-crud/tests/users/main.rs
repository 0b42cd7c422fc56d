//! Users in memory, in SQLite and in PostgreSQL: the same promises.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod pages;
mod promises;
mod stores;
mod validation;
