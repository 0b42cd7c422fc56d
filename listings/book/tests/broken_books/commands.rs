use book::checks::commands;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/bakery/dough.md";
const COMMAND: &str = "cargo run --package bakery -- knead --loaves 3";

/// Expects this fault for a page with this command in place of a right one.
#[track_caller]
fn assert_fault(command: &str, expected: &str) {
    let expected = format!("{PAGE}:4: {expected}");
    SmallBook::with(PAGE, COMMAND, command)
        .assert_faults(commands, &[&expected]);
}

#[track_caller]
fn assert_right(command: &str) {
    SmallBook::with(PAGE, COMMAND, command).assert_faults(commands, &[]);
}

#[test]
fn commands_that_are_right() {
    for command in [
        "cargo test -p bakery --test orders sold_once -- --nocapture",
        "cargo test -p bakery --test orders -- shelf::",
        "cargo test -p bakery --features oven --test hot",
        "cargo bench -p bakery --bench dough",
        "cargo run -p bakery -- --help # or so",
        "PORT=1 scripts/demo bakery --svg FILE",
        "scripts/demo GUIDE",
        "scripts/check bakery",
        "curl -X POST http://127.0.0.1:8080/loaves/7?crust=hard",
        "echo '{\n}' | cargo run -p bakery -- knead",
        "docker compose -f listings/bakery/src/lib.rs up",
    ] {
        assert_right(command);
    }
}

#[test]
fn a_script_that_is_not_there() {
    assert_fault("scripts/demmo bakery", "there is no scripts/demmo");
}

#[test]
fn a_guide_that_is_not_there() {
    assert_fault("scripts/demo bakkery", "scripts/demo: bakkery is no guide");
    assert_fault("scripts/demo shop", "scripts/demo: shop is no guide with");
    assert_fault(
        "scripts/record bakery",
        "scripts/record: bakery is no guide",
    );
    assert_fault(
        "scripts/bench bakery",
        "scripts/bench: bakery is no listing",
    );
}

#[test]
fn an_option_that_a_script_has_not() {
    assert_fault("scripts/demo bakery --fast", "scripts/demo has no option");
    assert_fault("scripts/test --fast", "scripts/test has no option --fast");
}

#[test]
fn a_stage_that_is_not_there() {
    assert_fault("scripts/test lynt", "scripts/test: lynt is no stage");
}

#[test]
fn a_package_that_is_not_there() {
    assert_fault("cargo test -p bakkery", "there is no package bakkery");
    assert_fault("cargo test --exclude bok", "there is no package bok");
}

#[test]
fn a_target_that_is_not_there() {
    for (kind, has) in [
        ("bin", "bakery"),
        ("test", "hot, orders"),
        ("bench", "dough"),
        ("example", ""),
    ] {
        assert_fault(
            &format!("cargo build -p bakery --{kind} cake"),
            &format!("bakery has no {kind} cake; it has: {has}"),
        );
    }
}

#[test]
fn a_feature_that_is_not_there_or_is_needed() {
    assert_fault(
        "cargo test -p bakery --features grill",
        "bakery has no feature grill",
    );
    assert_fault(
        "cargo test -p bakery --test hot",
        "the test hot needs `--features oven`",
    );
}

#[test]
fn a_filter_that_no_test_has_in_its_name() {
    assert_fault(
        "cargo test -p bakery --test orders sold_never",
        "no test of bakery there has sold_never in its name",
    );
    // `helper` is a function, and no test.
    assert_fault(
        "cargo test -p bakery -- helper",
        "no test of bakery there has helper in its name",
    );
}

#[test]
fn an_option_that_cargo_or_a_test_has_not() {
    assert_fault("cargo test --fast", "no check knows the option --fast");
    assert_fault("cargo test -p bakery -- --fast", "tests have no option");
    assert_fault("cargo bake", "no check knows `cargo bake`");
}

#[test]
fn an_option_or_a_word_that_a_program_has_not() {
    assert_fault(
        "cargo run -p bakery -- knead --rolls 3",
        "bakery has no option --rolls",
    );
    assert_fault(
        "cargo run -p bakery -- need",
        "bakery does not know the word need",
    );
}

#[test]
fn a_program_that_is_not_there_or_one_of_several() {
    assert_fault("cargo run -p shop", "shop has several programs; name one");
}

#[test]
fn a_file_that_is_not_there() {
    assert_fault(
        "docker compose -f backends/oven.yaml up",
        "there is no backends/oven.yaml",
    );
}

#[test]
fn a_route_a_port_or_a_question_that_is_not_there() {
    let url = "http://127.0.0.1:8080";
    assert_fault(
        &format!("curl {url}/loafs/7"),
        "bakery has no route /loafs/7",
    );
    assert_fault(
        "curl http://localhost:8081/loaves/7",
        "nothing in bakery says 8081",
    );
    assert_fault(
        &format!("curl '{url}/loaves/7?filling=soft'"),
        "bakery knows no filling in a query",
    );
    assert_fault("curl https://example.org/", "https://example.org/ is none");
    assert_fault(&format!("curl --fast {url}/loaves/7"), "no check knows");
}

#[test]
fn another_version_than_ours() {
    assert_fault(
        ".venv/bin/pip install mill==2",
        "no script of ours installs",
    );
}

#[test]
fn a_route_that_is_below_another() {
    let main = "listings/bakery/src/main.rs";
    let url = "curl http://127.0.0.1:8080";
    for (path, is_right) in [
        ("/rolls", true),
        ("/rolls/7", true),
        ("/buns", false),
        ("/7", false),
    ] {
        let command = format!("{url}{path}");
        let book = SmallBook::with(PAGE, COMMAND, &command);
        let routes = "\"/rolls\", \"/<id>\", \"/\"";
        book.replace(main, "\"/loaves/{id}\"", routes);
        let fault = format!("{PAGE}:4: bakery has no route {path}");
        let expected = [fault.as_str()];
        let expected = if is_right { &expected[..0] } else { &expected };
        book.assert_faults(commands, expected);
    }
}

#[test]
fn a_command_that_nobody_knows() {
    assert_fault("bake bread", "no check knows the command bake");
    assert_fault("cat < bread", "the check of commands cannot read this");
}

#[test]
fn a_command_that_another_runs() {
    let url = "http://127.0.0.1:8080";
    assert_right(&format!("xargs -I ID curl {url}/loaves/ID"));
    assert_fault(
        &format!("xargs -I ID curl {url}/loafs/ID"),
        "bakery has no route /loafs/ID",
    );
}

#[test]
fn a_command_over_lines_and_one_after_another() {
    SmallBook::with(PAGE, COMMAND, "cargo test \\\n  -p bakery\nscripts/no")
        .assert_faults(
            commands,
            &["src/en/bakery/dough.md:6: there is no scripts/no"],
        );
}

#[test]
fn a_command_in_a_sentence_or_in_a_readme() {
    SmallBook::with(PAGE, "Batch 1", "`A=1 scripts/demo cake`").assert_faults(
        commands,
        &["src/en/bakery/dough.md:7: scripts/demo: cake is no guide"],
    );
    SmallBook::with("README.md", "A small book", "`cargo test -p cake`")
        .assert_faults(commands, &["README.md:1: there is no package cake"]);
}
