//! What the counters of memory say, in a process in which nothing else runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use polars_etl::memory::{Memory, forget_peak};

const SIZE: usize = 64 << 20;

/// What anything may take beside it.
const LITTLE: u64 = 1 << 20;

// ANCHOR: memory
#[test]
fn a_block_is_allocated_and_resident_and_then_it_was() {
    let size = SIZE as u64;
    let before = Memory::now().unwrap();
    let block = std::hint::black_box(vec![1_u8; SIZE]);
    let with = Memory::now().unwrap();
    let allocated = with.allocated - before.allocated;
    assert!(allocated.abs_diff(size) < LITTLE, "{allocated}");
    let resident = with.resident - before.resident;
    assert!(resident.abs_diff(size) < 8 * LITTLE, "{resident}");

    drop(block);
    let after = Memory::now().unwrap();
    assert!(after.allocated < before.allocated + LITTLE);
    // The kernel remembers, until it is told to forget.
    // Its counts are not exact: each core has its own share.
    assert!(after.resident_peak + 8 * LITTLE > with.resident);
    if forget_peak().is_ok() {
        let anew = Memory::now().unwrap();
        // The allocator may hold on to what it got.
        assert!(anew.resident_peak <= with.resident_peak);
    }
}
// ANCHOR_END: memory
