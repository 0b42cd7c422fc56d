use super::{Place, is_placeholder};
use crate::packages::{Package, has_word};

/// Options with a value.
const VALUES: [&str; 8] = [
    "--data",
    "--header",
    "--json",
    "--max-time",
    "--request",
    "-H",
    "-X",
    "-d",
];
/// Options without one.
const FLAGS: [&str; 5] = ["--silent", "--show-error", "-i", "-s", "-v"];

pub(super) fn check(place: &Place<'_>, words: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if VALUES.contains(word) {
            words.next();
        } else if word.starts_with('-') && !FLAGS.contains(word) {
            wrong.push(format!(
                "no check knows the option {word} of curl; correct it, or add \
                it to listings/book/src/checks/commands/curl.rs"
            ));
        } else if !word.starts_with('-') {
            wrong.extend(address(place, word));
        }
    }
    wrong
}

/// The program of the page listens on that port, and has that route.
fn address(place: &Place<'_>, url: &str) -> Vec<String> {
    let bare = url.strip_prefix("http://").unwrap_or(url);
    let (host, path) = bare.split_at(bare.find('/').unwrap_or(bare.len()));
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    if !["127.0.0.1", "localhost"].contains(&name) {
        return vec![format!("{url} is none of our programs")];
    }
    let Some(package) = place.own else {
        return vec![format!(
            "no check knows which program should answer {url}; tell it on a \
            page of a guide"
        )];
    };
    let mut wrong = Vec::new();
    if !is_placeholder(port) && !package.says(port) {
        wrong.push(format!("nothing in {} says {port}", package.name));
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !has_route(package, path) {
        wrong.push(format!("{} has no route {path}", package.name));
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split('=').next().unwrap_or_default();
        if !package.says(key) {
            wrong.push(format!("{} knows no {key} in a query", package.name));
        }
    }
    wrong
}

/// Whether a route of the source fits the path, or one below another. One
/// that begins with a parameter, such as `/<id>`, is below another.
fn has_route(package: &Package<'_>, path: &str) -> bool {
    let routes = routes(package);
    let is_whole = |route: &&String| {
        route.len() > 1 && !route[1..].starts_with(['{', '<'])
    };
    path == "/" && routes.iter().any(|route| route == "/")
        || routes.iter().filter(is_whole).any(|base| {
            let rest = path.strip_prefix(base.as_str());
            let below = rest.is_some_and(|rest| {
                let rest = if rest.is_empty() { "/" } else { rest };
                routes.iter().any(|route| fits(route, rest))
            });
            fits(base, path) || below
        })
}

/// The texts in the source of the program that begin with a slash.
fn routes(package: &Package<'_>) -> Vec<String> {
    let source = format!("listings/{}/src/", package.name);
    let files = package.files.iter();
    let files = files.filter(|file| file.path.starts_with(&source));
    files
        .flat_map(|file| {
            file.text.match_indices("\"/").map(move |(at, _)| {
                let rest = &file.text[at + 1..];
                let end = rest.find(['"', '?']).unwrap_or(rest.len());
                rest[..end].to_owned()
            })
        })
        .filter(|route| !has_word(route, " "))
        .collect()
}

fn fits(route: &str, path: &str) -> bool {
    let mut route = route.split('/');
    let mut path = path.split('/');
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.ends_with("..>") => return true,
            (Some(part), Some(word))
                if part == word
                    || part.starts_with(['{', '<']) && !word.is_empty() => {}
            _ => return false,
        }
    }
}
