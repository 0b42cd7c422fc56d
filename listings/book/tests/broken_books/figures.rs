use book::checks::figures;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/bakery/performance.md";
const TABLE: &str = "listings/bakery/results/oven.md";

#[test]
fn a_figure_that_the_table_has_not() {
    let fault = "src/en/bakery/performance.md:5: no measured table on this \
                 page has ";
    for (right, wrong) in [
        ("12.5 ms", "13.5 ms"),
        ("12.5 ms", "2.5 ms"),
        ("3 times", "4 times"),
    ] {
        SmallBook::with(PAGE, right, wrong).assert_faults(figures, &[fault]);
    }
}

#[test]
fn a_table_that_was_measured_anew() {
    SmallBook::with(TABLE, "1,000", "2,000").assert_faults(
        figures,
        &[
            "src/en/bakery/performance.md:6: no measured table on this page \
           has 1000",
        ],
    );
}

#[test]
fn a_figure_may_be_rounded_or_quoted() {
    for (figure, is_right) in [
        ("13 ms", true),
        ("12 ms", false),
        ("125 ms", false),
        ("\"9 ms\"", true),
        ("25 % more", true),
        ("26 % more", false),
    ] {
        let book = SmallBook::with(PAGE, "12.5 ms", figure);
        book.replace(TABLE, "12.5 ms", "12.6 ms | 1.25");
        let fault = "src/en/bakery/performance.md:5: no measured table";
        let expected = if is_right { &[][..] } else { &[fault] };
        book.assert_faults(figures, expected);
    }
}

#[test]
fn a_figure_that_says_where_it_is_from() {
    let told = "9 ms [by the mill](https://example.org/)";
    SmallBook::with(PAGE, "12.5 ms", told).assert_faults(figures, &[]);
}
