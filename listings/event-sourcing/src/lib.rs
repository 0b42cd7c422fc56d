//! A bank on PostgreSQL whose only truth is its events.
//!
//! From the inside out: [`domain`] knows the rules and nothing else. [`codec`]
//! stands between it and the [`store`], which keeps events and reads them.
//! [`accounts`] makes states of them, with the help of [`snapshots`], and
//! [`bank`] carries commands out. [`projections`] follow the log of all events;
//! [`transfers`] is one who follows and acts. [`vault`] keeps names under lock.
//! [`http`] opens it all to clients, and [`program`] runs it.

pub mod accounts;
pub mod bank;
#[cfg(feature = "nats")]
pub mod broker;
pub mod codec;
pub mod database;
pub mod domain;
pub mod http;
pub mod instruments;
pub mod program;
pub mod projections;
#[cfg(feature = "nats")]
pub mod relay;
pub mod services;
pub mod settings;
pub mod snapshots;
pub mod store;
pub mod transfers;
#[cfg(feature = "nats")]
pub mod turnover;
pub mod vault;
pub mod wakeup;
