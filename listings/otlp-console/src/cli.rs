//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use otlp_console::{
    Golden, Limits, Terminal, Trace, capture,
    console::{Format, Options, SvgFile, Waiting},
    svg,
};
use std::{
    env, fs,
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};
use terminal_size::{Width, terminal_size_of};

/// Lines of a capture that are named when they cannot be read.
const NAMED: usize = 10;

/// Receives OTLP and prints each trace as a tree.
///
/// Point a program at it with OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318
/// (HTTP) or http://localhost:4317 (gRPC).
#[derive(Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Where OTLP/HTTP arrives.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4318")]
    http: SocketAddr,
    /// Where OTLP/gRPC arrives.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4317")]
    grpc: SocketAddr,
    /// Print a trace that looks complete after this much silence.
    #[arg(long, value_name = "TIME", default_value = "1s")]
    #[arg(value_parser = humantime::parse_duration)]
    settle: Duration,
    /// Print any trace after this much silence; exporters send every 5s.
    #[arg(long, value_name = "TIME", default_value = "6s")]
    #[arg(value_parser = humantime::parse_duration)]
    patience: Duration,
    /// Print metrics, too.
    #[arg(long, conflicts_with = "json")]
    metrics: bool,
    /// Print no trees, but one span or log record a line, in OTLP/JSON.
    #[arg(long)]
    json: bool,
    /// Draw the last printed trace as a picture.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Draw only traces whose root span has this name.
    #[arg(long, value_name = "NAME", requires = "svg")]
    svg_trace: Option<String>,
    /// End after so many traces.
    #[arg(long, value_name = "TRACES")]
    exit_after: Option<usize>,
    /// End after this time.
    #[arg(long = "for", value_name = "TIME")]
    #[arg(value_parser = humantime::parse_duration)]
    run_for: Option<Duration>,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    look: Look,
}

#[derive(Args)]
struct LimitArgs {
    /// Largest request in bytes, compressed or not.
    #[arg(long, value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().message_bytes)]
    max_message: usize,
    /// Spans held; above that the oldest trace is dropped.
    #[arg(long, value_name = "SPANS")]
    #[arg(default_value_t = Limits::default().spans)]
    max_spans: usize,
    /// Log records held.
    #[arg(long, value_name = "RECORDS")]
    #[arg(default_value_t = Limits::default().logs)]
    max_logs: usize,
    /// Metric points held.
    #[arg(long, value_name = "POINTS")]
    #[arg(default_value_t = Limits::default().points)]
    max_points: usize,
    /// Memory held, estimated, in bytes.
    #[arg(long, value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().held_bytes)]
    max_memory: usize,
}

#[derive(Args)]
struct Look {
    /// Colours; auto is for a terminal without NO_COLOR.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
    /// Width in columns; that of the terminal, or 100.
    #[arg(long, value_name = "COLUMNS", global = true)]
    width: Option<usize>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Draws traces from a file that --json has written.
    Draw(Draw),
}

#[derive(Args)]
pub(crate) struct Draw {
    /// Lines of OTLP/JSON.
    file: PathBuf,
    /// Write a picture instead of a tree.
    #[arg(long, value_name = "FILE", conflicts_with = "golden")]
    svg: Option<PathBuf>,
    /// Only the trace whose root span has this name.
    #[arg(long, value_name = "NAME")]
    trace: Option<String>,
    /// Print the tree as golden files have it: without times and ids.
    #[arg(long)]
    golden: bool,
    #[command(flatten)]
    look: Look,
}

impl Cli {
    pub(crate) fn options(&self) -> Options {
        let svg = self.svg.clone().map(|path| SvgFile {
            path,
            root: self.svg_trace.clone(),
        });
        Options {
            http: self.http,
            grpc: self.grpc,
            limits: Limits {
                message_bytes: self.limits.max_message,
                spans: self.limits.max_spans,
                logs: self.limits.max_logs,
                points: self.limits.max_points,
                held_bytes: self.limits.max_memory,
                ..Limits::default()
            },
            waiting: Waiting {
                settle: self.settle,
                patience: self.patience.max(self.settle),
            },
            format: match self.json {
                true => Format::Json,
                false => Format::Tree(self.look.terminal()),
            },
            metrics: self.metrics,
            svg,
            exit_after: self.exit_after,
            run_for: self.run_for,
        }
    }
}

impl Look {
    fn terminal(&self) -> Terminal {
        let stdout = io::stdout();
        let no_color = env::var_os("NO_COLOR").is_some_and(|on| !on.is_empty());
        let color = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stdout.is_terminal() && !no_color,
        };
        let found = terminal_size_of(stdout);
        let found = found.map(|(Width(columns), _)| usize::from(columns));
        let columns = self.width.or(found);
        let columns = columns.unwrap_or(Terminal::default().columns);
        Terminal { columns, color }
    }
}

impl Draw {
    pub(crate) fn run(&self) -> Result<(), String> {
        let file = self.file.display();
        let text =
            fs::read(&self.file).map_err(|error| format!("{file}: {error}"))?;
        // A program that was ended as it wrote may have cut a letter in two.
        let text = String::from_utf8_lossy(&text);
        let (mut traces, left_out) = capture::read_readable(&text);
        for error in left_out.iter().take(NAMED) {
            eprintln!("otlp-console: {file}: left out: {error}");
        }
        if let Some(more) = left_out.get(NAMED..).filter(|it| !it.is_empty()) {
            let more = more.len();
            eprintln!("otlp-console: {file}: left out: {more} lines more");
        }
        if let Some(name) = &self.trace {
            traces.retain(|trace| root_name(trace) == name);
        }
        if traces.is_empty() {
            return Err(format!("{file}: no such trace in it"));
        }
        if let Some(path) = &self.svg {
            let [trace] = traces.as_slice() else {
                let names: Vec<_> = traces.iter().map(root_name).collect();
                return Err(format!(
                    "{file} holds {} traces; choose one with --trace: {}",
                    traces.len(),
                    names.join(", ")
                ));
            };
            return fs::write(path, svg::waterfall(trace))
                .map_err(|error| format!("{}: {error}", path.display()));
        }
        let text = match self.golden {
            true => Golden::default().render_all(&traces),
            false => {
                let terminal = self.look.terminal();
                let trees = traces.iter().map(|trace| terminal.render(trace));
                trees.collect::<Vec<_>>().join("\n")
            }
        };
        io::stdout()
            .write_all(text.as_bytes())
            .map_err(|error| format!("cannot write: {error}"))
    }
}

fn root_name(trace: &Trace) -> &str {
    trace.root().map_or("(no root)", |root| &root.name)
}
