//! A shop's data in a folder, and an observer.

use std::{fs, path::Path};

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use polars_etl::{
    Observer,
    etl::{self, EtlError, Progress, Settings, Summary},
    generate::{Faults, Shop},
};
use tempfile::TempDir;

/// Runs the pipeline. Nobody gets its spans.
pub(crate) fn run(settings: &Settings) -> Result<Summary, EtlError> {
    let tracer = SdkTracerProvider::default().tracer("test");
    let meter = SdkMeterProvider::default().meter("test");
    let observer = Observer::new(tracer, &meter);
    etl::run(&observer, settings, &Progress::default())
}

/// A shop's data in a folder, where results go, and what is wrong with it.
pub(crate) fn shop(
    orders: u64,
    bad_per_mille: u32,
) -> (TempDir, Settings, Faults) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    fs::create_dir(&input).unwrap();
    let shop = Shop {
        orders,
        seed: 7,
        bad_per_mille,
    };
    let faults = shop.write(&input).unwrap();
    let settings = Settings {
        input,
        output: folder.path().join("output"),
        most_rejected: 0.10,
        memory: None,
        lineage: None,
    };
    (folder, settings, faults)
}

/// What is half written below `folder`.
pub(crate) fn partials(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".partial") {
            found.push(path.display().to_string());
        } else if path.is_dir() {
            found.extend(partials(&path));
        }
    }
    found
}
