use super::Server;
use crate::StartError;

/// What a server does so that committed data survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: for tests that never kill the server.
    Fast,
    /// What a server in production does: for tests that kill it, and for
    /// benchmarks.
    Real,
}

/// How a server should be.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) tcp: bool,
    settings: Vec<(String, String)>,
}

impl Options {
    /// A server on a Unix socket, for up to 300 connections.
    pub fn new(durability: Durability) -> Self {
        let durable: &[(&str, &str)] = match durability {
            Durability::Fast => &[
                ("fsync", "off"),
                ("synchronous_commit", "off"),
                ("full_page_writes", "off"),
                ("shared_buffers", "64MB"),
            ],
            Durability::Real => &[
                ("fsync", "on"),
                ("synchronous_commit", "on"),
                ("shared_buffers", "256MB"),
            ],
        };
        let base = Self {
            tcp: false,
            settings: Vec::new(),
        };
        let base = base
            .setting("listen_addresses", "")
            .setting("max_connections", "300");
        durable
            .iter()
            .fold(base, |options, (name, value)| options.setting(name, value))
    }

    /// Listens on a free port of 127.0.0.1, too. Every user of this machine
    /// can reach it, and it asks for no password.
    #[must_use]
    pub fn tcp(mut self) -> Self {
        self.tcp = true;
        self.setting("listen_addresses", "127.0.0.1")
    }

    /// Sets a parameter of `postgresql.conf`. The last value counts.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub fn start(self) -> Result<Server, StartError> {
        Server::start_with(self)
    }

    pub(super) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }
}
