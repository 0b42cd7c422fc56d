//! Ports for servers that come back to the same port.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    net::{Ipv4Addr, TcpListener},
};

use crate::StartError;

/// Below the range from which Linux takes the ports of outgoing connections:
/// otherwise one of them could take the port while its server is down.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// A port of 127.0.0.1 that is free now, and that Linux gives to no outgoing
/// connection.
///
/// # Errors
/// When all of them are taken.
pub fn free() -> Result<u16, StartError> {
    let ports = u64::from(LAST - FIRST) + 1;
    // Two owners that start at once should not try the same ports.
    let random = RandomState::new().hash_one(std::process::id()) % ports;
    let start = FIRST + u16::try_from(random).unwrap_or_default();
    (start..=LAST)
        .chain(FIRST..start)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or(StartError::NoPort {
            first: FIRST,
            last: LAST,
        })
}
