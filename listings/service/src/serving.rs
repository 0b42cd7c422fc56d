//! HTTP/1.1 with bounds.

use std::pin::pin;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};

use crate::{Connections, Incoming};

/// How large the head of a request may be; more is answered with 431.
const HEAD: usize = 64 * 1024;

// ANCHOR: serve
/// Serves `routes` until `stop`, then lets running requests finish.
///
/// Dropping the future ends all connections.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    limits: Connections,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    // Without a timer hyper waits for ever. It counts an idle connection as one
    // whose next head has not come.
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD);
    let mut incoming = Incoming::new(listener, &limits);
    let graceful = GracefulShutdown::new();
    let mut open = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let client = tokio::select! {
            client = incoming.next() => TokioIo::new(client),
            () = &mut stop => break,
        };
        let service = TowerToHyperService::new(routes.clone());
        let connection = http.serve_connection(client, service);
        open.spawn(graceful.watch(connection));
        // How a connection ended is the client's business.
        while open.try_join_next().is_some() {}
    }
    drop(incoming);
    if timeout(limits.drain, graceful.shutdown()).await.is_err() {
        eprintln!("some requests did not finish within {:?}", limits.drain);
    }
    open.shutdown().await;
}
// ANCHOR_END: serve
