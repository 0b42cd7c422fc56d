//! The API in the process of the test, on a port of its own, with a receiver
//! for what it sends.

use std::{fs, path::PathBuf, sync::LazyLock, time::Duration};

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use otlp_console::{Limits, Receiver, Trace};
use polars_etl::{
    Observer,
    etl::{self, Progress, Settings},
    generate::Shop,
    http::{self, Service},
    jobs::Jobs,
    pool::Pool,
};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use telemetry::{Config, Telemetry};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(300);

/// A shop whose pipeline has run, for all tests.
pub(crate) struct Shopped {
    _folder: TempDir,
    pub(crate) settings: Settings,
}

pub(crate) static SHOP: LazyLock<Shopped> = LazyLock::new(|| {
    let (folder, settings) = shop(3_000);
    let tracer = SdkTracerProvider::default().tracer("test");
    let meter = SdkMeterProvider::default().meter("test");
    let observer = Observer::new(tracer, &meter);
    etl::run(&observer, &settings, &Progress::default()).unwrap();
    Shopped {
        _folder: folder,
        settings,
    }
});

/// A shop whose pipeline has not run.
pub(crate) fn shop(orders: u64) -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    fs::create_dir(&input).unwrap();
    let shop = Shop {
        orders,
        seed: 11,
        bad_per_mille: 20,
    };
    shop.write(&input).unwrap();
    let settings = Settings {
        input,
        output: folder.path().join("output"),
        most_rejected: 0.1,
        memory: None,
        lineage: None,
    };
    (folder, settings)
}

/// How much the API does at a time.
#[derive(Clone, Copy)]
pub(crate) struct Capacity {
    pub(crate) running: u16,
    pub(crate) waiting: u16,
    pub(crate) limit: Duration,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            running: 2,
            waiting: 32,
            limit: DEADLINE,
        }
    }
}

pub(crate) struct Lab {
    receiver: Receiver,
    telemetry: Telemetry,
    pub(crate) client: reqwest::Client,
    pub(crate) url: String,
    pool: Pool,
    server: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    worker: JoinHandle<()>,
}

impl Lab {
    pub(crate) async fn start() -> Self {
        Self::with(&SHOP.settings, Capacity::default()).await
    }

    /// With these results, or none, and as much at a time.
    pub(crate) async fn with(settings: &Settings, can: Capacity) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = receiver.http_endpoint();
        let config = Config::from_lookup("polars-etl", "0", |name: &str| {
            (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
        });
        let telemetry = Telemetry::start(&config.unwrap()).unwrap();
        let meter = telemetry.meter("etl");
        let observer = Observer::new(telemetry.tracer("etl"), &meter);
        let requests = settings.output.join("requests");
        let propagator = telemetry.propagator();
        let (jobs, worker) = Jobs::open(requests, propagator).unwrap();
        let pool = Pool::new(&meter, can.running, can.waiting);
        let service = Service {
            observer: observer.clone(),
            pool: pool.clone(),
            limit: can.limit,
            results: settings.output.clone(),
            jobs,
        };
        let routes = http::router(&telemetry, service);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let work = worker.work(observer, settings.clone(), stopped);
        Self {
            receiver,
            telemetry,
            client: reqwest::Client::new(),
            url: format!("http://{address}"),
            pool,
            server: tokio::spawn(async {
                axum::serve(listener, routes).await.unwrap();
            }),
            stop,
            worker: tokio::spawn(work),
        }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    pub(crate) fn asking(&self, question: &Value) -> RequestBuilder {
        self.post("/v1/query").json(question)
    }

    pub(crate) async fn ask(&self, question: &Value) -> Response {
        self.asking(question).send().await.unwrap()
    }

    /// The rows of an answer.
    pub(crate) async fn rows(&self, question: &Value) -> Value {
        let answer = self.ask(question).await;
        assert_eq!(answer.status(), 200, "{question}");
        answer.json().await.unwrap()
    }

    /// What arrived.
    pub(crate) async fn stop(self) -> Receiver {
        drop(self.stop);
        self.worker.await.unwrap();
        self.pool.rest().await;
        self.server.abort();
        // An abort is no failure here.
        let _ = self.server.await;
        self.telemetry.shutdown(DEADLINE).await.unwrap();
        self.receiver
    }
}

/// The traces whose root has this name.
pub(crate) fn traces_of(receiver: &Receiver, root: &str) -> Vec<Trace> {
    let mut traces = receiver.traces();
    traces.retain(|trace| trace.root().is_some_and(|it| it.name == root));
    traces
}

/// Where the columns of `polars_etl::dataset` are, for a test that makes its
/// own results.
pub(crate) fn results(output: &std::path::Path) -> PathBuf {
    let run = output.join("runs").join("made");
    fs::create_dir_all(&run).unwrap();
    fs::write(output.join("CURRENT"), "made").unwrap();
    run
}
