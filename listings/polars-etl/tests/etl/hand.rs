//! Small shops that are written by hand: three good orders, and what a test
//! adds to them.

use std::{fs, path::Path, sync::Arc};

use polars::prelude::{ArrowDataType, ArrowField, ArrowSchema, col};
use polars_arrow::{
    array::{Array, Float64Array, Int64Array, Utf8ViewArray},
    record_batch::RecordBatchT,
};
use polars_etl::{
    dataset::Dataset,
    etl::{self, Settings, Totals},
    valve::Valve,
};
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, RowGroupIterator,
    StatisticsOptions, Version, WriteOptions,
};
use tempfile::TempDir;

use crate::lab::{partials, run};

pub(crate) const HEAD: &str =
    "order_id,customer_id,product_id,quantity,price,day,coupon\n";

/// Worth 2000, 550 and 1650 cents.
pub(crate) const GOOD: &str = "1,1,1,2,10.00,2025-01-05,\n\
     2,2,2,1,5.50,2025-02-10,C1\n\
     3,1,2,3,5.50,2025-02-11,\n";

pub(crate) const CUSTOMERS: &str =
    "customer_id,country,email\n1,DE,a@example.com\n2,FR,b@example.com\n";

/// What the good orders add up to.
pub(crate) const SUMS: Totals = Totals {
    orders: 3,
    units: 6,
    revenue_cents: 4_200,
};

pub(crate) type Column = (&'static str, Box<dyn Array>);

/// Two products.
pub(crate) fn products() -> Vec<Column> {
    vec![
        ("product_id", Int64Array::from_slice([1, 2]).boxed()),
        ("category", texts(&["books", "tools"])),
        ("cost", Float64Array::from_slice([4.0, 2.0]).boxed()),
    ]
}

pub(crate) fn texts(texts: &[&str]) -> Box<dyn Array> {
    Utf8ViewArray::from_slice_values(texts).boxed()
}

/// A shop of nothing but good orders.
pub(crate) fn shop() -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    fs::create_dir(&input).unwrap();
    fs::write(input.join("orders.csv"), format!("{HEAD}{GOOD}")).unwrap();
    fs::write(input.join("customers.csv"), CUSTOMERS).unwrap();
    write(&input.join("products.parquet"), products());
    let settings = Settings {
        input,
        output: folder.path().join("output"),
        most_rejected: 0.99,
        memory: None,
        lineage: None,
    };
    (folder, settings)
}

/// A Parquet file of any types: also of those that Polars was built without.
pub(crate) fn write(path: &Path, columns: Vec<Column>) {
    let fields = columns.iter().map(|(name, values)| {
        ArrowField::new((*name).into(), values.dtype().clone(), true)
    });
    let schema = ArrowSchema::from_iter(fields);
    let options = WriteOptions {
        statistics: StatisticsOptions::empty(),
        version: Version::V1,
        compression: CompressionOptions::Uncompressed,
        data_page_size: None,
    };
    let rows = columns[0].1.len();
    let encoding = |(_, values): &Column| match values.dtype() {
        ArrowDataType::Dictionary(..) => vec![Encoding::RleDictionary],
        _ => vec![Encoding::Plain],
    };
    let encodings: Vec<_> = columns.iter().map(encoding).collect();
    let arrays = columns.into_iter().map(|(_, values)| values).collect();
    let batch = RecordBatchT::try_new(rows, Arc::new(schema.clone()), arrays);
    let groups = std::iter::once(batch);
    let groups =
        RowGroupIterator::try_new(groups, &schema, options, encodings.into());
    let file = fs::File::create(path).unwrap();
    let mut file = FileWriter::try_new(file, schema, options).unwrap();
    for group in groups.unwrap() {
        file.write(rows as u64, group.unwrap()).unwrap();
    }
    file.end(None).unwrap();
}

/// What the sales in `results` add up to, as readers find them.
pub(crate) fn published(results: &Path) -> Totals {
    let sales = Dataset::Sales.scan(results, &Valve::default()).unwrap();
    let names = ["orders", "units", "revenue_cents"];
    let sums = sales.select(names.map(|name| col(name).sum()));
    let sums = sums.collect().unwrap();
    let [orders, units, revenue_cents] = names.map(|name| {
        let sum = sums.column(name).unwrap().get(0).unwrap();
        sum.try_extract::<i64>().unwrap()
    });
    Totals {
        orders,
        units,
        revenue_cents,
    }
}

/// Runs a shop one of whose files is another, and expects an error that names
/// it, and no result.
pub(crate) fn refused(name: &str, content: impl AsRef<[u8]>) -> String {
    let (_folder, settings) = shop();
    fs::write(settings.input.join(name), content).unwrap();
    refusal(&settings, name)
}

/// Expects an error that names the file, and no result.
pub(crate) fn refusal(settings: &Settings, name: &str) -> String {
    let error = run(settings).unwrap_err();
    assert_eq!(etl::current(&settings.output).unwrap(), None);
    if settings.output.exists() {
        assert_eq!(partials(&settings.output), [""; 0]);
    }
    let said = error.to_string();
    assert!(said.contains(name), "{said}");
    said
}
