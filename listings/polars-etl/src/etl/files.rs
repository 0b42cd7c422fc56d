//! Files that are there in full, or not at all.
//!
//! Everything is written beside its place, forced to disk, and renamed. A
//! rename is atomic, so that a reader sees all of it or nothing; the folder is
//! forced to disk as well, so that a power cut does not undo the rename.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::EtlError;

/// How many bytes a stage has left on disk.
pub(super) type Written = u64;

pub(crate) fn failed(path: &Path) -> impl Fn(io::Error) -> EtlError + use<> {
    let path = path.to_owned();
    move |cause| EtlError::File {
        path: path.clone(),
        cause,
    }
}

/// Where something is until it is complete.
pub(super) fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(".partial");
    name.into()
}

/// Makes a folder, if it is not there.
pub(crate) fn make(folder: &Path) -> Result<(), EtlError> {
    fs::create_dir_all(folder).map_err(failed(folder))
}

/// Removes what an earlier run may have left half written.
pub(crate) fn clear(path: &Path) -> Result<(), EtlError> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed(path)(error))
        }
        _ => Ok(()),
    }
}

// ANCHOR: complete
/// Puts what is complete in its place.
pub(super) fn complete(path: &Path) -> Result<Written, EtlError> {
    let partial = partial(path);
    let size = size(&partial)?;
    if partial.is_dir() {
        sync_folders(&partial)?;
    }
    fs::rename(&partial, path).map_err(failed(path))?;
    if let Some(folder) = path.parent() {
        sync(folder)?;
    }
    Ok(size)
}
// ANCHOR_END: complete

/// The bytes of a file, or of all files in a folder.
pub(super) fn size(path: &Path) -> Result<u64, EtlError> {
    let about = fs::metadata(path).map_err(failed(path))?;
    if !about.is_dir() {
        return Ok(about.len());
    }
    let entries = fs::read_dir(path).map_err(failed(path))?;
    entries
        .map(|entry| size(&entry.map_err(failed(path))?.path()))
        .sum()
}

fn sync_folders(folder: &Path) -> Result<(), EtlError> {
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path.is_dir() {
            sync_folders(&path)?;
        }
    }
    sync(folder)
}

fn sync(folder: &Path) -> Result<(), EtlError> {
    let open = File::open(folder);
    open.and_then(|it| it.sync_all()).map_err(failed(folder))
}

/// Makes `run` the one that readers find.
pub(super) fn publish(output: &Path, run: &str) -> Result<(), EtlError> {
    put(&output.join("CURRENT"), run.as_bytes())
}

// ANCHOR: put
/// Puts a small file in its place.
pub(crate) fn put(path: &Path, content: &[u8]) -> Result<(), EtlError> {
    let partial = partial(path);
    let write = || {
        let mut file = File::create(&partial)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(failed(path))?;
    path.parent().map_or(Ok(()), sync)
}
// ANCHOR_END: put
