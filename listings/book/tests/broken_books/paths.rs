use book::checks::paths;

use crate::small_book::SmallBook;

#[test]
fn a_script_that_names_a_file_that_is_not_there() {
    let guide = "listings/bakery/guide.sh";
    SmallBook::with(guide, "/src/main.rs", "/checks/main.rs").assert_faults(
        paths,
        &["listings/bakery/guide.sh:2: there is no \
           listings/bakery/checks/main.rs"],
    );
    let book = SmallBook::new();
    book.write(
        "scripts/knead",
        "# listings/NAME $a/scripts/x listings/*/x\n",
    );
    book.assert_faults(paths, &[]);
    book.write("scripts/knead", "cat \"$root/scripts/oven\"\n");
    book.assert_faults(paths, &["scripts/knead:1: there is no scripts/oven"]);
}
