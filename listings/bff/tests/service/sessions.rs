//! Who is signed in, and who is not.

mod csrf;
#[cfg(feature = "redis")]
mod failover;
mod flow;
mod lifetimes;
mod provider;
mod refused;
#[cfg(feature = "redis")]
mod replicas;
mod tokens;
