//! Tells `checks::programs` for which machine to compile, and gives it the
//! `OUT_DIR` by which skeptic finds the target directory.

fn main() -> Result<(), std::env::VarError> {
    println!("cargo::rustc-env=TARGET={}", std::env::var("TARGET")?);
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
