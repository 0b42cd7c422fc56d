//! A shop's data, made up: the same seed gives the same files, byte for byte.
//!
//! Like real data it is skewed, has gaps, and some of its rows are wrong. How
//! many are wrong, and how, is known, so that a pipeline can be held to it.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use polars::prelude::{
    Column, DataFrame, NamedFrom, ParquetWriter, PolarsResult, Series,
};
use rand::{RngExt as _, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Shop {
    /// How many lines `orders.csv` has, but for its head.
    pub orders: u64,
    /// Where the numbers begin.
    pub seed: u64,
    /// How many of a thousand orders are wrong.
    pub bad_per_mille: u32,
}

/// How many rows are wrong, by what is wrong with them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize,
)]
pub struct Faults {
    /// There is no customer.
    pub customer_missing: u64,
    /// The product is not in `products.parquet`.
    pub product_unknown: u64,
    /// The quantity is negative.
    pub quantity_impossible: u64,
    /// The price is no number.
    pub price_impossible: u64,
    /// The day is in no calendar.
    pub day_impossible: u64,
    /// The order has been there before.
    pub order_repeated: u64,
}

impl Faults {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.customer_missing
            + self.product_unknown
            + self.quantity_impossible
            + self.price_impossible
            + self.day_impossible
            + self.order_repeated
    }
}

/// How many products there are.
pub const PRODUCTS: u64 = 200;

const COUNTRIES: [&str; 6] = ["AT", "CZ", "DE", "FR", "JP", "PT"];
const CATEGORIES: [&str; 5] = ["books", "garden", "kitchen", "light", "tools"];

impl Shop {
    /// How many customers there are.
    pub fn customers(&self) -> u64 {
        (self.orders / 20).max(10)
    }

    /// Writes `orders.csv`, `customers.csv` and `products.parquet` into
    /// `folder`, and says what is wrong with the orders.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> PolarsResult<Faults> {
        self.write_products(&folder.join("products.parquet"))?;
        self.write_customers(&folder.join("customers.csv"))?;
        Ok(self.write_orders(&folder.join("orders.csv"))?)
    }

    fn random(&self, table: u64) -> Pcg64Mcg {
        Pcg64Mcg::seed_from_u64(self.seed ^ (table << 32))
    }

    fn write_products(&self, path: &Path) -> PolarsResult<()> {
        let mut random = self.random(1);
        let ids: Vec<i64> = (1..=PRODUCTS.cast_signed()).collect();
        let categories: Vec<&str> = ids
            .iter()
            .map(|_| CATEGORIES[random.random_range(0..CATEGORIES.len())])
            .collect();
        let costs: Vec<f64> = ids
            .iter()
            .map(|_| f64::from(random.random_range(50..20_000)) / 100.0)
            .collect();
        let mut products = DataFrame::new(
            ids.len(),
            vec![
                Column::from(Series::new("product_id".into(), ids)),
                Column::from(Series::new("category".into(), categories)),
                Column::from(Series::new("cost".into(), costs)),
            ],
        )?;
        ParquetWriter::new(File::create(path)?).finish(&mut products)?;
        Ok(())
    }

    fn write_customers(&self, path: &Path) -> io::Result<()> {
        let mut random = self.random(2);
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(file, "customer_id,country,email")?;
        for id in 1..=self.customers() {
            let country = COUNTRIES[random.random_range(0..COUNTRIES.len())];
            writeln!(file, "{id},{country},customer-{id}@example.com")?;
        }
        file.flush()
    }

    fn write_orders(&self, path: &Path) -> io::Result<Faults> {
        let mut random = self.random(3);
        let mut faults = Faults::default();
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(
            file,
            "order_id,customer_id,product_id,quantity,price,day,coupon"
        )?;
        let mut last = None;
        for id in 1..=self.orders {
            let mut order = Order::draw(id, self.customers(), &mut random);
            if random.random_range(0..1_000) < self.bad_per_mille {
                order.spoil(&mut faults, last, &mut random);
            } else {
                last = Some(id);
            }
            order.write(&mut file)?;
        }
        file.flush()?;
        Ok(faults)
    }
}

struct Order {
    id: u64,
    customer: Option<u64>,
    product: u64,
    quantity: i64,
    /// In cents; `None` is something that is no number.
    price: Option<u64>,
    month: u32,
    day: u32,
    coupon: Option<u32>,
}

impl Order {
    fn draw(id: u64, customers: u64, random: &mut Pcg64Mcg) -> Self {
        // A few customers order often, and most of them hardly ever.
        let share: f64 = random.random();
        let customer = (share.powi(3) * customers as f64) as u64 + 1;
        Self {
            id,
            customer: Some(customer.min(customers)),
            product: random.random_range(1..=PRODUCTS),
            quantity: random.random_range(1..=9),
            price: Some(random.random_range(99..50_000)),
            month: random.random_range(1..=12),
            day: random.random_range(1..=28),
            coupon: random
                .random_bool(0.3)
                .then(|| random.random_range(1..=40)),
        }
    }

    /// Makes it wrong in exactly one way.
    fn spoil(
        &mut self,
        faults: &mut Faults,
        earlier: Option<u64>,
        random: &mut Pcg64Mcg,
    ) {
        match (random.random_range(0..6), earlier) {
            (0, Some(earlier)) => {
                self.id = earlier;
                faults.order_repeated += 1;
            }
            (1, _) => {
                self.product += PRODUCTS;
                faults.product_unknown += 1;
            }
            (2, _) => {
                self.quantity = -self.quantity;
                faults.quantity_impossible += 1;
            }
            (3, _) => {
                self.price = None;
                faults.price_impossible += 1;
            }
            (4, _) => {
                self.month += 12;
                faults.day_impossible += 1;
            }
            _ => {
                self.customer = None;
                faults.customer_missing += 1;
            }
        }
    }

    fn write(&self, file: &mut impl Write) -> io::Result<()> {
        let Self { id, product, .. } = self;
        write!(file, "{id},")?;
        if let Some(customer) = self.customer {
            write!(file, "{customer}")?;
        }
        write!(file, ",{product},{},", self.quantity)?;
        match self.price {
            Some(cents) => write!(file, "{}.{:02}", cents / 100, cents % 100)?,
            None => write!(file, "n/a")?,
        }
        write!(file, ",2026-{:02}-{:02},", self.month, self.day)?;
        match self.coupon {
            Some(coupon) => writeln!(file, "C{coupon}"),
            None => writeln!(file),
        }
    }
}
