//! Tests whose subject belongs to the whole process.

use std::{
    env,
    process::{Command, exit},
};

const SCENE: &str = "PITFALLS_SCENE";
const PLAYED: &str = "pitfalls: the scene was played to its end";

/// Runs `scene` in a process of its own and returns what it wrote.
///
/// Globals and environment variables belong to a process, and `cargo test`
/// runs all tests of a file in one. So the test binary starts itself again,
/// for the test named `test` alone, with `variables` set; there this function
/// runs the scene and ends the process. A test calls it from one place.
///
/// # Panics
///
/// When the scene panics, or when no test has that name.
pub fn in_own_process(
    test: &str,
    variables: &[(&str, &str)],
    scene: impl FnOnce(),
) -> String {
    if env::var(SCENE).is_ok_and(|playing| playing == test) {
        scene();
        println!("{PLAYED}");
        exit(0);
    }
    let own_binary = env::current_exe().expect("the path of this test binary");
    let mut child = Command::new(own_binary);
    for (name, _) in env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"OTEL_") {
            child.env_remove(name);
        }
    }
    let output = child
        .args([test, "--exact", "--nocapture"])
        .env(SCENE, test)
        .envs(variables.iter().copied())
        .output()
        .expect("a second process of this test binary");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let written = format!("{stdout}\n{stderr}");
    let played = output.status.success() && written.contains(PLAYED);
    assert!(played, "{test} failed in its own process:\n{written}");
    written
}
