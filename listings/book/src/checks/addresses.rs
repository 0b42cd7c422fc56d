use super::none_seen;
use crate::{Book, Fault, Page};

/// Where the files of this repository can be read.
const REPOSITORY: &str = "https://github.com/observable-rust/observable-rust/";

/// Every link to the repository's own address finds its file, and a link from
/// the name of a test finds a test of that name there.
pub fn addresses(book: &Book) -> Vec<Fault> {
    let mut seen = Seen::default();
    let mut faults = Vec::new();
    for page in &book.pages {
        for (number, line) in page.source.lines() {
            faults.extend(in_line(book, page, number, line, &mut seen));
        }
    }
    faults.extend(none_seen(seen.files, "links to files of the repository"));
    faults.extend(none_seen(seen.functions, "links to functions in them"));
    faults
}

/// How many links the check looked at.
#[derive(Default)]
struct Seen {
    files: usize,
    functions: usize,
}

fn in_line(
    book: &Book,
    page: &Page,
    number: usize,
    line: &str,
    seen: &mut Seen,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, _) in line.match_indices(REPOSITORY) {
        let target = &line[at + REPOSITORY.len()..];
        let end = target.find([')', '>', ' ', '#']).unwrap_or(target.len());
        let file = ["blob/main/", "tree/main/"]
            .iter()
            .find_map(|kind| target[..end].strip_prefix(kind));
        let Some(file) = file else { continue };
        seen.files += 1;
        let name = linked_name(&line[..at]);
        let name = name.filter(|_| file.ends_with(".rs"));
        seen.functions += usize::from(name.is_some());
        if !book.root().join(file).exists() {
            let what = format!(
                "the link leads to {file}, which this repository does not \
                have; correct its path"
            );
            faults.push(page.source.fault(number, what));
        } else if let Some(name) = name
            && !defines(book, file, name)
        {
            let what = format!(
                "{file} has no function `{name}`; correct the name, or the \
                file behind it"
            );
            faults.push(page.source.fault(number, what));
        }
    }
    faults
}

/// `name` in ``[`name`](``, if it could be the name of a function.
fn linked_name(before: &str) -> Option<&str> {
    let text = before.strip_suffix("`](")?;
    let (_, name) = text.rsplit_once("[`")?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_part).then_some(name)
}

fn defines(book: &Book, file: &str, name: &str) -> bool {
    let text = book.file(file).map(|source| source.text.clone());
    text.is_some_and(|text| text.contains(&format!("fn {name}(")))
}
