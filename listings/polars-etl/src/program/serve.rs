//! The web API as a program: open, listen, serve, stop.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use service::{Connections, Signals};
use telemetry::{Config, Telemetry};
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

use super::{FLUSH, NAME, ProgramError};
use crate::{
    Observer,
    etl::Settings,
    http::{self, Service},
    jobs::Jobs,
    pool::Pool,
};

/// How long running queries and runs get to stop.
const STOP: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The folder with the files that `generate` makes.
    input: PathBuf,
    /// The folder for the results.
    output: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many queries run at a time.
    #[arg(long, default_value_t = 2, value_parser = at_least_one())]
    running: u16,
    /// How many more wait.
    #[arg(long, default_value_t = 32)]
    waiting: u16,
    /// How many milliseconds a query may take, waiting included.
    #[arg(long, default_value_t = 5_000)]
    limit: u64,
    /// How many of a thousand orders may be rejected.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    most_rejected_per_mille: u32,
    /// A file for events of OpenLineage.
    #[arg(long, value_name = "FILE")]
    lineage: Option<PathBuf>,
}

fn at_least_one() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..)
}

impl Serve {
    /// Serves until SIGTERM or Ctrl-C.
    pub(super) async fn run(self) -> Result<(), ProgramError> {
        let connections = Connections::from_env()?;
        let config = Config::from_env(NAME, env!("CARGO_PKG_VERSION"))?;
        let telemetry = Telemetry::start(&config)?;
        telemetry.install()?;

        let meter = telemetry.meter("polars_etl");
        let observer = Observer::new(telemetry.tracer("polars_etl"), &meter);
        let requests = self.output.join("requests");
        let (jobs, worker) = Jobs::open(requests, telemetry.propagator())?;
        let pool = Pool::new(&meter, self.running, self.waiting);
        let service = Service {
            observer: observer.clone(),
            pool: pool.clone(),
            limit: Duration::from_millis(self.limit),
            results: self.output.clone(),
            jobs,
        };
        let routes = http::router(&telemetry, service);
        let listener = TcpListener::bind(self.listen).await?;
        let signals = Signals::listen()?;
        println!("{NAME} listens on http://{}", listener.local_addr()?);

        let (stop, stopped) = oneshot::channel();
        let work = worker.work(observer, self.settings(), stopped);
        let work = tokio::spawn(work);
        let stop_serving = signals.stop();
        service::serve(listener, routes, connections, stop_serving).await;
        drop(stop);
        let rest = async { tokio::join!(pool.rest(), work) };
        if timeout(STOP, rest).await.is_err() {
            eprintln!("something did not stop in {STOP:?}");
        }
        match telemetry.shutdown(FLUSH).await {
            Ok(delivery) => eprintln!("{NAME}: {delivery}"),
            Err(undelivered) => eprintln!("{NAME}: {undelivered}"),
        }
        Ok(())
    }

    fn settings(&self) -> Settings {
        Settings {
            input: self.input.clone(),
            output: self.output.clone(),
            most_rejected: f64::from(self.most_rejected_per_mille) / 1_000.0,
            memory: None,
            lineage: self.lineage.clone(),
        }
    }
}
