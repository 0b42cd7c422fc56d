//! Clients that do one thing as often as they can, and what came of it.

use std::{
    fs,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

/// How long and how often to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    full: bool,
}

impl Effort {
    /// All of it for `cargo bench`, which passes `--bench`; otherwise a short
    /// try, whose figures mean nothing.
    pub(crate) fn from_args() -> Self {
        let full = std::env::args().any(|argument| argument == "--bench");
        Self { full }
    }

    /// How often each contender has its turn.
    pub(crate) fn rounds(self) -> usize {
        if self.full { 5 } else { 1 }
    }

    /// So many, or a hundredth in a short try.
    pub(crate) fn size(self, full: u64) -> u64 {
        if self.full { full } else { full / 100 }
    }

    /// So many seconds, or a fraction of one in a short try.
    pub(crate) fn seconds(self, full: f64) -> Duration {
        let seconds = if self.full { full } else { 0.2 };
        Duration::from_secs_f64(seconds)
    }
}

/// What the clients of one turn have done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    /// How often it went well.
    pub(crate) ok: u64,
    /// How often it was refused.
    pub(crate) refused: u64,
    /// How long all of it took.
    pub(crate) took: Duration,
    /// Processor time, of clients and server, if somebody looked.
    pub(crate) processor: Duration,
    /// How long each success took, sorted.
    pub(crate) times: Vec<Duration>,
}

impl Turn {
    /// Successes in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.ok as f64 / self.took.as_secs_f64()
    }

    /// The time that `part` of the successes did not exceed.
    pub(crate) fn percentile(&self, part: f64) -> Duration {
        percentile(&self.times, part)
    }
}

/// Lets `clients` do `work` again and again for `time`. The work says whether
/// it went well.
pub(crate) async fn drive<W, F>(clients: usize, time: Duration, work: W) -> Turn
where
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = bool> + Send + 'static,
{
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let work = work.clone();
        tasks.spawn(async move {
            let mut turn = Turn::default();
            while start.elapsed() < time {
                let began = Instant::now();
                if work(client).await {
                    turn.ok += 1;
                    turn.times.push(began.elapsed());
                } else {
                    turn.refused += 1;
                }
            }
            turn
        });
    }
    let mut all = Turn::default();
    for turn in tasks.join_all().await {
        all.ok += turn.ok;
        all.refused += turn.refused;
        all.times.extend(turn.times);
    }
    all.took = start.elapsed();
    all.times.sort_unstable();
    all
}

/// The value that `part` of the sorted `values` do not exceed.
pub(crate) fn percentile(values: &[Duration], part: f64) -> Duration {
    let last = values.len().saturating_sub(1);
    let at = (last as f64 * part).round() as usize;
    values.get(at).copied().unwrap_or_default()
}

/// The middle one.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Milliseconds, as a table shows them.
pub(crate) fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    match millis {
        ..10.0 => format!("{millis:.2} ms"),
        ..100.0 => format!("{millis:.1} ms"),
        _ => format!("{millis:.0} ms"),
    }
}

/// A whole number with a comma before each three digits.
pub(crate) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The processor time that this process and a server with all its processes
/// have used so far. Unlike rates, it hardly depends on who else is busy.
pub(crate) fn processor_time(server: u32) -> Duration {
    let stat = |process: &str| -> Option<Vec<u64>> {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // Behind the name: state, parent, and numbers from there on.
        let (_, fields) = text.rsplit_once(") ")?;
        let numbers = fields.split(' ').map(|it| it.parse().unwrap_or(0));
        Some(numbers.collect())
    };
    let own = |stat: &Vec<u64>| stat[11] + stat[12];
    let mut ticks = stat("self").map_or(0, |it| own(&it));
    // Of the server itself also the time of processes that have ended.
    ticks +=
        stat(&server.to_string()).map_or(0, |it| own(&it) + it[13] + it[14]);
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let found = stat(&name).filter(|it| it[1] == u64::from(server));
        ticks += found.map_or(0, |it| own(&it));
    }
    // A tick is a hundredth of a second on every Linux of today.
    Duration::from_millis(ticks * 10)
}
