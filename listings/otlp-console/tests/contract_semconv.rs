//! Keeps `src/contract/semconv.tsv` equal to what the source of the crate
//! `opentelemetry-semantic-conventions` says.
//!
//! After a new version of that crate: `UPDATE_GOLDEN=1 cargo nextest run -p
//! otlp-console --test contract_semconv`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeMap, fmt::Write as _, fs, path::Path, path::PathBuf,
    process::Command,
};

use opentelemetry_semantic_conventions::SCHEMA_URL;
use otlp_console::contract;

/// What cargo prints for these arguments.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo {arguments:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// Where cargo keeps the source of the crate that this build links.
fn crate_source() -> PathBuf {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    // Without the platform, cargo wants the crates of all others, too.
    let platform = format!("--filter-platform={}", host.expect("a host"));
    let metadata =
        cargo(&["metadata", "--format-version=1", "--offline", &platform]);
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let package = packages
        .iter()
        .find(|it| it["name"] == "opentelemetry-semantic-conventions")
        .expect("the crate is a dependency");
    let manifest = package["manifest_path"].as_str().expect("a path");
    Path::new(manifest).with_file_name("src")
}

/// A constant with its documentation and its gates.
struct Constant {
    identifier: String,
    name: String,
    docs: Vec<String>,
    experimental: bool,
    deprecated: Option<String>,
}

/// Reads every `pub const NAME: &str = "value";` of one source file.
fn constants(source: &str) -> Vec<Constant> {
    let mut constants = Vec::new();
    for block in source.split("\n\n") {
        let Some((above, constant)) = block.split_once("pub const ") else {
            continue;
        };
        let (identifier, value) = constant.split_once(": &str =").unwrap();
        let docs = above.lines().filter_map(|line| line.strip_prefix("///"));
        constants.push(Constant {
            identifier: identifier.to_owned(),
            name: value.trim().trim_matches(['"', ';']).to_owned(),
            docs: docs.map(|line| line.trim_end().to_owned()).collect(),
            experimental: above.contains("semconv_experimental"),
            deprecated: deprecation(above),
        });
    }
    constants
}

/// The note in `#[deprecated(note = "{note: …, reason: …}")]`.
fn deprecation(above: &str) -> Option<String> {
    let (_, attribute) = above.split_once("#[deprecated(")?;
    let (_, note) = attribute.split_once("{note: ")?;
    let (note, _) = note.split_once(", reason:")?;
    Some(one_line(&note.replace("\\n", " ")))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Documentation above the first heading, as one line.
fn brief(docs: &[String]) -> String {
    let text: Vec<&str> = docs
        .iter()
        .map(String::as_str)
        .skip_while(|line| line.trim() == "## Description")
        .take_while(|line| !line.trim().starts_with('#'))
        .collect();
    first_sentence(&one_line(&text.join(" ")))
}

fn first_sentence(text: &str) -> String {
    let end = text.match_indices(". ").find(|(at, dot)| {
        text[at + dot.len()..].starts_with(char::is_uppercase)
    });
    let sentence = end.map_or(text, |(at, _)| &text[..at]);
    sentence.trim_end_matches('.').to_owned()
}

/// The values under `# Examples`, each as the crate prints it.
fn examples(docs: &[String]) -> Vec<String> {
    let listed = docs.iter().skip_while(|line| line.trim() != "# Examples");
    let listed = listed.skip(1).map(String::as_str).collect::<Vec<_>>();
    let listed = one_line(&listed.join(" "));
    let items = listed.split("- `").skip(1);
    items
        .map(|item| item.trim().trim_end_matches('`').to_owned())
        .collect()
}

/// The type that one printed example has.
fn type_of_example(example: &str) -> &'static str {
    if let Some(items) = example.strip_prefix('[') {
        let first = type_of_example(items.trim_start());
        return if first == "string" {
            "string[]"
        } else {
            "int[]"
        };
    }
    match example.trim_end_matches([',', ']', ' ']) {
        text if text.starts_with('"') => "string",
        "true" | "false" => "boolean",
        number if number.contains('.') => "double",
        _ => "int",
    }
}

/// A type from the examples, else from the words of the docs, else `?`.
fn value_type(constant: &Constant) -> String {
    let mut types: Vec<_> = examples(&constant.docs)
        .iter()
        .map(|example| type_of_example(example))
        .collect();
    types.dedup();
    let is_template = constant.docs.iter().any(|it| it.contains("``key``"));
    match types.as_slice() {
        [] => type_from_words(constant).to_owned(),
        [one] if is_template => format!("template[{one}]"),
        [one] => (*one).to_owned(),
        _ => "any".to_owned(),
    }
}

fn type_from_words(constant: &Constant) -> &'static str {
    let brief = brief(&constant.docs);
    let begins = |words: &[&str]| words.iter().any(|it| brief.starts_with(it));
    // All attributes with these endings that have examples are strings.
    const STRINGS: [&str; 7] = [
        ".language",
        ".name",
        ".platform",
        ".provider",
        ".state",
        ".system",
        "type",
    ];
    let ends = |endings: &[&str]| {
        endings.iter().any(|ending| constant.name.ends_with(ending))
    };
    if begins(&["A string", "Name of"]) || ends(&STRINGS) {
        "string"
    } else if begins(&["A boolean", "Whether", "A flag", "Indicates that"]) {
        "boolean"
    } else if brief.contains("in bytes") || begins(&["Number of"]) {
        "int"
    } else {
        "?"
    }
}

fn attribute_row(constant: &Constant) -> String {
    let examples = examples(&constant.docs);
    let example = examples.first().map_or("", String::as_str);
    [
        "attribute",
        &constant.name,
        &value_type(constant),
        if constant.experimental {
            "development"
        } else {
            "stable"
        },
        constant.deprecated.as_deref().unwrap_or_default(),
        &example
            .trim_matches('"')
            .replace("[ ", "[")
            .replace(", ]", "]"),
        &brief(&constant.docs),
    ]
    .join("\t")
}

/// The value of one row of the table under `## Metadata`.
fn metadata<'a>(docs: &'a [String], key: &str) -> &'a str {
    let start = format!("| {key}: | `");
    let line = docs
        .iter()
        .find_map(|line| line.trim().strip_prefix(&start));
    line.expect(key).split('`').next().expect("one backtick")
}

fn metric_row(constant: &Constant, names: &BTreeMap<&str, &str>) -> String {
    let required = constant.docs.iter().filter_map(|line| {
        let row = line.trim().strip_prefix("| [`crate::attribute::")?;
        let (identifier, level) = row.split_once("`] | ")?;
        level.starts_with("`Required`").then(|| names[identifier])
    });
    [
        "metric",
        &constant.name,
        metadata(&constant.docs, "Instrument"),
        metadata(&constant.docs, "Unit"),
        &metadata(&constant.docs, "Status").to_lowercase(),
        &required.collect::<Vec<_>>().join(" "),
    ]
    .join("\t")
}

#[test]
fn the_table_says_what_the_crate_says() {
    let source = crate_source();
    let read = |file| fs::read_to_string(source.join(file)).expect(file);
    let mut attributes = constants(&read("attribute.rs"));
    let mut metrics = constants(&read("metric.rs"));
    attributes.sort_by(|a, b| a.name.cmp(&b.name));
    metrics.sort_by(|a, b| a.name.cmp(&b.name));
    let names = attributes
        .iter()
        .map(|it| (it.identifier.as_str(), it.name.as_str()))
        .collect();

    let mut table = format!("schema_url\t{SCHEMA_URL}\n");
    for attribute in &attributes {
        writeln!(table, "{}", attribute_row(attribute)).unwrap();
    }
    for metric in &metrics {
        writeln!(table, "{}", metric_row(metric, &names)).unwrap();
    }

    contract::assert_current("src/contract/semconv.tsv", &table);
}
