//! A bank on PostgreSQL whose only truth is its events.
pub mod accounts;
pub mod bank;
#[cfg(feature = "nats")]
pub mod broker;
pub mod codec;
pub mod database;
pub mod domain;
pub mod instruments;
pub mod services;
pub mod settings;
pub mod snapshots;
pub mod store;
#[cfg(feature = "nats")]
pub mod turnover;
pub mod vault;
pub mod wakeup;
