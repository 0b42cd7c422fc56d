use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use walkdir::WalkDir;

use super::{
    links::{decode, has_scheme},
    none_seen,
};
use crate::{
    Book, Fault, Source,
    directive::escaped,
    html::{self, Tag},
    source::resolve,
};

/// Where a computer keeps its users' files.
const HOMES: [&str; 3] = ["/home/", "/Users/", "/root/"];

/// The built site in `folder` has all its directives carried out, no empty
/// code, no dead link or fragment, and no path of the computer it was built
/// on.
pub fn site(book: &Book, folder: &Path) -> Vec<Fault> {
    let pages = match Pages::read(folder) {
        Ok(pages) => pages,
        Err(fault) => return vec![fault],
    };
    let quoted: HashSet<&str> = book
        .pages
        .iter()
        .flat_map(|page| escaped(&page.source))
        .collect();
    let mut faults = Vec::new();
    for page in pages.0.values() {
        let source = &page.source;
        faults.extend(directives(source, &quoted));
        faults.extend(local_paths(source, book.root()));
        faults.extend(html::empty_code_blocks(&source.text).into_iter().map(
            |offset| {
                let line = source.line_at(offset);
                source.fault(
                    line,
                    "this code block is empty; see that its include names an \
                    anchor with code in it",
                )
            },
        ));
        let links = page.tags.iter();
        faults.extend(links.filter_map(|tag| pages.check(folder, page, tag)));
    }
    let tags = pages.0.values().flat_map(|page| &page.tags);
    let links = tags.filter(|tag| tag.target.is_some()).count();
    faults.extend(none_seen(links, "links of the site"));
    faults
}

struct PageOfSite {
    source: Source,
    tags: Vec<Tag>,
    /// Whether links start at the site's root, by `<base>`.
    has_base: bool,
}

struct Pages(BTreeMap<String, PageOfSite>);

impl Pages {
    fn read(folder: &Path) -> Result<Self, Fault> {
        let mut pages = BTreeMap::new();
        let is_html =
            |path: &Path| path.extension().is_some_and(|e| e == "html");
        let fault = |what: String| Fault {
            file: folder.display().to_string(),
            line: 1,
            what,
        };
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.map_err(|error| fault(error.to_string()))?;
            let Ok(path) = entry.path().strip_prefix(folder) else {
                continue;
            };
            if !is_html(path) {
                continue;
            }
            let path = path.to_string_lossy().into_owned();
            let source = Source::read(folder, &path)
                .map_err(|error| fault(error.to_string()))?;
            let tags = html::tags(&source.text);
            let has_base = tags.iter().any(|tag| tag.name == "base");
            let page = PageOfSite {
                source,
                tags,
                has_base,
            };
            pages.insert(path, page);
        }
        if pages.is_empty() {
            return Err(fault(
                "there is no page here; build the book with `scripts/build`"
                    .to_owned(),
            ));
        }
        Ok(Self(pages))
    }

    fn check(
        &self,
        folder: &Path,
        page: &PageOfSite,
        tag: &Tag,
    ) -> Option<Fault> {
        let target = tag.target.as_deref()?;
        if tag.name == "base" || has_scheme(target) {
            return None;
        }
        let what = self.wrong_with(folder, page, target)?;
        let line = page.source.line_at(tag.offset);
        Some(page.source.fault(line, format!("{target} {what}")))
    }

    /// What is wrong with an address on a page.
    fn wrong_with(
        &self,
        folder: &Path,
        page: &PageOfSite,
        target: &str,
    ) -> Option<&'static str> {
        if target.starts_with('/') {
            return Some(
                "breaks where the site is a folder of a host or of a disk; \
                start it at this page's folder",
            );
        }
        let (path, id) = target.split_once('#').unwrap_or((target, ""));
        let path = path.split('?').next().unwrap_or_default();
        let from = if page.has_base { "" } else { &page.source.path };
        let mut file = match path {
            "" => page.source.path.clone(),
            path => resolve(from, &decode(path)).unwrap_or_default(),
        };
        if folder.join(&file).is_dir() {
            file.push_str("/index.html");
        }
        if !folder.join(&file).is_file() {
            return Some(
                "leads to no file of the site; correct it in the page or the \
                theme",
            );
        }
        let id = decode(id);
        let known = self.0.get(&file).filter(|_| !id.is_empty())?;
        let mut ids = known.tags.iter().filter_map(|tag| tag.id.as_ref());
        (!ids.any(|known| *known == id)).then_some(
            "names no element of its page; correct it in the page or the \
            theme",
        )
    }
}

/// Directives left over, but for those a page means to show.
fn directives(source: &Source, quoted: &HashSet<&str>) -> Vec<Fault> {
    source
        .lines()
        .flat_map(|(number, line)| {
            let starts = line.match_indices("{{#");
            starts.map(move |(start, _)| (number, &line[start..]))
        })
        .filter(|(_, rest)| !quoted.iter().any(|text| rest.starts_with(text)))
        .map(|(number, rest)| {
            let text = rest.split_inclusive("}}").next().unwrap_or(rest);
            let what = format!(
                "mdBook left `{text}` as it stands; see that the file is \
                there"
            );
            source.fault(number, what)
        })
        .collect()
}

fn local_paths(source: &Source, root: &Path) -> Vec<Fault> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let root = root.display().to_string();
    html::words(&source.text)
        .into_iter()
        .filter(|(_, text)| {
            let has_home = text.split([' ', '\n', '"', '\'', '(', '=']).any(
                |word| HOMES.iter().any(|home| word.starts_with(home)),
            );
            has_home || text.contains(&root)
        })
        .map(|(offset, _)| {
            let what =
                "this names a folder of the computer it was made on; write a \
                path from the repository's root";
            source.fault(source.line_at(offset), what)
        })
        .collect()
}
