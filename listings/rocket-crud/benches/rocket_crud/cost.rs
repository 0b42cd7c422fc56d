//! Processor time for each request, and how long requests take, in turns.

use std::{path::Path, time::Duration};

use crate::{
    chart::{self, Bar},
    client::{closed, open},
    figures::{Effort, median, more, percentile, verdict, whole},
    serve::HANDLE,
    server::{BATCH, Mode, Server},
    sink,
};

const CLIENTS: usize = 8;

struct Contender {
    name: &'static str,
    server: Server,
    path: String,
    /// The most that it may cost, in percent.
    most: Option<f64>,
    /// Microseconds of processor time for each request.
    costs: Vec<f64>,
    /// Microseconds, of the slowest in a hundred.
    tails: Vec<f64>,
}

pub(crate) fn run(effort: Effort) {
    let sink = sink::start();
    let folder = tempfile::tempdir().unwrap();
    let start = |workload, mode: Mode, most| {
        contender(workload, &mode, most, &sink, folder.path())
    };
    let mut trivial = [
        start("trivial", Mode::new("no tracing", "off", "0"), None),
        start("trivial", Mode::new("1 %", "fairing", "0.01"), Some(3.0)),
        start("trivial", Mode::new("10 %", "fairing", "0.1"), Some(8.0)),
        start("trivial", Mode::new("100 %", "fairing", "1"), Some(20.0)),
        start(
            "trivial",
            Mode::new("as in tutorials, 10 %", "naive", "0.1"),
            None,
        ),
        start(
            "trivial",
            Mode::new("as in tutorials, 100 %", "naive", "1"),
            None,
        ),
    ];
    let small = Mode {
        batch: 64,
        ..Mode::new("100 %, batches of 64", "fairing", "1")
    };
    let mut read = [
        start("read", Mode::new("no tracing", "off", "0"), None),
        start("read", Mode::new("100 %", "fairing", "1"), Some(5.0)),
        start("read", small, None),
    ];
    for _ in 0..effort.rounds() {
        for contender in trivial.iter_mut().chain(&mut read) {
            contender.hurry(effort.seconds(1.5));
        }
    }
    // Half of what the slowest one can do.
    let capacity = read.iter().map(Contender::capacity);
    let rate = (capacity.fold(f64::INFINITY, f64::min) / 2.0) as u32;
    for _ in 0..effort.rounds() {
        for contender in &mut read {
            contender.stroll(rate, effort.seconds(1.5));
        }
    }
    print("A handler that does nothing", &trivial);
    print("One user out of SQLite", &read);
    draw(&trivial);
    let lost = read.into_iter().map(|one| (one.name, one.server.stop()));
    for (name, (made, delivered)) in lost.filter(|(_, (made, _))| *made > 0) {
        println!(
            "Spans of the reads, {name}: {} made, {} lost.",
            whole(made as f64),
            whole((made - delivered) as f64),
        );
    }
    println!(
        "\nProcessor time of the whole server process, its exporting thread \
         among it, with {CLIENTS} clients that ask as fast as they are \
         answered; p99 at {} requests a second, half of what the slowest one \
         can do, each timed from when it was due. Medians of {} interleaved \
         turns. A server has one worker and one core; the clients and a \
         receiver that takes everything are on the other. Metrics are on \
         wherever tracing is, but for the way of the tutorials, which has \
         none. A read makes two spans. Spans are sent in batches of {BATCH}, \
         where no other number is given.",
        whole(f64::from(rate)),
        effort.rounds(),
    );
}

fn contender(
    workload: &str,
    mode: &Mode,
    most: Option<f64>,
    sink: &str,
    folder: &Path,
) -> Contender {
    let path = match workload {
        "read" => format!("/users/{HANDLE}"),
        _ => "/users/01a21800-0000-7000-8000-000000000000".to_owned(),
    };
    Contender {
        name: mode.name,
        server: Server::start(workload, mode, sink, folder, &[]),
        path,
        most,
        costs: Vec::new(),
        tails: Vec::new(),
    }
}

impl Contender {
    fn hurry(&mut self, time: Duration) {
        let address = &self.server.address;
        // Until it is warm.
        closed(CLIENTS, address, &self.path, time / 10);
        let before = self.server.processor_time();
        let answers = closed(CLIENTS, address, &self.path, time);
        let used = self.server.processor_time() - before;
        self.costs.push(used.as_secs_f64() * 1e6 / answers as f64);
    }

    fn stroll(&mut self, rate: u32, time: Duration) {
        let clients = CLIENTS as u32;
        let address = &self.server.address;
        let times = open(clients, address, &self.path, rate, time);
        let tail = percentile(&times, 0.99);
        self.tails.push(tail.as_secs_f64() * 1e6);
    }

    /// Requests a second that fill one core.
    fn capacity(&self) -> f64 {
        1e6 / self.cost()
    }

    fn cost(&self) -> f64 {
        median(self.costs.iter().copied())
    }

    fn tail(&self) -> f64 {
        median(self.tails.iter().copied())
    }
}

fn print(workload: &str, contenders: &[Contender]) {
    let has_tails = !contenders[0].tails.is_empty();
    let tails = if has_tails { " p99 | more |" } else { "" };
    let columns = if has_tails { "--:|--:|" } else { "" };
    println!(
        "| {workload} | processor time | requests/s of one core | more | at \
         most |{tails}"
    );
    println!("|---|--:|--:|--:|---|{columns}");
    let (base, base_tail) = (contenders[0].cost(), contenders[0].tail());
    for one in contenders {
        let cost = one.cost();
        let percent = more(cost, base);
        let goal = one.most.map(|most| verdict(percent, most));
        print!(
            "| {} | {cost:.1} µs | {} | {percent:.1} % | {} |",
            one.name,
            whole(one.capacity()),
            goal.unwrap_or_default(),
        );
        if has_tails {
            let tail = one.tail();
            let percent = more(tail, base_tail);
            let goal = one.most.map(|_| verdict(percent, 8.0));
            let goal = goal.map_or_else(String::new, |g| format!(" ({g})"));
            print!(" {tail:.0} µs | {percent:.1} %{goal} |");
        }
        println!();
    }
    println!();
}

fn draw(contenders: &[Contender]) {
    let bar = |one: &Contender| Bar {
        name: one.name,
        value: one.capacity(),
        ours: !one.name.starts_with("as in"),
    };
    let bars: Vec<_> = contenders.iter().map(bar).collect();
    let title = "Requests a second on one core, by what is sampled";
    chart::keep("cost", &chart::bars(title, "requests/s", &bars));
}
