//! A run that is killed anywhere goes on where it was.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use polars_etl::etl;

use crate::lab::{partials, shop};

fn start(input: &Path, output: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_polars-etl"))
        .arg("run")
        .args([input, output])
        .env("OTEL_SDK_DISABLED", "true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// All files below `folder`, with what is in them.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(content(&path));
        } else {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

/// The files with the sales, by their place below the folder.
fn sales(output: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let sales = etl::current(output).unwrap().unwrap().join("sales");
    let files = content(&sales).into_iter();
    let files = files.map(|(path, bytes)| {
        (path.strip_prefix(&sales).unwrap().to_owned(), bytes)
    });
    files.collect()
}

// ANCHOR: killed
#[test]
fn killed_at_twenty_moments_it_ends_with_the_same_sales() {
    let (_folder, settings, _) = shop(20_000, 20);
    let (input, output) = (&settings.input, &settings.output);
    // Undisturbed, elsewhere: what must come out, and how long it takes.
    let elsewhere = output.with_file_name("undisturbed");
    let clock = Instant::now();
    assert!(start(input, &elsewhere).wait().unwrap().success());
    let step = clock.elapsed() / 20;
    // Each time a step later, and from the beginning when a run has ended
    // before: however busy the machine is, twenty are killed.
    let (mut killed, mut moment) = (0, Duration::ZERO);
    while killed < 20 {
        let mut run = start(input, output);
        thread::sleep(moment);
        let is_running = run.try_wait().unwrap().is_none();
        run.kill().unwrap();
        run.wait().unwrap();
        killed += u32::from(is_running);
        moment += step;
        let is_published = etl::current(output).unwrap().is_some();
        assert!(is_running || is_published, "it has failed");
        // A reader meanwhile sees all of it or nothing.
        if is_published {
            assert!(sales(output) == sales(&elsewhere));
            fs::remove_dir_all(output).unwrap();
            moment = Duration::ZERO;
        }
    }
    assert!(start(input, output).wait().unwrap().success());
    // Not `assert_eq`, which would print all of it.
    assert!(sales(output) == sales(&elsewhere));
    assert_eq!(partials(output), [""; 0]);
}
// ANCHOR_END: killed
