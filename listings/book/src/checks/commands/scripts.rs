use super::{Place, cargo, is_placeholder, option};
use crate::{Source, guides::Listing, packages::has_word};

/// Where the options and words of a script go that it does not read itself.
enum Rest {
    /// To a program of a package.
    Program(&'static str),
    /// Into a copy, to cargo.
    Cargo,
    Nowhere,
}

pub(super) fn check(
    place: &Place<'_>,
    script: &str,
    words: &[&str],
) -> Vec<String> {
    let Some(source) = place.book.file(script) else {
        // That it is not there has been said.
        return Vec::new();
    };
    let help = help(&source);
    let (names, rest) = split(script, words);
    let mut wrong = Vec::new();
    for word in names.iter().chain(rest).filter(|w| w.starts_with("--")) {
        let (name, _) = option(word);
        if name != "--help" && !has_word(&help, name) {
            wrong.push(format!(
                "{script} has no option {name}; `{script} --help` lists them"
            ));
        }
    }
    let words = names.iter().filter(|word| !word.starts_with('-'));
    for word in words.filter(|word| !is_placeholder(word)) {
        wrong.extend(wrong_name(place, script, &help, word));
    }
    match goes_to(script) {
        Rest::Cargo => {
            wrong.extend(cargo::check(place, &[&["test"], rest].concat()))
        }
        Rest::Program(name) => {
            if let Ok(package) = place.package(name) {
                cargo::program(package, rest, &mut wrong);
            }
        }
        Rest::Nowhere => {}
    }
    wrong
}

/// What a script prints when it is asked for help: the comment at its top.
fn help(source: &Source) -> String {
    if !source.text.contains("help_if_asked") {
        return source.text.clone();
    }
    let lines = source.text.lines().skip(1);
    let comment = lines.take_while(|line| line.starts_with('#'));
    comment.collect::<Vec<_>>().join("\n")
}

fn goes_to(script: &str) -> Rest {
    match script {
        "scripts/copy-out" => Rest::Cargo,
        "scripts/demo" => Rest::Program("otlp-console"),
        _ => Rest::Nowhere,
    }
}

/// The words that name something of ours, and those that go elsewhere.
fn split<'a, 'b>(
    script: &str,
    words: &'a [&'b str],
) -> (&'a [&'b str], &'a [&'b str]) {
    let names = match script {
        "scripts/copy-out" | "scripts/demo" | "scripts/check" => 1,
        "scripts/build" | "scripts/new-guide" | "scripts/serve" => 0,
        _ => words.len(),
    };
    words.split_at(names.min(words.len()))
}

/// Whether a word names what the script wants a name of.
fn wrong_name(
    place: &Place<'_>,
    script: &str,
    help: &str,
    word: &str,
) -> Option<String> {
    let mut listings = place.listings.iter();
    let listing = listings.find(|listing| listing.name == word);
    let offers = |name| listing.is_some_and(|known| known.offers(name));
    let has = |path: &str| place.book.has_file(&path.replace("NAME", word));
    let is_guide =
        listing.is_some_and(|known: &Listing<'_>| known.script.is_some());
    let (is_right, wanted) = match script {
        "scripts/demo" => (offers("demo"), "no guide with a demo"),
        "scripts/check" => {
            (offers("check"), "no guide with a check from outside")
        }
        "scripts/record" => (offers("record"), "no guide that records"),
        "scripts/bench" => {
            (has("listings/NAME/bench.sh"), "no listing with a bench.sh")
        }
        "scripts/check-peers" => {
            (has("peers/NAME/Cargo.toml"), "no listing with peers")
        }
        "scripts/copy-out" => (listing.is_some(), "no listing"),
        "scripts/test" => {
            let is_stage = has_word(help, word);
            (is_stage || is_guide, "no stage and no guide")
        }
        _ => (has_word(help, word), "nothing that its --help mentions"),
    };
    (!is_right).then(|| format!("{script}: {word} is {wanted}"))
}
