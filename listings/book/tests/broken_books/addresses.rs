use book::checks::addresses;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/bakery/testing.md";
const MAIN: &str =
    "https://github.com/observable-rust/observable-rust/blob/main";

fn page_with(link: &str) -> SmallBook {
    let book = SmallBook::new();
    book.write(
        "listings/bakery/tests/orders.rs",
        "#[test]\nfn bread_is_sold_once() {}\n",
    );
    book.write(PAGE, &format!("# Testing\n\nSee {link}.\n"));
    book
}

#[test]
fn a_file_and_a_test_that_are_there() {
    let link = format!(
        "[`bread_is_sold_once`]({MAIN}/listings/bakery/tests/orders.rs) and \
         [the orders]({MAIN}/listings/bakery/tests/orders.rs)"
    );
    page_with(&link).assert_faults(addresses, &[]);
}

#[test]
fn a_file_that_is_not_there() {
    let link = format!("[it]({MAIN}/listings/bakery/tests/order.rs)");
    page_with(&link).assert_faults(
        addresses,
        &["src/en/bakery/testing.md:3: the link leads to \
             listings/bakery/tests/order.rs, which this repository does not \
             have"],
    );
}

#[test]
fn a_test_that_is_not_there() {
    let file = "listings/bakery/tests/orders.rs";
    let link = format!("[`bread_is_sold_twice`]({MAIN}/{file})");
    page_with(&link).assert_faults(
        addresses,
        &[
            "src/en/bakery/testing.md:3: listings/bakery/tests/orders.rs has \
             no function `bread_is_sold_twice`",
        ],
    );
}
