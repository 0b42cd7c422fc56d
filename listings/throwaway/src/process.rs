//! A server as a child process: start, await, end.

use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::StartError;

/// How long a server may take to accept connections.
const READY: Duration = Duration::from_secs(60);

/// How long a server may take to end before it is killed.
const END: Duration = Duration::from_secs(30);

/// The pause between two looks at something that takes a moment.
const PAUSE: Duration = Duration::from_millis(5);

/// How much of a log an error shows.
const SHOWN_LINES: usize = 20;

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    program: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, which writes to the file `log`, and waits until
    /// `ready`.
    pub(crate) fn start(
        mut command: Command,
        log: &Path,
        ready: impl Fn() -> bool,
    ) -> Result<Self, StartError> {
        let program = PathBuf::from(command.get_program());
        let mut spawn = || {
            let output = File::options().create(true).append(true).open(log)?;
            command
                .process_group(0)
                .stdin(Stdio::null())
                .stdout(output.try_clone()?)
                .stderr(output)
                .spawn()
        };
        let child = spawn().map_err(|cause| StartError::Run {
            program: program.clone(),
            cause,
        })?;
        let mut process = Self {
            child,
            program,
            log: log.to_owned(),
        };
        match process.wait_until(ready) {
            Ok(()) => Ok(process),
            Err(error) => {
                // The first failure is the one to tell.
                let _ = process.kill();
                Err(error)
            }
        }
    }

    /// Waits until `ready`, unless the server ends first.
    fn wait_until(
        &mut self,
        ready: impl Fn() -> bool,
    ) -> Result<(), StartError> {
        let start = Instant::now();
        while start.elapsed() < READY {
            let ended = self.child.try_wait().map_err(|cause| {
                let program = self.program.clone();
                StartError::Run { program, cause }
            })?;
            if let Some(status) = ended {
                return Err(StartError::Ended {
                    program: self.program.clone(),
                    status,
                    log: last_lines(&self.log),
                });
            }
            if ready() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        Err(StartError::Late {
            program: self.program.clone(),
            waited: READY,
            log: last_lines(&self.log),
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends `signal` and waits for the end; kills what does not end.
    pub(crate) fn end(mut self, signal: Signal) -> io::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        kill_process(Pid::from_child(&self.child), signal)?;
        let start = Instant::now();
        while start.elapsed() < END {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        self.kill()
    }

    /// Kills the server and its children and waits until they are gone.
    pub(crate) fn kill(mut self) -> io::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        let server = Pid::from_child(&self.child);
        // A stopped process makes no more children.
        kill_process(server, Signal::STOP)?;
        wait_while(|| !matches!(state(server), None | Some(('T' | 'Z', _))));
        let children = children(server);
        for child in &children {
            // It may have ended by itself.
            let _ = kill_process(*child, Signal::KILL);
        }
        self.child.kill()?;
        self.child.wait()?;
        wait_while(|| children.iter().any(|child| runs(*child)));
        Ok(())
    }
}

/// Waits until `condition` no longer holds, but not for ever.
fn wait_while(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while start.elapsed() < END && condition() {
        thread::sleep(PAUSE);
    }
}

/// Whether the process exists and is no zombie.
fn runs(process: Pid) -> bool {
    !matches!(state(process), None | Some(('Z' | 'X', _)))
}

/// The processes that `parent` has started.
fn children(parent: Pid) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let id: i32 = entry.file_name().to_str()?.parse().ok()?;
            Pid::from_raw(id)
        })
        .filter(|process| {
            state(*process).is_some_and(|(_, id)| id == parent.as_raw_pid())
        })
        .collect()
}

/// The state of a process, a letter, and the id of its parent.
fn state(process: Pid) -> Option<(char, i32)> {
    let file = format!("/proc/{}/stat", process.as_raw_pid());
    let text = fs::read_to_string(file).ok()?;
    // After the name of the program, which may hold anything.
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

/// The end of the file `log`, for people.
fn last_lines(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
