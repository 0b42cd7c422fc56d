use super::{none_seen, variables::known_to};
use crate::{
    Book, Fault, Page, Source,
    guides::listings,
    otel_variables::is_specified,
    packages::{Package, has_option, has_word, packages},
};

/// How the first column of a table of settings is called.
const COLUMNS: [&str; 3] = ["Variable", "Option", "Setting"];
/// A default stands this near to the name that it belongs to.
const NEAR: usize = 12;

/// Each row of a table of settings names a variable or an option that its
/// program reads, and the default that the source has.
pub fn settings(book: &Book) -> Vec<Fault> {
    let (packages, listings) = match (packages(book), listings(book)) {
        (Ok(packages), Ok(listings)) => (packages, listings),
        (Err(fault), _) | (_, Err(fault)) => return vec![fault],
    };
    let mut seen = 0;
    let mut faults = Vec::new();
    for page in book.pages.iter().chain(&book.documents) {
        let known = known_to(page, &packages, &listings);
        for row in rows(page) {
            seen += 1;
            let wrong = wrong_with(&known, &row).into_iter();
            faults.extend(wrong.map(|what| page.source.fault(row.line, what)));
        }
    }
    faults.extend(none_seen(seen, "settings"));
    faults
}

/// A row of a table of settings.
struct Row {
    line: usize,
    /// The code in its first cell.
    names: Vec<String>,
    /// The code in its second cell, or its number, where the column holds
    /// defaults.
    defaults: Vec<String>,
}

fn rows(page: &Page) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut head: Option<Vec<String>> = None;
    for (line, text) in page.source.lines() {
        let Some(cells) = cells(text) else {
            head = None;
            continue;
        };
        let Some(head) = &head else {
            head = Some(cells);
            continue;
        };
        let is_settings = COLUMNS.iter().any(|column| {
            let rest = head[0].strip_prefix(column);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        let is_rule = cells[0].trim_matches(['-', ':']).is_empty();
        if !is_settings || is_rule {
            continue;
        }
        let has_defaults = head.get(1).is_some_and(|h| h == "Default");
        let default = cells.get(1).filter(|_| has_defaults);
        rows.push(Row {
            line,
            names: codes(&cells[0]),
            defaults: default.map(|cell| values(cell)).unwrap_or_default(),
        });
    }
    rows
}

fn cells(text: &str) -> Option<Vec<String>> {
    let inner = text.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells = inner.split(" | ").map(|cell| cell.trim().to_owned());
    Some(cells.collect())
}

/// What stands between back-ticks.
fn codes(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

fn values(cell: &str) -> Vec<String> {
    match cell.split(';').next() {
        _ if cell.parse::<u64>().is_ok() => vec![cell.to_owned()],
        Some(first) if first.starts_with('`') => codes(first),
        // Words: “one a core”.
        _ => Vec::new(),
    }
}

fn wrong_with(known: &[&Package<'_>], row: &Row) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut is_ours = true;
    for name in row.names.iter().filter(|name| !name.ends_with('*')) {
        let bare = name.split([' ', '=']).next().unwrap_or_default();
        let exists = if bare.starts_with('-') {
            known.iter().any(|package| has_option(package, bare))
        } else {
            is_specified(bare) || known.iter().any(|p| p.says(bare))
        };
        if !exists {
            wrong.push(format!(
                "nothing that this page is about reads {bare}; correct it"
            ));
        }
        is_ours &= known.iter().any(|p| !defines(p, bare).is_empty());
    }
    // Of another project's settings nobody here knows the defaults.
    if is_ours && wrong.is_empty() {
        let missing = row.defaults.iter().filter(|default| {
            !known.iter().any(|p| has_default(p, &row.names, default))
        });
        wrong.extend(missing.map(|default| {
            format!(
                "the source of {} does not say {default} near it; correct \
                the default",
                row.names.join(", ")
            )
        }));
    }
    wrong
}

/// The lines of the source of a program that define a setting, each file with
/// the number of the line.
fn defines<'a>(package: &Package<'a>, name: &str) -> Vec<(&'a Source, usize)> {
    let source = format!("listings/{}/src/", package.name);
    let field = name.trim_start_matches('-').replace('-', "_");
    let quoted = [
        format!("\"{name}\""),
        format!("\"{}\"", field.to_lowercase()),
    ];
    let files = package.files.iter().copied();
    files
        .filter(|file| {
            file.path.starts_with(&source) && file.extension() == "rs"
        })
        .flat_map(|file| {
            let lines: Vec<_> = file.lines().collect();
            let quoted = &quoted;
            let field = format!("{field}: ");
            let found = lines.into_iter().filter(move |(_, line)| {
                let code = line.trim_start();
                let code = code.trim_start_matches("pub(crate) ");
                !code.starts_with("//")
                    && (quoted.iter().any(|text| code.contains(text))
                        || name.starts_with('-') && code.starts_with(&field))
            });
            found
                .map(move |(number, _)| (file, number))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Whether the source has a default near one of the names, or, for a text,
/// as a text of its own where the name's reader gets it from.
fn has_default(package: &Package<'_>, names: &[String], value: &str) -> bool {
    let places = names.iter().flat_map(|name| {
        let bare = name.split([' ', '=']).next().unwrap_or_default();
        defines(package, bare)
    });
    let places: Vec<_> = places.collect();
    let is_near = places.iter().any(|(file, at)| {
        let from = at.saturating_sub(NEAR);
        let lines = file.lines().skip(from).take(2 * NEAR);
        lines
            .map(|(_, line)| line)
            .any(|line| has_value(line, value))
    });
    let is_text = value.parse::<u64>().is_err();
    let is_literal = || {
        let text = format!("\"{value}\"");
        package.files.iter().any(|file| {
            file.path.contains("/src/") && file.text.contains(&text)
        })
    };
    is_near || is_text && !places.is_empty() && is_literal()
}

fn has_value(line: &str, value: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with("//") {
        return false;
    }
    match value.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        true => has_word(&line.replace('_', ""), &value.replace('_', "")),
        false => line.contains(value),
    }
}
