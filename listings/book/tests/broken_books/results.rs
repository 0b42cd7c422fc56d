use book::checks::results;

use crate::small_book::SmallBook;

const TABLE: &str = "listings/bakery/results/oven.md";

#[test]
fn a_figure_that_was_changed_by_hand() {
    SmallBook::with(TABLE, "12.5 ms", "2.5 ms").assert_faults(
        results,
        &["listings/bakery/results/oven.md:6: this is not what a script wrote"],
    );
}

#[test]
fn a_table_that_no_script_wrote() {
    let book = SmallBook::new();
    book.write("listings/bakery/results/mill.md", "| rye | 1 ms |\n");
    book.assert_faults(
        results,
        &["listings/bakery/results/mill.md:1: this is not what a script wrote"],
    );
}
