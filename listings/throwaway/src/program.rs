//! Where the programs are.

use std::{env, fs, path::PathBuf};

/// Where Debian keeps a folder for each version of PostgreSQL.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The folder with `initdb` and `postgres`, of the newest version.
pub(crate) fn postgres_folder() -> Option<PathBuf> {
    let entries = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut versions: Vec<_> = entries
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let newest_first = versions.into_iter().rev().map(|(_, folder)| folder);
    newest_first.chain(path_folders()).find(|folder| {
        folder.join("initdb").is_file() && folder.join("postgres").is_file()
    })
}

/// The `nats-server` from `PATH`, or from where Debian puts it, which is not
/// in everybody's `PATH`.
#[cfg(feature = "nats")]
pub(crate) fn nats_server() -> Option<PathBuf> {
    find("nats-server", "/usr/sbin")
}

/// The `redis-server` from `PATH`, or from where Debian puts it.
#[cfg(feature = "redis")]
pub(crate) fn redis_server() -> Option<PathBuf> {
    find("redis-server", "/usr/bin")
}

/// The `nginx` from `PATH`, or from where Debian puts it, which is not in
/// everybody's `PATH`.
#[cfg(feature = "nginx")]
pub(crate) fn nginx() -> Option<PathBuf> {
    find("nginx", "/usr/sbin")
}

#[cfg(any(feature = "nats", feature = "nginx", feature = "redis"))]
fn find(name: &str, folder: &str) -> Option<PathBuf> {
    path_folders()
        .into_iter()
        .chain([folder.into()])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn path_folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect()
}
