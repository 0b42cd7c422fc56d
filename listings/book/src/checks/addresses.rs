use crate::{Book, Fault, Page};

/// Where the files of this repository can be read.
const REPOSITORY: &str = "https://github.com/observable-rust/observable-rust/";

/// Every link to the repository's own address finds its file, and a link from
/// the name of a test finds a test of that name there.
pub fn addresses(book: &Book) -> Vec<Fault> {
    book.pages
        .iter()
        .flat_map(|page| {
            let lines = page.source.lines();
            lines.flat_map(|(number, line)| in_line(book, page, number, line))
        })
        .collect()
}

fn in_line(book: &Book, page: &Page, number: usize, line: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, _) in line.match_indices(REPOSITORY) {
        let target = &line[at + REPOSITORY.len()..];
        let end = target.find([')', '>', ' ', '#']).unwrap_or(target.len());
        let file = ["blob/main/", "tree/main/"]
            .iter()
            .find_map(|kind| target[..end].strip_prefix(kind));
        let Some(file) = file else { continue };
        if !book.root().join(file).exists() {
            let what = format!(
                "the link leads to {file}, which this repository does not \
                have; correct its path"
            );
            faults.push(page.source.fault(number, what));
        } else if let Some(name) = linked_name(&line[..at])
            && file.ends_with(".rs")
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
