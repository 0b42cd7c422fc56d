//! Whatever is wrong: a clear error, and nothing half done.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use polars_etl::etl::{self, Settings};

use crate::lab::{partials, run, shop};

/// Runs on input that has been changed, and expects an error.
fn fails(change: impl FnOnce(&Path)) -> String {
    let (_folder, settings, _) = shop(500, 0);
    change(&settings.input);
    let error = run(&settings).unwrap_err();
    assert_no_result(&settings);
    error.to_string()
}

fn assert_no_result(settings: &Settings) {
    assert_eq!(etl::current(&settings.output).unwrap(), None);
    if settings.output.exists() {
        assert_eq!(partials(&settings.output), [""; 0]);
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    for name in ["orders.csv", "customers.csv", "products.parquet"] {
        let said = fails(|input| fs::remove_file(input.join(name)).unwrap());
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn an_empty_file_is_named() {
    for name in ["orders.csv", "customers.csv", "products.parquet"] {
        let said = fails(|input| {
            File::create(input.join(name)).unwrap();
        });
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn other_columns_are_refused_by_their_head() {
    let said = fails(|input| {
        let orders = input.join("orders.csv");
        fs::write(orders, "id,who\n1,ada\n").unwrap();
    });
    assert!(said.contains("its first line is order_id,"), "{said}");
    let said = fails(|input| {
        fs::write(input.join("customers.csv"), "id,who\n1,ada\n").unwrap();
    });
    assert!(said.contains("the column customer_id once"), "{said}");
}

#[test]
fn a_file_without_a_line_is_not_read_into_memory() {
    let said = fails(|input| {
        let orders = File::create(input.join("orders.csv")).unwrap();
        // A hole of a terabyte takes no room on disk.
        orders.set_len(1 << 40).unwrap();
    });
    assert!(said.contains("its first line is"), "{said}");
}

#[test]
fn a_truncated_file_is_refused() {
    let said = fails(|input| {
        let path = input.join("products.parquet");
        let size = fs::metadata(&path).unwrap().len();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(size / 2).unwrap();
    });
    assert!(said.contains("products.parquet"), "{said}");
}

#[test]
fn a_line_with_too_many_fields_is_refused() {
    let said = fails(|input| {
        let path = input.join("orders.csv");
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("1,2,3,4,5.00,2026-01-01,C1,and,more\n");
        fs::write(path, text).unwrap();
    });
    assert!(said.contains("extract"), "{said}");
}

#[test]
fn numbers_that_are_none_are_set_aside() {
    let (_folder, settings, _) = shop(100, 0);
    let path = settings.input.join("orders.csv");
    let mut text = fs::read_to_string(&path).unwrap();
    for price in ["NaN", "inf", "-1", "1e999", "1_000", ""] {
        let id = 1_000 + text.len();
        text.push_str(&format!("{id},1,1,1,{price},2026-01-01,\n"));
    }
    fs::write(path, text).unwrap();
    let summary = run(&settings).unwrap();
    assert_eq!(summary.rejected.by("price_impossible"), 6);
    assert_eq!(summary.rejected.total(), 6);
}

#[test]
fn a_disk_that_is_full_leaves_nothing_half_written() {
    let (_folder, settings, _) = shop(20_000, 0);
    // To the program, a limit for files looks like a full disk.
    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$0\" run \"$1\" \"$2\"";
    let ended = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_polars-etl")])
        .args([&settings.input, &settings.output])
        .env("OTEL_SDK_DISABLED", "true")
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("error: stage extract"), "{said}");
    assert_no_result(&settings);
}
