use book::checks::site;

use crate::small_book::{SmallBook, assert_same};

/// A site of two pages with nothing wrong.
const INDEX: &str = r##"<!doctype html>
<link rel="stylesheet" href="style.css?v=1">
<h1 id="top">The small book</h1>
<p><a href="bakery/index.html#dough">The bakery</a>, also called
<a href="bakery/">bakery</a>, and <a href="#top">the top</a>.
<a href="https://opentelemetry.io">OpenTelemetry</a>
<pre><code>{{#include FILE}}</code></pre>
<script>if (1 < 2) { document.write("<a href='x'>"); }</script>
"##;
const BAKERY: &str = r#"<h1 id="dough">Dough</h1>
<a href="../index.html#top">Up</a>
"#;
const NOT_FOUND: &str = r#"<base href="/book/">
<a href="bakery/index.html">The bakery</a>
"#;

#[track_caller]
fn assert_faults(from: &str, to: &str, expected: &[&str]) {
    let book = SmallBook::new();
    assert!(INDEX.contains(from));
    book.write("site/index.html", &INDEX.replacen(from, to, 1));
    book.write("site/bakery/index.html", BAKERY);
    book.write("site/404.html", NOT_FOUND);
    book.write("site/style.css", "");
    assert_same(site(&book.open(), &book.path().join("site")), expected);
}

#[test]
fn a_site_with_nothing_wrong() {
    assert_faults("book", "book", &[]);
}

#[test]
fn a_directive_that_mdbook_left() {
    assert_faults(
        "{{#include FILE}}",
        "{{#include FILES}}",
        &["index.html:7: mdBook left `{{#include FILES}}` as it stands"],
    );
}

#[test]
fn an_empty_code_block() {
    assert_faults(
        "{{#include FILE}}",
        "<span>\n</span>",
        &["index.html:7: this code block is empty"],
    );
}

#[test]
fn a_link_to_a_file_that_is_not_there() {
    assert_faults(
        "bakery/index.html",
        "bakery.html",
        &["index.html:4: bakery.html#dough leads to no file of the site"],
    );
    assert_faults(
        "style.css",
        "styles.css",
        &["index.html:2: styles.css?v=1 leads to no file of the site"],
    );
}

#[test]
fn a_link_to_an_element_that_is_not_there() {
    assert_faults(
        "html#dough",
        "html#bread",
        &["index.html:4: bakery/index.html#bread names no element"],
    );
    assert_faults(
        "href=\"#top\"",
        "href=\"#bottom\"",
        &["index.html:5: #bottom names no element"],
    );
}

#[test]
fn a_link_that_breaks_in_a_folder() {
    assert_faults(
        "\"bakery/\"",
        "\"/bakery/\"",
        &["index.html:5: /bakery/ breaks where the site is a folder"],
    );
}

#[test]
fn a_path_of_this_computer() {
    assert_faults(
        "and <a",
        "in /home/baker/book, and <a",
        &["index.html:5: this names a folder of the computer"],
    );
}

#[test]
fn no_site() {
    let book = SmallBook::new();
    let folder = book.path().join("listings");
    let expected = format!("{}:1: there is no page here", folder.display());
    assert_same(site(&book.open(), &folder), &[&expected]);
}
