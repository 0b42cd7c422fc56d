//! A receiver, an observer that sends to it, and data to ask.

use std::{path::Path, time::Duration};

use otlp_console::{Limits, Receiver};
use polars::prelude::{
    DataFrame, LazyFrame, ParquetWriter, PlRefPath, ScanArgsParquet, df,
};
use polars_etl::Observer;
use telemetry::{Config, Telemetry};

/// Longest wait for anything.
const DEADLINE: Duration = Duration::from_secs(300);

/// Everything that is observed arrives in the receiver.
pub(crate) struct Lab {
    receiver: Receiver,
    telemetry: Telemetry,
    pub(crate) observer: Observer,
}

impl Lab {
    pub(crate) async fn start() -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = receiver.http_endpoint();
        let config = Config::from_lookup("polars-etl", "0", |name: &str| {
            (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
        });
        let telemetry = Telemetry::start(&config.unwrap()).unwrap();
        let observer =
            Observer::new(telemetry.tracer("etl"), &telemetry.meter("etl"));
        Self {
            receiver,
            telemetry,
            observer,
        }
    }

    /// What arrived.
    pub(crate) async fn stop(self) -> Receiver {
        self.telemetry.shutdown(DEADLINE).await.unwrap();
        self.receiver
    }
}

/// Seven columns, of which a query needs a few.
pub(crate) fn measurements(rows: i64) -> DataFrame {
    let numbers = || 0..rows;
    df!(
        "id" => numbers().collect::<Vec<_>>(),
        "group" => numbers().map(|n| n % 10).collect::<Vec<_>>(),
        "value" => numbers().map(|n| n % 100).collect::<Vec<_>>(),
        "name" => numbers().map(|n| format!("n{n}")).collect::<Vec<_>>(),
        "a" => numbers().map(|n| n * 2).collect::<Vec<_>>(),
        "b" => numbers().map(|n| n * 3).collect::<Vec<_>>(),
        "c" => numbers().map(|n| n * 4).collect::<Vec<_>>(),
    )
    .unwrap()
}

/// The same in a file.
pub(crate) fn in_parquet(path: &Path, mut frame: DataFrame) -> LazyFrame {
    let file = std::fs::File::create(path).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    let place = PlRefPath::try_from_path(path).unwrap();
    LazyFrame::scan_parquet(place, ScanArgsParquet::default()).unwrap()
}
