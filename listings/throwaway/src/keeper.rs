//! The process that cleans up after its owner, however that ends.

use std::{
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::Signal;

use crate::user::User;

/// A shell that waits for the end of its input, which we hold.
///
/// It runs as the user of the server: it may then signal the server and, in
/// `/proc`, see where it works, which root in a container may not.
#[derive(Debug)]
pub(crate) struct Keeper(Child);

impl Keeper {
    /// Starts the keeper of `directory`. `end` is the signal that ends the
    /// server quickly and tidily.
    pub(crate) fn start(
        directory: &Path,
        user: User,
        end: Signal,
    ) -> io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        user.apply(&mut command);
        command
            .args(["-c", include_str!("keeper.sh"), "throwaway-keeper"])
            .arg(directory)
            .arg(end.as_raw().to_string())
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // This closes its input, too. Nobody is left to tell of a failure.
        let _ = self.0.wait();
    }
}
