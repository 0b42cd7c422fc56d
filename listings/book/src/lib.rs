//! Tests of the book itself.
//!
//! mdBook builds a page with a missing listing, a misspelt anchor or a dead
//! link and exits 0. The functions in [`checks`] do not let that pass. Each
//! takes a [`Book`] and returns its [`Fault`]s, and each fault says where it
//! is, what is wrong and how to put it right.
//!
//! `tests/this_book.rs` runs them on this repository; `tests/broken_books`
//! shows, for each of them, a small book on which it fails.

mod anchor;
mod book;
pub mod checks;
mod directive;
mod fault;
mod guide_tables;
mod guides;
mod html;
mod manifest;
mod otel_variables;
mod packages;
mod page;
mod shell;
mod source;
mod summary;
mod version_table;

pub use book::{Book, OpenError};
pub use fault::{Fault, Report};
pub use guide_tables::{Made, guide_tables};
pub(crate) use page::Page;
pub(crate) use source::Source;
pub use version_table::{VERSION_TABLE, version_table};
