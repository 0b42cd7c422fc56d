use super::none_seen;
use crate::{Book, Fault, guide_tables};

/// The tables of guides say what the manifests of the listings say.
///
/// `UPDATE_GOLDEN=1 cargo test --package book` writes them anew.
pub fn tables(book: &Book) -> Vec<Fault> {
    let made = match guide_tables(book) {
        Ok(made) => made,
        Err(fault) => return vec![fault],
    };
    let rows = made.iter().map(|made| made.text.matches("\n| [").count());
    let unseen = none_seen(rows.sum(), "guides for a table");
    made.iter()
        .filter_map(|made| {
            stale(
                book,
                &made.path,
                &made.text,
                "the manifests of listings say",
            )
        })
        .chain(unseen)
        .collect()
}

/// The first line in which a file is not what it would be if it were made now.
pub(super) fn stale(
    book: &Book,
    path: &str,
    made: &str,
    truth: &str,
) -> Option<Fault> {
    let written = book.file(path).unwrap_or_default().text;
    if written == made {
        return None;
    }
    let lines = made.lines().zip(written.lines());
    let same = lines.take_while(|(made, written)| made == written).count();
    let line_of = |text: &str| {
        let line = text.lines().nth(same).unwrap_or("nothing more");
        format!("“{line}”")
    };
    Some(Fault {
        file: path.to_owned(),
        line: same + 1,
        what: format!(
            "says {}, but {truth} {}; run `UPDATE_GOLDEN=1 cargo test \
            --package book`",
            line_of(&written),
            line_of(made)
        ),
    })
}
