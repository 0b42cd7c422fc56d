//! The sales of the listing polars-etl, on Apache DataFusion Ballista: a
//! scheduler, executors, and a client, each a process of its own.

mod executor;
mod sales;

use std::{error::Error, time::Duration};

use ballista_scheduler::standalone::new_standalone_scheduler;
use telemetry::{Config, Telemetry};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["scheduler"] => {
            let address = new_standalone_scheduler().await?;
            println!("scheduler listens on port {}", address.port());
            std::future::pending().await
        }
        ["executor", scheduler, port] => {
            let telemetry = start("executor")?;
            let ports = (scheduler.parse()?, port.parse()?);
            let ended = executor::run(&telemetry, ports).await;
            telemetry.shutdown(FLUSH).await?;
            ended
        }
        ["sales", scheduler, results, input] => {
            let telemetry = start("client")?;
            let asked = sales::ask(&telemetry, scheduler, results, input).await;
            telemetry.shutdown(FLUSH).await?;
            println!("{}", asked?);
            Ok(())
        }
        _ => Err("scheduler | executor SCHEDULER-PORT PORT | sales \
                  SCHEDULER-PORT RESULTS INPUT"
            .into()),
    }
}

fn start(name: &str) -> Result<Telemetry> {
    let config = Config::from_env(name, env!("CARGO_PKG_VERSION"))?;
    Ok(Telemetry::start(&config)?)
}
