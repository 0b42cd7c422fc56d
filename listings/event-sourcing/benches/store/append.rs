//! The append statement against the plainest INSERT, by pgbench: what the
//! database does, without any Rust.

mod program;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use event_sourcing::services::Services;
use program::{number, pgbench};
use sqlx::query_scalar;
use throwaway::postgres::Server;

use crate::support::{
    bank::{about, deposit, execute, new_bank, open, server},
    measure::{Effort, median, whole},
};

/// How many clients there are, and how long the disk takes in microseconds,
/// beyond what it takes.
///
/// Disks differ more than anything else here. To wait before each flush, as
/// `commit_delay` does, makes a fast one as slow as a network volume.
const COLUMNS: [(usize, u32); 4] = [(1, 0), (8, 0), (32, 0), (32, 1_000)];

/// Streams that each client of one turn writes to, one after the other.
const STREAMS: usize = 64;

/// The same columns without any promise: no version, one index.
const RAW: &str = "
    CREATE TABLE raw (LIKE events);
    ALTER TABLE raw DROP COLUMN position,
        ADD position bigserial PRIMARY KEY,
        ALTER tx_id SET DEFAULT 0;";

/// What many a store does for a global order: one append at a time.
const LOCK: &str = "
    CREATE FUNCTION one_at_a_time() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';
    CREATE TRIGGER one_at_a_time BEFORE INSERT ON events
        FOR EACH STATEMENT EXECUTE FUNCTION one_at_a_time();";

/// What many a store does to wake its readers.
const NOTIFY: &str = "
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_notify(''events'', ''''); RETURN NULL; END';
    CREATE TRIGGER tell AFTER INSERT ON events
        FOR EACH STATEMENT EXECUTE FUNCTION tell();";

struct Variant {
    name: &'static str,
    database: String,
    script: PathBuf,
    /// The table in which there is a row a transaction.
    table: &'static str,
}

pub(crate) async fn run(effort: Effort) {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let variants = variants(&server, folder.path()).await;
    let mut rates = Rates::new();
    for round in 0..effort.rounds() {
        for column in 0..COLUMNS.len() {
            for (at, variant) in variants.iter().enumerate() {
                let rate = turn(&server, variant, column, round, effort);
                rates.entry((at, column)).or_default().push(rate);
            }
        }
    }
    print(&variants, &rates);
    println!(
        "\npgbench -M prepared on {}, transactions per second, medians of {} \
         interleaved turns of 2 s. Each append moves its stream's head from \
         the expected version and writes one event. The slower disk is this \
         one with commit_delay = 1000.",
        about(&server),
        effort.rounds()
    );
}

/// The rates of each variant in each column, round by round.
type Rates = BTreeMap<(usize, usize), Vec<f64>>;

fn print(variants: &[Variant], rates: &Rates) {
    println!(
        "| Transaction | 1 client | 8 clients | 32 clients | of INSERT | \
         32 clients, disk slower by 1 ms | of INSERT |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    let rate = |at, column| median(rates[&(at, column)].iter().copied());
    for (at, variant) in variants.iter().enumerate() {
        print!("| {} |", variant.name);
        for column in 0..COLUMNS.len() {
            print!(" {} |", whole(rate(at, column)));
            if column >= 2 {
                print!(" {:.2} |", rate(at, column) / rate(0, column));
            }
        }
        println!();
    }
}

async fn variants(server: &Server, folder: &Path) -> Vec<Variant> {
    let mut variants = Vec::new();
    for (name, extra) in [
        ("INSERT into a plain table", RAW),
        ("append", ""),
        ("append, global lock", LOCK),
        ("append, NOTIFY within", NOTIFY),
    ] {
        let (database, services) = new_bank(server, 1, 0).await;
        let statement = statement(&services).await;
        services.database.pool().close().await;
        if !extra.is_empty() {
            server.psql(&database, extra).unwrap();
        }
        let (script, table) = match extra == RAW {
            true => (raw_script(), "raw"),
            false => (append_script(&statement), "events"),
        };
        let path = folder.join(format!("{database}.sql"));
        fs::write(&path, script).unwrap();
        variants.push(Variant {
            name,
            database,
            script: path,
            table,
        });
    }
    variants
}

/// The statement that the program has prepared to append to a stream.
async fn statement(services: &Services) -> String {
    let account = event_sourcing::domain::AccountId::random();
    execute(services, account, open()).await.unwrap();
    execute(services, account, deposit()).await.unwrap();
    query_scalar(
        "SELECT statement FROM pg_prepared_statements
         WHERE statement LIKE 'WITH stream AS (UPDATE streams%'",
    )
    .fetch_one(services.database.pool())
    .await
    .unwrap()
}

/// Counts on from transaction to transaction, so that each finds the version
/// that it expects.
const VARIABLES: &str = "\
\\set n :n + 1
\\set stream :base + :client_id * 64 + :n % 64
\\set version 1 + :n / 64
\\set next 2 + :n / 64
";

const STREAM: &str = "lpad(:stream::text, 32, '0')::uuid";
// A space after each colon, or pgbench sees a variable.
const PAYLOAD: &str = r#"{"amount": {"currency": "EUR", "minor": 1}}"#;
const METADATA: &str = r#"{"actor": "bench", "causation_id": "0199d0c5-0000-7000-8000-000000000001", "command_id": "0199d0c5-0000-7000-8000-000000000001", "correlation_id": "0199d0c5-0000-7000-8000-000000000001", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"#;
const HASH: &str = "sha256('bench')";

/// The program's own statement, with values in place of its parameters.
fn append_script(statement: &str) -> String {
    let values = [
        STREAM.to_owned(),
        ":version::bigint".to_owned(),
        ":next::bigint".to_owned(),
        HASH.to_owned(),
        "NULL::uuid".to_owned(),
        "NULL::bytea".to_owned(),
        "NULL::smallint".to_owned(),
        "NULL::text".to_owned(),
        format!("'{METADATA}'"),
        "clock_timestamp()".to_owned(),
        "ARRAY[gen_random_uuid()]".to_owned(),
        "ARRAY['MoneyDeposited']".to_owned(),
        "ARRAY[3]".to_owned(),
        format!("ARRAY['{PAYLOAD}']"),
        format!("ARRAY[{HASH}]"),
        format!("ARRAY[{HASH}]"),
    ];
    let mut script = statement.to_owned();
    for (at, value) in values.iter().enumerate().rev() {
        script = script.replace(&format!("${}", at + 1), value);
    }
    format!("{VARIABLES}{script};\n")
}

fn raw_script() -> String {
    format!(
        "{VARIABLES}INSERT INTO raw
             (stream_id, version, event_id, event_type, schema_version,
              payload, metadata, recorded_at, prev_hash, hash)
         VALUES ({STREAM}, :version, gen_random_uuid(), 'MoneyDeposited', 3,
             '{PAYLOAD}', '{METADATA}', clock_timestamp(), {HASH}, {HASH});\n"
    )
}

/// Lets pgbench run one variant and returns its transactions per second.
fn turn(
    server: &Server,
    variant: &Variant,
    column: usize,
    round: usize,
    effort: Effort,
) -> f64 {
    let (clients, delay) = COLUMNS[column];
    // Streams that no turn before has written to.
    let base = (round + 1) * 1_000_000 + column * 10_000;
    let streams = clients * STREAMS;
    let count = format!("SELECT count(*) FROM {}", variant.table);
    let psql = |sql: &str| server.psql(&variant.database, sql).unwrap();
    psql(&format!(
        "INSERT INTO streams (stream_id, version, head_hash)
         SELECT lpad(n::text, 32, '0')::uuid, 1, {HASH}
         FROM generate_series({base}, {}) AS n",
        base + streams - 1
    ));
    let before: u64 = psql(&count).parse().unwrap();
    let seconds = effort.seconds(2.0).as_secs().max(1);
    let output = Command::new(pgbench())
        .env("PGOPTIONS", delayed(delay))
        .args(["-n", "-M", "prepared", "-U", server.superuser(), "-h"])
        .arg(server.socket_directory())
        .args(["-c", &clients.to_string(), "-j", "2"])
        .args(["-T", &seconds.to_string(), "-D", "n=-1"])
        .args(["-D", &format!("base={base}"), "-f"])
        .arg(&variant.script)
        .arg(&variant.database)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pgbench: {error}");
    let after: u64 = psql(&count).parse().unwrap();
    let done: u64 =
        number(&text, "number of transactions actually processed: ");
    assert_eq!(after - before, done, "{}: not each appended", variant.name);
    number(&text, "tps = ")
}

fn delayed(micros: u32) -> String {
    format!("-c commit_delay={micros} -c commit_siblings=0")
}
