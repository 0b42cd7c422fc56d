use book::checks::programs;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/README.md";
const FAULT: &str = "src/en/README.md:27: this program does not compile or \
                     does not succeed";

#[test]
fn a_program_that_does_not_compile() {
    SmallBook::with(PAGE, "6 * 7, 42", "6 * seven, 42")
        .assert_faults(programs, &[FAULT]);
}

#[test]
fn a_program_that_fails() {
    SmallBook::with(PAGE, "6 * 7, 42", "6 * 9, 42")
        .assert_faults(programs, &[FAULT]);
}
