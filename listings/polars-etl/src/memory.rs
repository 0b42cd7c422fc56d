//! The memory of this process, by two counters that mean different things.
//!
//! What the program has asked for and not given back is *allocated*: the
//! allocator knows. What the kernel keeps in memory for the process is
//! *resident*: it has freed blocks in it that the allocator holds for the next
//! request, and files that are mapped. Neither is "the memory of Polars": both
//! are those of the whole process.

use std::{fs, io};

use tikv_jemalloc_ctl::{epoch, stats};
use tikv_jemallocator::Jemalloc;

// ANCHOR: allocator
/// The system's allocator counts nothing.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;
// ANCHOR_END: allocator

// ANCHOR: memory
/// Bytes, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Asked for and not given back, by the allocator's count.
    pub allocated: u64,
    /// In memory, by the kernel's count (`VmRSS` in proc(5)).
    pub resident: u64,
    /// The most that was in memory since [`forget_peak`] (`VmHWM`).
    pub resident_peak: u64,
}

impl Memory {
    /// What is in use now.
    ///
    /// # Errors
    /// When the kernel or the allocator does not tell.
    pub fn now() -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        Ok(Self {
            allocated: allocated()?,
            resident: kibibytes(&status, "VmRSS:")? * 1_024,
            resident_peak: kibibytes(&status, "VmHWM:")? * 1_024,
        })
    }
}
// ANCHOR_END: memory

// ANCHOR: allocated
/// Bytes that have been asked for and not given back.
///
/// # Errors
/// When the allocator does not tell.
pub fn allocated() -> io::Result<u64> {
    // The counts are as old as the last epoch.
    epoch::advance().map_err(untold)?;
    let bytes = stats::allocated::read().map_err(untold)?;
    Ok(bytes as u64)
}
// ANCHOR_END: allocated

fn untold(error: tikv_jemalloc_ctl::Error) -> io::Error {
    io::Error::other(format!("the allocator does not tell: {error}"))
}

// ANCHOR: forget-peak
/// Lets the kernel begin to look for a peak anew.
///
/// # Errors
/// When the kernel does not allow it, as in some containers.
pub fn forget_peak() -> io::Result<()> {
    // 5 resets the peak, by proc(5).
    fs::write("/proc/self/clear_refs", "5")
}
// ANCHOR_END: forget-peak

fn kibibytes(status: &str, name: &str) -> io::Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    let number = number.and_then(|number| number.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("no {name} in status")))
}
