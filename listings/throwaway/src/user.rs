//! The user that a server runs as.

use std::{
    fs, io,
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::Command,
};

use crate::StartError;

/// Root gives way to one of these users, the first that exists.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The user that a server runs as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum User {
    /// Whoever we are.
    Ourselves,
    /// We are root and become somebody else.
    Other { uid: u32, gid: u32 },
}

impl User {
    pub(crate) fn choose() -> Result<Self, StartError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        UNPRIVILEGED
            .iter()
            .find_map(|name| find(&users, name))
            .ok_or(StartError::NoUser)
    }

    /// Lets `command` run as this user.
    pub(crate) fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            // This also drops root's further groups.
            command.uid(uid).gid(gid);
        }
    }

    /// Gives `path` to this user.
    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)),
        }
    }
}

/// The user `name` in the text of `/etc/passwd`.
fn find(users: &str, name: &str) -> Option<User> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(User::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_number_and_a_group() {
        let users = "root:x:0:0::/:/bin/sh\npostgres:x:101:104:,,,:/:/bin/sh\n";
        let Some(User::Other { uid, gid }) = find(users, "postgres") else {
            panic!("postgres is not found");
        };
        assert_eq!((uid, gid), (101, 104));
        assert!(find(users, "post").is_none());
    }
}
