//! The temporary directory of a server.

use std::{
    env, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{StartError, keeper::Keeper, user::User};

/// A temporary directory, the user who owns it, and the keeper who removes it.
#[derive(Debug)]
pub(crate) struct Home {
    // Dropped in this order: the keeper removes the directory, and what it
    // may not remove is removed with our own rights.
    _keeper: Keeper,
    directory: TempDir,
    user: User,
}

impl Home {
    /// Makes the directory. `end` is the signal for the keeper to send.
    pub(crate) fn make(end: Signal) -> Result<Self, StartError> {
        let user = User::choose()?;
        let parent = parent(user);
        let make = || {
            let directory = tempfile::Builder::new()
                .prefix("throwaway-")
                .tempdir_in(&parent)?;
            user.own(directory.path())?;
            let keeper = Keeper::start(directory.path(), user, end)?;
            Ok(Self {
                _keeper: keeper,
                directory,
                user,
            })
        };
        make().map_err(|cause| StartError::Directory {
            parent: parent.clone(),
            cause,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A command that runs here, as our user, without our environment.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        self.user.apply(&mut command);
        command.env_clear().env("LC_ALL", "C");
        if let Some(path) = env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.current_dir(self.path());
        command
    }
}

/// Where the directory is made: `TMPDIR`, if `user` may work there.
fn parent(user: User) -> PathBuf {
    let configured = env::temp_dir();
    let open = |path: &Path| -> io::Result<bool> {
        Ok(fs::metadata(path)?.mode() & 0o003 == 0o003)
    };
    match user {
        User::Ourselves => configured,
        User::Other { .. } if open(&configured).unwrap_or(false) => configured,
        User::Other { .. } => PathBuf::from("/tmp"),
    }
}
