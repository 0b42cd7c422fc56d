//! The tables, made as the official generator makes them: text, with a bar
//! behind each field.

use std::{
    fmt::Display,
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    sync::{Arc, LazyLock},
};

use polars::prelude::{
    DataType, Field, LazyCsvReader, LazyFileListReader as _, LazyFrame,
    PlRefPath, Schema, col,
};
use tempfile::TempDir;
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator,
    PartGenerator, SupplierGenerator,
};

/// How large: a hundredth of a gigabyte.
const SCALE: f64 = 0.01;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "lineitem", LineItemGenerator::new(SCALE, 1, 1).iter());
    write(path, "orders", OrderGenerator::new(SCALE, 1, 1).iter());
    write(path, "customer", CustomerGenerator::new(SCALE, 1, 1).iter());
    write(path, "part", PartGenerator::new(SCALE, 1, 1).iter());
    write(path, "supplier", SupplierGenerator::new(SCALE, 1, 1).iter());
    write(path, "nation", NationGenerator::new(SCALE, 1, 1).iter());
    folder
});

fn write(folder: &Path, table: &str, rows: impl Iterator<Item = impl Display>) {
    let file = File::create(folder.join(table)).unwrap();
    let mut file = BufWriter::new(file);
    for row in rows {
        writeln!(file, "{row}").unwrap();
    }
    file.flush().unwrap();
}

/// What is in a column, by the last part of its name. What is none of these
/// is text.
fn kind(name: &str) -> DataType {
    let (_, name) = name.split_once('_').unwrap();
    match name {
        "orderkey" | "partkey" | "suppkey" | "custkey" | "nationkey"
        | "regionkey" | "linenumber" | "quantity" | "size" | "shippriority" => {
            DataType::Int64
        }
        "extendedprice" | "discount" | "tax" | "totalprice" | "acctbal"
        | "retailprice" => DataType::Float64,
        "shipdate" | "commitdate" | "receiptdate" | "orderdate" => {
            DataType::Date
        }
        _ => DataType::String,
    }
}

fn table(name: &str, columns: &[&str]) -> LazyFrame {
    let fields = columns.iter().map(|it| Field::new((*it).into(), kind(it)));
    // Each line ends with a bar.
    let end = Field::new("end".into(), DataType::String);
    let path = FOLDER.path().join(name);
    LazyCsvReader::new(PlRefPath::try_from_path(&path).unwrap())
        .with_has_header(false)
        .with_separator(b'|')
        .with_schema(Some(Arc::new(Schema::from_iter(fields.chain([end])))))
        .finish()
        .unwrap()
        .select(columns.iter().map(|name| col(*name)).collect::<Vec<_>>())
}

pub(crate) fn lineitem() -> LazyFrame {
    table(
        "lineitem",
        &[
            "l_orderkey",
            "l_partkey",
            "l_suppkey",
            "l_linenumber",
            "l_quantity",
            "l_extendedprice",
            "l_discount",
            "l_tax",
            "l_returnflag",
            "l_linestatus",
            "l_shipdate",
            "l_commitdate",
            "l_receiptdate",
            "l_shipinstruct",
            "l_shipmode",
            "l_comment",
        ],
    )
}

pub(crate) fn orders() -> LazyFrame {
    table(
        "orders",
        &[
            "o_orderkey",
            "o_custkey",
            "o_orderstatus",
            "o_totalprice",
            "o_orderdate",
            "o_orderpriority",
            "o_clerk",
            "o_shippriority",
            "o_comment",
        ],
    )
}

pub(crate) fn customer() -> LazyFrame {
    table(
        "customer",
        &[
            "c_custkey",
            "c_name",
            "c_address",
            "c_nationkey",
            "c_phone",
            "c_acctbal",
            "c_mktsegment",
            "c_comment",
        ],
    )
}

pub(crate) fn part() -> LazyFrame {
    table(
        "part",
        &[
            "p_partkey",
            "p_name",
            "p_mfgr",
            "p_brand",
            "p_type",
            "p_size",
            "p_container",
            "p_retailprice",
            "p_comment",
        ],
    )
}

pub(crate) fn supplier() -> LazyFrame {
    table(
        "supplier",
        &[
            "s_suppkey",
            "s_name",
            "s_address",
            "s_nationkey",
            "s_phone",
            "s_acctbal",
            "s_comment",
        ],
    )
}

pub(crate) fn nation() -> LazyFrame {
    table(
        "nation",
        &["n_nationkey", "n_name", "n_regionkey", "n_comment"],
    )
}
