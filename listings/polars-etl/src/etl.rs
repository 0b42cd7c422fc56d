//! A shop's orders become its monthly sales.
//!
//! Six stages, each a span: extract, validate, judge, transform, load, balance.
//! What they leave are files, so that a run which was cut short goes on where
//! it stopped. Nobody sees a result that is not complete, or does not balance.

mod balance;
mod error;
pub(crate) mod files;
mod progress;
mod quality;
mod stage;
pub(crate) mod steps;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use opentelemetry::{KeyValue, trace::TraceContextExt};

use crate::{Observer, engine::Engine, lineage::Lineage, valve::Budget};
pub use balance::Totals;
pub use error::EtlError;
pub use progress::{At, Progress, STAGES};
use quality::Judged;
pub use quality::{
    MOST_AMOUNT, MOST_CENTS, MOST_ORDERS, MOST_QUANTITY, RULES, Rejected,
};
pub use stage::{Outcome, Stages};
use steps::Input;

/// What to run on, and how much may be wrong with it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder with `orders.csv`, `customers.csv` and `products.parquet`.
    pub input: PathBuf,
    /// The folder for the results.
    pub output: PathBuf,
    /// The share of orders, from 0 to 1, that may be rejected.
    pub most_rejected: f64,
    /// How many bytes the whole process may have allocated, if not all there
    /// are.
    pub memory: Option<u64>,
    /// The file for events of OpenLineage, if they are wanted.
    pub lineage: Option<PathBuf>,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The name of the run: the same for the same input.
    pub run: String,
    /// Orders that were read.
    pub orders: u64,
    /// Orders that were set aside, by the rule that they break.
    pub rejected: Rejected,
    /// What the others add up to, and so the sales.
    pub accepted: Totals,
    /// The folder with the sales.
    pub sales: PathBuf,
    /// Whether the result was there already.
    pub was_done: bool,
}

/// Runs all stages that have not been done yet. `progress` says how far it
/// is, and may stop it: what is done is done, and the next run goes on there.
///
/// # Errors
/// When the input cannot be read, when too much of it is wrong, when it takes
/// too much memory, when it is stopped, or when the output cannot be written.
pub fn run(
    observer: &Observer,
    settings: &Settings,
    progress: &Progress,
) -> Result<Summary, EtlError> {
    let most = settings.memory;
    let _watch = most.map(|most| Budget::watch(most, progress.valve()));
    let stages = Stages::new(observer, progress);
    stages.run(|| {
        let lineage = Lineage::of(settings);
        lineage.iter().for_each(Lineage::start);
        let ended = all(&stages, settings, progress);
        lineage.iter().for_each(|lineage| lineage.end(&ended));
        ended
    })
}

// ANCHOR: all
fn all(
    stages: &Stages<'_>,
    settings: &Settings,
    progress: &Progress,
) -> Result<Summary, EtlError> {
    let input = Input::check(&settings.input, progress.valve().clone())?;
    let place = Place::of(&input, &settings.output)?;
    let was_done = place.sales.is_dir();
    stages.once("extract", &place.extracted, |stage| {
        input.check_lookups(stage)?;
        stage.reads(&input.orders)?;
        stage.write(steps::orders(&input)?, &place.extracted)
    })?;
    stages.once("validate", &place.checked, |stage| {
        stage.reads(&place.extracted)?;
        let checked = steps::checked(&place.extracted, &input)?;
        stage.write(checked, &place.checked)
    })?;
    let most = settings.most_rejected;
    let judged = quality::judge(stages, &input, &place, most)?;
    stages.once("transform", &place.transformed, |stage| {
        stage.reads(&place.checked)?;
        let sales = steps::sales(&place.checked, &input)?;
        stage.write(sales, &place.transformed)
    })?;
    stages.once("load", &place.sales, |stage| {
        stage.reads(&place.transformed)?;
        stage.write_months(input.parquet(&place.transformed)?, &place.sales)
    })?;
    balance::balance(stages, &input, &place, &judged)?;
    files::publish(&settings.output, &place.run)?;
    Ok(place.summary(judged, was_done))
}
// ANCHOR_END: all

/// Where a run leaves what it makes. Its name comes from what is in its input,
/// so that the same input has the same place.
struct Place {
    run: String,
    folder: PathBuf,
    extracted: PathBuf,
    checked: PathBuf,
    quarantine: PathBuf,
    transformed: PathBuf,
    sales: PathBuf,
}

impl Place {
    fn of(input: &Input, output: &Path) -> Result<Self, EtlError> {
        let run = input.run.clone();
        note(KeyValue::new("etl.run.id", run.clone()));
        let folder = output.join("runs").join(&run);
        files::make(&folder)?;
        Ok(Self {
            run,
            extracted: folder.join("extracted.parquet"),
            checked: folder.join("checked.parquet"),
            quarantine: folder.join("quarantine.csv"),
            transformed: folder.join("transformed.parquet"),
            sales: folder.join("sales"),
            folder,
        })
    }

    fn summary(self, judged: Judged, was_done: bool) -> Summary {
        Summary {
            run: self.run,
            orders: judged.orders,
            rejected: judged.rejected,
            accepted: judged.accepted,
            sales: self.sales,
            was_done,
        }
    }
}

/// The folder of the newest complete run, if there is one.
///
/// # Errors
/// When the output cannot be read.
pub fn current(output: &Path) -> Result<Option<PathBuf>, EtlError> {
    let pointer = output.join("CURRENT");
    match fs::read_to_string(&pointer) {
        Ok(run) => Ok(Some(output.join("runs").join(run))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(EtlError::File {
            path: pointer,
            cause,
        }),
    }
}

fn note(attribute: KeyValue) {
    opentelemetry::Context::map_current(|context| {
        context.span().set_attribute(attribute);
    });
}

/// All stages stream: what they need does not grow with the input.
const ENGINE: Engine = Engine::Streaming;
