use book::checks::artefacts;

use crate::small_book::SmallBook;

#[test]
fn artefacts_that_no_page_shows() {
    let book = SmallBook::new();
    for file in [
        "order.svg",
        "results/mill.md",
        "telemetry/tables.md",
        "traces/late.txt",
    ] {
        book.write(&format!("listings/bakery/{file}"), "");
    }
    book.assert_faults(
        artefacts,
        &[
            "listings/bakery/order.svg:1: no page of src/en shows this file",
            "listings/bakery/results/mill.md:1: no page",
            "listings/bakery/telemetry/tables.md:1: no page",
            "listings/bakery/traces/late.txt:1: no page",
        ],
    );
}

#[test]
fn a_picture_in_markdown_or_html_is_shown() {
    let picture = "../../listings/bakery/order.svg";
    for shown in [
        format!("![An order]({picture})"),
        format!("<img alt=\"An order\" src=\"{picture}\">"),
        format!("<figure>\n{{{{#include {picture}}}}}\n</figure>"),
    ] {
        let book = SmallBook::with("src/en/README.md", "A page", &shown);
        book.write("listings/bakery/order.svg", "<svg></svg>");
        book.assert_faults(artefacts, &[]);
    }
}
