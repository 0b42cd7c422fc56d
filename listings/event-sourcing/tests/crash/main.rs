//! Kills the program, and the database below it, where it hurts. What was
//! acknowledged is there afterwards, and nothing has been done twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bank;
mod commands;
mod invariants;
mod killed_bank;
mod killed_database;
mod ledger;
mod load;
mod lost_answers;
mod proxy;
