use super::{Place, is_placeholder, option};
use crate::packages::{Package, has_option};

/// The kinds of targets that an option names.
const KINDS: [&str; 4] = ["bin", "test", "bench", "example"];
/// Options without a value.
const FLAGS: [&str; 9] = [
    "--all-targets",
    "--bins",
    "--duplicates",
    "--help",
    "--lib",
    "--locked",
    "--quiet",
    "--release",
    "--workspace",
];
/// Options whose value says nothing of ours.
const VALUES: [&str; 4] = ["--depth", "-e", "-i", "--manifest-path"];
/// Options of the program that runs tests.
const HARNESS: [&str; 4] =
    ["--exact", "--ignored", "--nocapture", "--test-threads"];
/// Commands of cargo that a page names and does not tell anybody to type.
const NAMED: [&str; 6] = ["audit", "build", "clean", "deny", "fmt", "nextest"];

/// What the words after `cargo` ask for.
#[derive(Default)]
struct Asked<'a> {
    package: Option<&'a Package<'a>>,
    targets: Vec<(&'static str, &'a str)>,
    features: Vec<&'a str>,
    /// What stands alone, before and after `--`.
    words: Vec<&'a str>,
    program: Vec<&'a str>,
}

pub(super) fn check(place: &Place<'_>, words: &[&str]) -> Vec<String> {
    let [subcommand, rest @ ..] = words else {
        return vec!["cargo needs to be told what to do".to_owned()];
    };
    if rest.is_empty() && NAMED.contains(subcommand) {
        return Vec::new();
    }
    if !["bench", "build", "run", "test", "tree"].contains(subcommand) {
        return vec![format!(
            "no check knows `cargo {subcommand}`; correct it, or add it to \
            listings/book/src/checks/commands/cargo.rs"
        )];
    }
    let mut wrong = Vec::new();
    let asked = read(place, rest, &mut wrong);
    let Some(package) = asked.package else {
        return wrong;
    };
    targets(package, &asked, &mut wrong);
    match *subcommand {
        "test" => filters(package, &asked, &mut wrong),
        "run" => {
            program(package, &asked.program, &mut wrong);
            let bins = package.names("bin");
            let is_clear = bins.len() == 1 || package.has_default_run;
            if asked.targets.is_empty() && !is_clear {
                wrong.push(format!(
                    "{} has several programs; name one with --bin: {}",
                    package.name,
                    bins.join(", ")
                ));
            }
        }
        _ => {}
    }
    wrong
}

fn read<'a>(
    place: &Place<'a>,
    words: &[&'a str],
    wrong: &mut Vec<String>,
) -> Asked<'a> {
    let mut asked = Asked::default();
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        if word == "--" {
            asked.program.extend(words.by_ref());
            break;
        }
        if !word.starts_with('-') {
            asked.words.push(word);
            continue;
        }
        let (name, value) = option(word);
        if FLAGS.contains(&name) {
            continue;
        }
        let value = value.or_else(|| words.next()).unwrap_or_default();
        let kind = KINDS.iter().find(|kind| name == format!("--{kind}"));
        match (name, kind) {
            ("-p" | "--package" | "--exclude", _) => {
                match place.package(value) {
                    Ok(found) if name != "--exclude" => {
                        asked.package = Some(found);
                    }
                    Ok(_) => {}
                    Err(_) if is_placeholder(value) => {}
                    Err(what) => wrong.push(what),
                }
            }
            ("-F" | "--features", _) => {
                asked.features.extend(value.split([',', ' ']));
            }
            (_, Some(kind)) => asked.targets.push((kind, value)),
            _ if VALUES.contains(&name) => {}
            _ => wrong.push(format!(
                "no check knows the option {name} of cargo; correct it, or \
                add it to listings/book/src/checks/commands/cargo.rs"
            )),
        }
    }
    asked
}

/// Targets and features exist, and a target has the features that it needs.
fn targets(package: &Package<'_>, asked: &Asked<'_>, wrong: &mut Vec<String>) {
    let name = &package.name;
    for feature in &asked.features {
        let own = feature.strip_prefix(&format!("{name}/"));
        if !package.features.contains(own.unwrap_or(feature)) {
            wrong.push(format!("{name} has no feature {feature}"));
        }
    }
    for (kind, target) in &asked.targets {
        let key = (*kind, (*target).to_owned());
        let Some(found) = package.targets.get(&key) else {
            let known = package.names(kind).join(", ");
            wrong.push(format!(
                "{name} has no {kind} {target}; it has: {known}"
            ));
            continue;
        };
        for feature in &found.needs {
            if !asked.features.contains(&feature.as_str()) {
                wrong.push(format!(
                    "the {kind} {target} needs `--features {feature}`"
                ));
            }
        }
    }
}

/// Each filter is part of the name of a test that would run.
fn filters(package: &Package<'_>, asked: &Asked<'_>, wrong: &mut Vec<String>) {
    let targets = asked.targets.iter().filter(|(kind, _)| *kind == "test");
    let targets: Vec<_> = targets.map(|(_, name)| *name).collect();
    let tests: Vec<String> = if targets.is_empty() {
        package.tests(None)
    } else {
        let tests = targets.iter().map(|name| package.tests(Some(name)));
        tests.flatten().collect()
    };
    if tests.is_empty() {
        wrong.push(format!("{} has no tests there", package.name));
    }
    for word in asked.words.iter().chain(&asked.program) {
        let (name, _) = option(word);
        if name.starts_with('-') {
            if !HARNESS.contains(&name) {
                wrong.push(format!("tests have no option {name}"));
            }
        } else if !tests.iter().any(|test| test.contains(*word)) {
            wrong.push(format!(
                "no test of {} there has {word} in its name",
                package.name
            ));
        }
    }
}

/// The program's options, and its first word, which may be a subcommand,
/// stand in its source.
pub(super) fn program(
    package: &Package<'_>,
    words: &[&str],
    wrong: &mut Vec<String>,
) {
    for word in words.iter().filter(|word| word.starts_with("--")) {
        let (name, _) = option(word);
        if !["--help", "--version"].contains(&name)
            && !has_option(package, name)
        {
            wrong.push(format!("{} has no option {name}", package.name));
        }
    }
    let first = words.first().filter(|word| !word.starts_with('-'));
    let unknown = first.filter(|word| {
        let variant: String = word.split('-').map(capitalised).collect();
        !package.says(&format!("\"{word}\"")) && !package.says(&variant)
    });
    if let Some(word) = unknown {
        wrong.push(format!("{} does not know the word {word}", package.name));
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
