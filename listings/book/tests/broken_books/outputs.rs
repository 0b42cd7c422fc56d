use book::checks::outputs;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/bakery/testing.md";

#[test]
fn an_output_that_no_test_expects() {
    SmallBook::with(PAGE, "{\"bread\":1}", "{\"bread\":2}").assert_faults(
        outputs,
        &["src/en/bakery/testing.md:3: no test of a listing has this text"],
    );
}

#[test]
fn an_output_that_a_test_no_longer_expects() {
    let tests = "listings/bakery/tests/orders.rs";
    SmallBook::with(tests, "\\\"bread\\\":1", "\\\"bread\\\":3").assert_faults(
        outputs,
        &["src/en/bakery/testing.md:3: no test of a listing has this text"],
    );
}

#[test]
fn spaces_and_line_breaks_do_not_count() {
    let book = SmallBook::with(PAGE, "{\"bread\":1}", "bread is\n  sold");
    let tests = "listings/bakery/tests/orders.rs";
    book.replace(
        tests,
        "fn helper() {}",
        "const A: &str = \"bread is sold\";",
    );
    book.assert_faults(outputs, &[]);
}

#[test]
fn abridged_json_and_sql_with_an_unknown_word() {
    let text = "```text\n{\"bread\":1}";
    for (typed, unknown) in [
        ("```json\n{\"crust\": \"12…\"}", None),
        ("```json\n{\"crast\": \"12…\"}", Some("crast")),
        ("```sql\nSELECT loaves FROM pg_stat_activity", None),
        ("```sql\nSELECT rolls FROM pg_stat_activity", Some("rolls")),
    ] {
        let book = SmallBook::with(PAGE, text, typed);
        book.replace(
            "listings/bakery/tests/orders.rs",
            "fn helper() {}",
            "fn helper() { crust(); }",
        );
        let expected = unknown.map(|word| {
            format!(
                "src/en/bakery/testing.md:3: nothing that this page is about \
                 says {word}"
            )
        });
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        book.assert_faults(outputs, &expected);
    }
}
