//! Clients, each a thread with a connection that stays open.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::serve::KEY;

/// A connection, the request to send on it, and how long its answer is.
pub(crate) struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    /// Asks once, to learn how long the answer is. It is the same each time.
    pub(crate) fn connect(address: &str, path: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer \
             {KEY}\r\naccept: */*\r\n\r\n"
        );
        let mut client = Self {
            stream,
            request: request.into_bytes(),
            answer: Vec::new(),
        };
        client.stream.write_all(&client.request).unwrap();
        let mut chunk = [0; 4096];
        while !client.is_complete() {
            let read = client.stream.read(&mut chunk).unwrap();
            client.answer.extend_from_slice(&chunk[..read]);
        }
        client
    }

    fn is_complete(&self) -> bool {
        let text = String::from_utf8_lossy(&self.answer).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return false;
        };
        assert!(head.starts_with("http/1.1 200"), "{text}");
        let (_, length) = head.split_once("content-length: ").unwrap();
        let length = length.lines().next().unwrap();
        body.len() == length.parse::<usize>().unwrap()
    }

    /// Sends the request, and reads all of its answer.
    pub(crate) fn ask(&mut self) {
        self.stream.write_all(&self.request).unwrap();
        let length = self.answer.len();
        self.stream.read_exact(&mut self.answer[..length]).unwrap();
        assert!(self.answer.starts_with(b"HTTP/1.1 200"));
    }
}

/// As many answers as `clients` get in `time`.
pub(crate) fn closed(
    clients: usize,
    address: &str,
    path: &str,
    time: Duration,
) -> u64 {
    let work = |_| {
        let mut client = Client::connect(address, path);
        move || {
            let start = Instant::now();
            let mut answers = 0;
            while start.elapsed() < time {
                client.ask();
                answers += 1;
            }
            answers
        }
    };
    let work: Vec<_> = (0..clients).map(work).collect();
    let threads: Vec<_> = work.into_iter().map(thread::spawn).collect();
    threads.into_iter().map(|one| one.join().unwrap()).sum()
}

/// How long each answer took, sorted, at `rate` requests a second. A request
/// is timed from when it was due, so no delay goes unseen.
pub(crate) fn open(
    clients: u32,
    address: &str,
    path: &str,
    rate: u32,
    time: Duration,
) -> Vec<Duration> {
    let pace = Duration::from_secs(1) * clients / rate;
    let start = Instant::now() + Duration::from_millis(50);
    let work = |number: u32| {
        let mut client = Client::connect(address, path);
        move || {
            let mut due = start + pace * number / clients;
            let mut times = Vec::new();
            while due < start + time {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                client.ask();
                times.push(due.elapsed());
                due += pace;
            }
            times
        }
    };
    let work: Vec<_> = (0..clients).map(work).collect();
    let threads: Vec<_> = work.into_iter().map(thread::spawn).collect();
    let times = threads.into_iter().flat_map(|one| one.join().unwrap());
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times
}
