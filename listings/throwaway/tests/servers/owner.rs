//! What is left of a server when the program that started it ends.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{assert_gone, children, runs, wait_until};

/// The program with a running server.
pub(crate) struct Owner {
    program: Child,
    pub(crate) url: String,
    directory: PathBuf,
    /// The keeper, the server and its children.
    processes: Vec<u32>,
}

impl Owner {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut program = command(arguments).spawn().unwrap();
        let mut url = String::new();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        output.read_line(&mut url).unwrap();

        let started = children(program.id());
        assert_eq!(started.len(), 2, "the server and the keeper");
        let directory = started.iter().find_map(|process| kept(*process));
        let grandchildren = started.iter().flat_map(|id| children(*id));
        Self {
            program,
            url: url.trim_end().to_owned(),
            directory: directory.unwrap(),
            processes: grandchildren.chain(started.clone()).collect(),
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.program), signal).unwrap();
    }

    /// The program was killed; fails unless all else goes by itself.
    pub(crate) fn assert_killed_leaves_nothing(mut self) {
        assert!(self.directory.is_dir());
        self.signal(Signal::KILL);
        self.program.wait().unwrap();
        wait_until("removed", || !self.directory.exists());
        let any_runs = || self.processes.iter().any(|process| runs(*process));
        wait_until("ended", || !any_runs());
    }

    /// The program ends well, and then nothing is left.
    pub(crate) fn assert_ends_tidily(mut self) {
        drop(self.program.stdin.take());
        let status = self.program.wait().unwrap();
        assert!(status.success(), "{status}");
        assert_gone(&self.directory, &self.processes);
    }
}

/// The directory of which `process` is the keeper.
fn kept(process: u32) -> Option<PathBuf> {
    let file = format!("/proc/{process}/cmdline");
    let line = fs::read_to_string(file).unwrap();
    let mut words = line.split('\0');
    words.find(|word| *word == "throwaway-keeper")?;
    words.next().map(PathBuf::from)
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throwaway"));
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn ask(url: &str, sql: &str) -> String {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-A", "-t", "-c", sql, url]);
    let output = psql.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nothing_is_left_of_a_killed_owner() {
    Owner::start(&["postgres"]).assert_killed_leaves_nothing();
}

#[test]
fn nothing_is_left_when_the_input_closes() {
    let owner = Owner::start(&["postgres", "--database", "shop"]);
    let database = ask(&owner.url, "SELECT current_database()");
    assert_eq!(database.trim_end(), "shop");
    owner.assert_ends_tidily();
}

#[test]
fn nothing_is_left_after_a_signal() {
    let mut owner = Owner::start(&["postgres", "--real", "--tcp"]);
    assert!(owner.url.contains("@127.0.0.1:"), "{}", owner.url);
    assert_eq!(ask(&owner.url, "SHOW fsync").trim_end(), "on");
    owner.signal(Signal::TERM);
    let status = owner.program.wait().unwrap();
    assert!(status.success(), "{status}");
    assert_gone(&owner.directory, &owner.processes);
}

#[test]
fn the_null_device_is_no_closed_input() {
    let mut command = command(&["postgres"]);
    let mut program = command.stdin(Stdio::null()).spawn().unwrap();
    let mut url = String::new();
    let mut output = BufReader::new(program.stdout.take().unwrap());
    output.read_line(&mut url).unwrap();
    assert_eq!(ask(url.trim_end(), "SELECT 1").trim_end(), "1");
    kill_process(Pid::from_child(&program), Signal::INT).unwrap();
    assert!(program.wait().unwrap().success());
}

#[test]
fn a_failure_has_a_message_and_a_status() {
    let arguments = ["postgres", "--database", "postgres"];
    let mut program = command(&arguments).spawn().unwrap();
    let status = program.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    let mut message = String::new();
    let mut errors = program.stderr.take().unwrap();
    errors.read_to_string(&mut message).unwrap();
    assert!(message.starts_with("throwaway: "), "{message}");
    assert!(message.contains("already exists"), "{message}");
}
