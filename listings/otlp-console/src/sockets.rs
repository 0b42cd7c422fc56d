//! The two sockets of a receiver.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

/// Bound to their ports, with clients already able to connect.
pub(crate) struct Sockets {
    pub(crate) http: TcpListener,
    pub(crate) grpc: TcpListener,
}

/// Why a receiver did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or is no address of this machine.
    #[error(
        "cannot listen for {protocol} on {address} ({source}): end the \
         program that listens there, or choose another address"
    )]
    Listen {
        /// `OTLP/HTTP` or `OTLP/gRPC`.
        protocol: &'static str,
        /// Where it should have listened.
        address: SocketAddr,
        /// The system's word on it.
        source: io::Error,
    },
    /// The system gave no thread or no event queue.
    #[error("cannot start the receiver's thread: {0}")]
    Thread(io::Error),
}

impl Sockets {
    pub(crate) async fn bind(
        http: SocketAddr,
        grpc: SocketAddr,
    ) -> Result<Self, StartError> {
        Ok(Self {
            http: listen("OTLP/HTTP", http).await?,
            grpc: listen("OTLP/gRPC", grpc).await?,
        })
    }
}

async fn listen(
    protocol: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, StartError> {
    tokio::net::TcpListener::bind(address)
        .await
        .and_then(tokio::net::TcpListener::into_std)
        .map_err(|source| StartError::Listen {
            protocol,
            address,
            source,
        })
}
