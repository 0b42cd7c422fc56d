use book::checks::{settings, variables};

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/bakery/production.md";

#[test]
fn a_setting_that_no_program_reads() {
    SmallBook::with(PAGE, "| `CRUST`", "| `CRUSTS`").assert_faults(
        settings,
        &[
            "src/en/bakery/production.md:6: nothing that this page is about \
           reads CRUSTS",
        ],
    );
    SmallBook::with(PAGE, "`--loaves`", "`--loafs`").assert_faults(
        settings,
        &[
            "src/en/bakery/production.md:7: nothing that this page is about \
           reads --loafs",
        ],
    );
}

#[test]
fn a_default_that_the_source_has_not() {
    for (line, right, wrong) in [
        (5, "`127.0.0.1:8080`", "`127.0.0.1:8081`"),
        (6, "`hard`", "`soft`"),
        (7, "1000", "1001"),
    ] {
        SmallBook::with(PAGE, right, wrong).assert_faults(
            settings,
            &[&format!(
                "src/en/bakery/production.md:{line}: the source of "
            )],
        );
    }
}

#[test]
fn a_default_that_changes_in_the_source() {
    SmallBook::with("listings/bakery/src/main.rs", "1_000", "2_000")
        .assert_faults(
            settings,
            &[
                "src/en/bakery/production.md:7: the source of --loaves does \
               not say 1000 near it",
            ],
        );
}

#[test]
fn a_variable_that_no_program_reads() {
    SmallBook::with(PAGE, "`LISTEN_ADDR=0`", "`LISTEN_ADDRESS=0`")
        .assert_faults(
            variables,
            &["src/en/bakery/production.md:10: nothing that this page is \
               about reads LISTEN_ADDRESS"],
        );
    SmallBook::with(PAGE, "OTEL_SERVICE_NAME", "OTEL_SERVICE").assert_faults(
        variables,
        &[
            "src/en/bakery/production.md:11: nothing that this page is about \
           reads OTEL_SERVICE;",
        ],
    );
}

#[test]
fn a_variable_in_a_command() {
    let command = "cargo run --package bakery";
    for (from, to) in [
        (command, "OVEN=1 cargo run --package bakery"),
        (command, "export OVEN=1"),
        (command, "echo \"$OVEN\""),
    ] {
        SmallBook::with("src/en/bakery/dough.md", from, to).assert_faults(
            variables,
            &["src/en/bakery/dough.md:4: nothing that this page is about \
               reads OVEN"],
        );
    }
}

#[test]
fn a_variable_of_another_guide_or_of_a_shared_crate() {
    // Nothing says that the shop is a guide, so that all may use it.
    let till = "fn main() { read(\"TILL_KEY\"); }\n";
    let book = SmallBook::with(PAGE, "`LISTEN_ADDR=0`", "`TILL_KEY`");
    book.write("listings/shop/src/main.rs", till);
    book.assert_faults(variables, &[]);
    book.write("listings/shop/guide.sh", "demo() { :; }\n");
    book.assert_faults(
        variables,
        &[
            "src/en/bakery/production.md:10: nothing that this page is about \
           reads TILL_KEY",
        ],
    );
}

#[test]
fn a_variable_of_another_project() {
    let book = SmallBook::with(PAGE, "`LISTEN_ADDR=0`", "`MILL_WHEELS`");
    let declared = "[package.metadata]\nvariables = [\"MILL_WHEELS\"]";
    let manifest = "listings/bakery/Cargo.toml";
    book.replace(manifest, "[package.metadata]", declared);
    book.assert_faults(variables, &[]);
}
