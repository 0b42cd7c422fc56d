//! The command line: make data, run the pipeline, ask about what came of it.

mod ask;
mod bars;
mod serve;

use std::{fs, io, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};
use polars::prelude::PolarsError;
use service::BadSetting;
use telemetry::{Config, ConfigError, InstallError, StartError, Telemetry};
use tokio::task::{JoinError, spawn_blocking};

use crate::{
    Observer,
    etl::{self, EtlError, Progress, Settings, Summary, Totals},
    generate::Shop,
    query::QueryError,
};
use ask::Ask;
use bars::Bars;
use serve::Serve;

const NAME: &str = "polars-etl";

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// Turns a shop's orders into its monthly sales, and shows how.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes orders, customers and products up.
    Generate(Generate),
    /// Runs the pipeline.
    Run(Run),
    /// Answers a question about the results: JSON in, JSON out.
    Ask(Ask),
    /// Answers questions over HTTP, and runs the pipeline when asked to.
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Generate {
    /// The folder for the files.
    folder: PathBuf,
    /// How many orders.
    #[arg(long, default_value_t = 100_000)]
    orders: u64,
    /// The same seed makes the same files.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many of a thousand orders are wrong.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    bad_per_mille: u32,
}

#[derive(Debug, Args)]
struct Run {
    /// The folder with the files that `generate` makes.
    input: PathBuf,
    /// The folder for the results.
    output: PathBuf,
    /// How many of a thousand orders may be rejected.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    most_rejected_per_mille: u32,
    /// How many MiB may be allocated. More of it ends the run.
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
    /// A file for events of OpenLineage.
    #[arg(long, value_name = "FILE")]
    lineage: Option<PathBuf>,
}

/// Why the program ended without a result.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// A bound on connections makes no sense.
    #[error(transparent)]
    Connections(#[from] BadSetting),
    /// An `OTEL_*` variable has a value that makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry pipelines did not start.
    #[error(transparent)]
    Telemetry(#[from] StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The data could not be written.
    #[error("cannot write the data: {0}")]
    Generate(#[from] PolarsError),
    /// A folder could not be made, or an address cannot be listened on.
    #[error(transparent)]
    Folder(#[from] io::Error),
    /// The pipeline has no result.
    #[error(transparent)]
    Etl(#[from] EtlError),
    /// There is nothing to ask about.
    #[error("there is nothing in {}: run the pipeline first", .0.display())]
    NoResults(PathBuf),
    /// A question is longer than anybody needs.
    #[error("a question has at most {0} bytes")]
    TooLong(u64),
    /// A question is no JSON, or has other fields.
    #[error("this is no question: {0}")]
    Json(#[from] serde_json::Error),
    /// A question makes no sense.
    #[error("{0}")]
    Question(#[from] QueryError),
    /// A question has no answer.
    #[error("no answer: {0}")]
    Query(PolarsError),
    /// The pipeline panicked.
    #[error("the pipeline crashed: {0}")]
    Crash(#[from] JoinError),
}

/// Does what the command line says.
///
/// # Errors
/// When the data cannot be written, or the pipeline has no result. Telemetry
/// that did not arrive is reported and fails nothing.
pub async fn run(cli: Cli) -> Result<(), ProgramError> {
    match cli.command {
        Command::Generate(generate) => generate.run(),
        Command::Run(run) => run.run().await,
        Command::Ask(ask) => ask_once(&ask).await,
        Command::Serve(serve) => serve.run().await,
    }
}

impl Generate {
    fn run(&self) -> Result<(), ProgramError> {
        fs::create_dir_all(&self.folder)?;
        let shop = Shop {
            orders: self.orders,
            seed: self.seed,
            bad_per_mille: self.bad_per_mille,
        };
        let faults = shop.write(&self.folder)?;
        println!("{} orders, {} of them wrong", self.orders, faults.total());
        Ok(())
    }
}

impl Run {
    async fn run(self) -> Result<(), ProgramError> {
        let settings = Settings {
            input: self.input,
            output: self.output,
            most_rejected: f64::from(self.most_rejected_per_mille) / 1_000.0,
            memory: self.memory.map(|mib| mib.saturating_mul(1 << 20)),
            lineage: self.lineage,
        };
        let progress = Progress::default();
        let _bars = Bars::show(&progress);
        let work =
            move |observer: &Observer| etl::run(observer, &settings, &progress);
        print(&observed(work).await??);
        Ok(())
    }
}

async fn ask_once(ask: &Ask) -> Result<(), ProgramError> {
    let (query, folder) = (ask.read()?, ask.results()?);
    let work =
        move |observer: &Observer| ask::answer(observer, &query, &folder);
    ask::print(&mut observed(work).await??)
}

/// Does `work` with an observer whose telemetry has left when this returns.
async fn observed<T: Send + 'static>(
    work: impl FnOnce(&Observer) -> T + Send + 'static,
) -> Result<T, ProgramError> {
    let config = Config::from_env(NAME, env!("CARGO_PKG_VERSION"))?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    let observer = Observer::new(
        telemetry.tracer("polars_etl"),
        &telemetry.meter("polars_etl"),
    );
    // It computes for long, which no thread of the runtime should.
    let done = spawn_blocking(move || work(&observer)).await;
    // Whatever came of it: what failed is the one to look at.
    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{NAME}: {delivery}"),
        Err(undelivered) => eprintln!("{NAME}: {undelivered}"),
    }
    Ok(done?)
}

fn print(summary: &Summary) {
    let Summary {
        run,
        orders,
        rejected,
        accepted,
        sales,
        was_done,
    } = summary;
    let again = if *was_done { ", which was done" } else { "" };
    println!("run {run}{again}: {orders} orders");
    for (rule, number) in rejected.iter() {
        println!("  {number} rejected: {rule}");
    }
    let Totals {
        orders,
        units,
        revenue_cents,
    } = accepted;
    let (whole, cents) = (revenue_cents / 100, revenue_cents % 100);
    println!("  {orders} loaded: {units} units for {whole}.{cents:02}");
    println!("sales are in {}", sales.display());
}

/// Prints the error, if there is one, for people.
pub fn exit(ended: Result<(), ProgramError>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
