use super::none_seen;
use crate::{
    Book, Fault, Page, Source, book::LISTINGS, directive::directives,
    page::Fence, source::resolve,
};

/// Fences in which a reader types or copies commands.
const SHELLS: [&str; 4] = ["bash", "console", "sh", "shell"];

const INCLUDED_RUST: &str = "write `rust,ignore` for included Rust: skeptic \
    does not expand includes, and the listing has its own tests";

/// Every code block says its language; Rust is included from a listing or a
/// whole program; commands can be copied; a listing has its name above it.
pub fn fences(book: &Book) -> Vec<Fault> {
    let fences = book.pages.iter().flat_map(|page| &page.fences);
    let named = fences.filter(|fence| !includes(fence).is_empty());
    let unseen = none_seen(named.count(), "fences that include a file");
    book.pages
        .iter()
        .flat_map(|page| {
            let mut faults = outside(page);
            for fence in &page.fences {
                faults.extend(language(page, fence));
                faults.extend(commands(page, fence));
                faults.extend(file_name(page, fence));
            }
            faults
        })
        .chain(unseen)
        .collect()
}

/// Includes that mdBook would read as Markdown, though they are not.
fn outside(page: &Page) -> Vec<Fault> {
    let is_fenced = |line: usize| {
        let mut lines = page.fences.iter().flat_map(Fence::lines);
        lines.any(|(fenced, _)| fenced == line)
    };
    directives(&page.source)
        .iter()
        .filter(|found| found.kind == "include" && !is_fenced(found.line))
        .filter(|found| !found.path.ends_with(".md"))
        .filter(|found| !found.path.ends_with(".svg"))
        .map(|found| {
            let what = format!(
                "`{}` is not in a fence, so its text is taken for Markdown; \
                put it in one",
                found.text
            );
            page.source.fault(found.line, what)
        })
        .collect()
}

fn language(page: &Page, fence: &Fence) -> Option<Fault> {
    let what = match (fence.info.as_deref(), fence.language()) {
        (None, _) => "an indented block has no language; put it between fences",
        (Some(_), "") => {
            "the fence names no language; add one, `text` if it is output"
        }
        (Some(mark), "rust") => wrong_with_rust(fence, mark)?,
        _ => {
            let mut shown = includes(fence).into_iter();
            let is_rust = shown.any(|(path, _)| path.ends_with(".rs"));
            is_rust.then_some(INCLUDED_RUST)?
        }
    };
    Some(page.source.fault(fence.line, what))
}

fn wrong_with_rust(fence: &Fence, mark: &str) -> Option<&'static str> {
    let includes = includes(fence);
    let is_typed = fence.body.lines().any(|line| {
        !line.trim().is_empty() && includes.iter().all(|(_, text)| text != line)
    });
    match mark {
        "rust" if includes.is_empty() => {
            let has_main = fence.body.contains("fn main()");
            (!has_main).then_some(
                "a `rust` fence is a whole program that skeptic runs; give \
                it a `fn main()`, or include the code from a listing in a \
                `rust,ignore` fence",
            )
        }
        "rust,ignore" => is_typed.then_some(
            "nothing compiles the Rust typed here; include it from a \
            listing, or make it a whole program in a `rust` fence",
        ),
        _ if includes.is_empty() => Some(
            "write `rust` for a whole program, which skeptic runs; it knows \
            no other mark",
        ),
        _ => Some(INCLUDED_RUST),
    }
}

fn commands(page: &Page, fence: &Fence) -> Vec<Fault> {
    let is_shell = SHELLS.contains(&fence.language());
    fence
        .lines()
        .filter(|(_, line)| is_shell && line.starts_with("$ "))
        .map(|(number, _)| {
            page.source.fault(
                number,
                "whoever copies this line copies the `$ ` too; leave the \
                prompt out, and put output in a `text` fence of its own",
            )
        })
        .collect()
}

/// The line above the fence names the file: its path in bold code, from the
/// repository's root or from the listing's folder.
fn file_name(page: &Page, fence: &Fence) -> Vec<Fault> {
    let above = line_above(&page.source, fence.line);
    let named = name_in(above);
    includes(fence)
        .iter()
        .filter_map(|(path, _)| resolve(&page.source.path, path))
        .filter_map(|path| match named {
            Some(named) if path == named => None,
            Some(named) if in_listing(&path) == Some(named) => None,
            // Output may stand without a name; a wrong name is still wrong.
            None if fence.language() == "text" => None,
            Some(named) => Some(format!(
                "the line above says {named}, but the fence shows {path}; \
                write **`{path}`**"
            )),
            None => Some(format!(
                "the listing has no file name; write **`{path}`** on the \
                line above"
            )),
        })
        .map(|what| page.source.fault(fence.line, what))
        .collect()
}

/// Path and text of each directive in the fence.
fn includes(fence: &Fence) -> Vec<(String, String)> {
    let body = Source {
        path: String::new(),
        text: fence.body.clone(),
    };
    directives(&body)
        .iter()
        .map(|found| (found.path.to_owned(), found.text.to_owned()))
        .collect()
}

fn line_above(source: &Source, line: usize) -> &str {
    source
        .lines()
        .take(line - 1)
        .filter(|(_, text)| !text.trim().is_empty())
        .last()
        .map_or("", |(_, text)| text)
}

/// `src/main.rs` in the line **`src/main.rs`**, which may be a link.
fn name_in(line: &str) -> Option<&str> {
    let bold = line.trim().strip_prefix("**")?;
    let code = bold.strip_prefix('[').unwrap_or(bold).strip_prefix('`')?;
    let (name, _) = code.split_once('`')?;
    bold.contains("**").then_some(name)
}

/// The path below the listing's own folder.
fn in_listing(path: &str) -> Option<&str> {
    let inside = path.strip_prefix(LISTINGS)?.strip_prefix('/')?;
    Some(inside.split_once('/')?.1)
}
