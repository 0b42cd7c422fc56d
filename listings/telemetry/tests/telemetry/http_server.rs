//! One server span for every request, whatever becomes of it.

mod context;
mod streams;
mod table;

use axum::{Router, extract::Path, http::StatusCode, routing::get};
use otlp_console::{
    Receiver,
    model::{Metric, Span},
};
use telemetry::Telemetry;
use tracing::subscriber::DefaultGuard;

use crate::support::{PATIENCE, finish, receiver, start};

/// A traced service on one thread, with its receiver and a plain client.
struct Service {
    receiver: Receiver,
    telemetry: Telemetry,
    address: String,
    client: reqwest::Client,
    _subscriber: DefaultGuard,
}

impl Service {
    async fn start(router: Router) -> Self {
        let receiver = receiver().await;
        let telemetry = start(&receiver, &[("OTEL_BSP_SCHEDULE_DELAY", "20")]);
        Self::start_with(receiver, telemetry, router).await
    }

    async fn start_with(
        receiver: Receiver,
        telemetry: Telemetry,
        router: Router,
    ) -> Self {
        let subscriber = telemetry.subscriber();
        let _subscriber = tracing::subscriber::set_default(subscriber);
        let app = router.layer(telemetry.http_server_layer());
        Self {
            address: serve(app).await,
            receiver,
            telemetry,
            client: reqwest::Client::builder()
                .timeout(PATIENCE)
                .build()
                .unwrap(),
            _subscriber,
        }
    }

    async fn send(&self, method: &str, path: &str) -> Option<StatusCode> {
        let method = method.parse().unwrap();
        let url = format!("{}{path}", self.address);
        let request = self.client.request(method, url);
        let response = request.header("user-agent", "curious").send().await;
        let response = response.ok()?;
        let status = response.status();
        response.bytes().await.ok()?;
        Some(status)
    }

    async fn finish(self) -> (Vec<Span>, Vec<Metric>) {
        finish(&self.telemetry).await;
        (self.receiver.spans(), self.receiver.metrics())
    }
}

async fn serve(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

fn router() -> Router {
    let inner = Router::new()
        .route(
            "/users/{id}",
            get(async |Path(id): Path<u32>| id.to_string()),
        )
        .route("/fail", get(async || StatusCode::SERVICE_UNAVAILABLE))
        .route("/gone", get(async || StatusCode::NO_CONTENT))
        .route("/panic", get(panicking));
    Router::new().nest("/shop", inner.clone()).merge(inner)
}

async fn panicking() -> StatusCode {
    panic!("on purpose")
}
