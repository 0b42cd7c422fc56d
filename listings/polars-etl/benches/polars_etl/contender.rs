//! A process that does one thing when it is told to, and says how long it
//! took.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

/// One of those that are compared.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    process: Child,
    orders: ChildStdin,
    words: BufReader<ChildStdout>,
    /// What the last order came to: the same for all.
    pub(crate) check: String,
}

impl Contender {
    fn start(name: &'static str, command: &mut Command) -> Self {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = pipes.spawn().unwrap();
        let mut contender = Self {
            name,
            orders: process.stdin.take().unwrap(),
            words: BufReader::new(process.stdout.take().unwrap()),
            process,
            check: String::new(),
        };
        // It says what it is when it is ready.
        contender.hear();
        contender
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        let length = self.words.read_line(&mut line).unwrap();
        assert!(length > 0, "{} has ended", self.name);
        line.trim().to_owned()
    }

    /// How many seconds `order` takes.
    pub(crate) fn take(&mut self, order: &str) -> f64 {
        writeln!(self.orders, "{order}").unwrap();
        let said = self.hear();
        let (seconds, check) = said.split_once(' ').expect("a time");
        self.check = check.to_owned();
        seconds.parse().expect("seconds")
    }

    /// The same, and how much memory it has had at most.
    pub(crate) fn watched(&mut self, order: &str) -> (f64, Peaks) {
        let id = self.process.id();
        let is_done = AtomicBool::new(false);
        let (seconds, anonymous) = thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let mut most = 0.0_f64;
                while !is_done.load(Ordering::Relaxed) {
                    most = most.max(bytes(id, "RssAnon:"));
                    thread::sleep(PAUSE);
                }
                most
            });
            let seconds = self.take(order);
            is_done.store(true, Ordering::Relaxed);
            (seconds, watch.join().unwrap())
        });
        let resident = bytes(id, "VmHWM:");
        let peaks = Peaks {
            resident,
            anonymous,
        };
        (seconds, peaks)
    }
}

/// How often to look at the memory of a contender.
const PAUSE: Duration = Duration::from_millis(10);

/// The most memory of a contender, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Peaks {
    /// In main memory: `VmHWM`.
    pub(crate) resident: f64,
    /// The part of it that is no file: the most of `RssAnon`, looked at every
    /// ten milliseconds.
    pub(crate) anonymous: f64,
}

fn bytes(process: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix(name));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<f64>().unwrap() * 1024.0
}

impl Drop for Contender {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ours, with one of the engines.
pub(crate) fn ours(name: &'static str, engine: &str) -> Contender {
    let mut command = Command::new(env::current_exe().unwrap());
    Contender::start(name, command.args(["work", engine]))
}

/// The others, where there is a Python that has them.
pub(crate) fn others() -> Vec<Contender> {
    let Some(python) = env::var_os("PEERS_PYTHON") else {
        return Vec::new();
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches/polars_etl/peers.py");
    let start = |name: &'static str| {
        let mut command = Command::new(PathBuf::from(&python));
        // Some builds of numpy's library are told here to be slow.
        command.env_remove("OPENBLAS_CORETYPE");
        command.env_remove("OPENBLAS_L2_SIZE");
        Contender::start(name, command.arg(&script).arg(name))
    };
    vec![start("polars-py"), start("pandas")]
}

/// The versions of the others.
pub(crate) fn versions() -> String {
    let Some(python) = env::var_os("PEERS_PYTHON") else {
        return "Python took no part.".to_owned();
    };
    let said = Command::new(python)
        .args(["-c", VERSIONS])
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    format!("polars 0.55.2 in Rust; {}", said.trim())
}

const VERSIONS: &str = "import platform, polars, pandas, pyarrow
print(f'Python {platform.python_version()}, polars {polars.__version__}, '
      f'pandas {pandas.__version__}, pyarrow {pyarrow.__version__}')";
