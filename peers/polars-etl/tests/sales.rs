//! Two executors find the sales that the pipeline finds, in one trace.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use otlp_console::{Golden, Limits, Receiver, golden};

/// Longest wait for anything.
const DEADLINE: Duration = Duration::from_secs(60);

/// What both know of the sales.
const COLUMNS: [&str; 6] = [
    "month",
    "country",
    "category",
    "orders",
    "units",
    "revenue_cents",
];

/// The program of the listing: the variable `POLARS_ETL` says where it is, and
/// otherwise it is built.
fn pipeline() -> PathBuf {
    if let Some(program) = env::var_os("POLARS_ETL") {
        return program.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = Command::new("cargo")
        .args([
            "build",
            "--locked",
            "-p",
            "otlp-console",
            "-p",
            "polars-etl",
        ])
        .arg("--target-dir")
        .arg(root.join("target"))
        .current_dir(&root)
        .status();
    assert!(built.unwrap().success());
    root.join("target/debug/polars-etl")
}

/// What the pipeline says, to one question or to none.
fn run(program: &Path, arguments: &[&str], question: &str) -> String {
    let mut process = Command::new(program)
        .args(arguments)
        .env("OTEL_SDK_DISABLED", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(question.as_bytes()).unwrap();
    drop(stdin);
    let ended = process.wait_with_output().unwrap();
    assert!(ended.status.success(), "{arguments:?}");
    String::from_utf8(ended.stdout).unwrap()
}

/// Ends when this is dropped.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str], endpoint: &str) -> Self {
        let process = Command::new(env!("CARGO_BIN_EXE_distributed-sales"))
            .args(arguments)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .stdout(Stdio::piped())
            .spawn();
        Self(process.unwrap())
    }

    fn first_line(&mut self) -> String {
        let mut line = String::new();
        let stdout = self.0.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn stop(mut self) {
        let kill = format!("kill -TERM {}", self.0.id());
        let told = Command::new("sh").args(["-c", &kill]).status();
        assert!(told.unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An executor that listens on a port of its own, and on the next one.
fn executor(scheduler: &str, endpoint: &str) -> Process {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let arguments = ["executor", scheduler, &port.to_string()];
    let executor = Process::start(&arguments, endpoint);
    let until = Instant::now() + DEADLINE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the executor does not listen");
        thread::sleep(Duration::from_millis(20));
    }
    executor
}

/// The cells of a table, without its lines.
fn cells(table: &str) -> Vec<Vec<String>> {
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(1);
    let cells = rows.map(|row| {
        let row = row.trim_matches('|').split('|');
        row.map(|cell| cell.trim().to_owned()).collect()
    });
    cells.collect()
}

/// The same, of the pipeline's answer.
fn values(json: &str) -> Vec<Vec<String>> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(json).unwrap();
    let cell = |row: &serde_json::Value, name: &&str| match &row[*name] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let cells = |row| COLUMNS.iter().map(|name| cell(row, name)).collect();
    rows.iter().map(cells).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_executors_find_what_the_pipeline_finds() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) =
        (folder.path().join("shop"), folder.path().join("sales"));
    let (input, output) = (input.to_str().unwrap(), output.to_str().unwrap());
    let program = pipeline();
    run(&program, &["generate", input, "--orders", "5000"], "");
    run(&program, &["run", input, output], "");
    let question = serde_json::json!({
        "dataset": "sales", "select": COLUMNS, "limit": 10_000,
    });
    let expected =
        values(&run(&program, &["ask", output], &question.to_string()));
    let current = std::fs::read_to_string(format!("{output}/CURRENT")).unwrap();
    let results = format!("{output}/runs/{current}");

    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let mut scheduler = Process::start(&["scheduler"], &endpoint);
    let line = scheduler.first_line();
    let port = line.rsplit(' ').next().unwrap();
    let executors = [executor(port, &endpoint), executor(port, &endpoint)];
    let client = Command::new(env!("CARGO_BIN_EXE_distributed-sales"))
        .args(["sales", port, &results, input])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .output()
        .unwrap();
    let said = String::from_utf8(client.stdout).unwrap();
    let wrong = String::from_utf8_lossy(&client.stderr);
    assert!(client.status.success(), "{wrong}");
    assert_eq!(cells(&said), expected);
    executors.into_iter().for_each(Process::stop);

    let traces = receiver.traces();
    assert_eq!(traces.len(), 1);
    let both: std::collections::BTreeSet<_> = traces[0]
        .spans
        .iter()
        .filter(|span| span.origin.service() == "executor")
        .map(|span| format!("{:?}", span.origin.resource))
        .collect();
    assert_eq!(both.len(), 2, "both executors have worked");
    // Which executor is quicker, and which rows it gets, is anybody's guess.
    let mut trace = traces[0].clone();
    let (start, end) = {
        let root = trace.root().unwrap();
        (root.start_unix_nano, root.end_unix_nano)
    };
    for span in &mut trace.spans {
        (span.start_unix_nano, span.end_unix_nano) = (start, end);
    }
    let golden = Golden::default().hide("sales.rows");
    golden::assert_matches("traces/sales.txt", &golden.render(&trace));
}
