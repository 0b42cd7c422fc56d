//! A bank on PostgreSQL whose only truth is its events.
pub mod accounts;
pub mod bank;
pub mod codec;
pub mod database;
pub mod domain;
pub mod http;
pub mod instruments;
pub mod program;
pub mod projections;
pub mod services;
pub mod settings;
pub mod snapshots;
pub mod store;
pub mod transfers;
pub mod vault;
pub mod wakeup;
