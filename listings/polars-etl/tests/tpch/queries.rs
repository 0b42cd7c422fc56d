//! The questions, by their text in the specification and with its validation
//! parameters, as lazy frames.

use polars::prelude::{
    DataType, Expr, JoinArgs, JoinType, LazyFrame, SortMultipleOptions, col,
    len, lit, when,
};

use crate::tables::{customer, lineitem, nation, orders, part, supplier};

fn day(text: &str) -> Expr {
    lit(text).cast(DataType::Date)
}

fn revenue() -> Expr {
    col("l_extendedprice") * (lit(1) - col("l_discount"))
}

fn sorted<const N: usize>(rows: LazyFrame, by: [(&str, bool); N]) -> LazyFrame {
    let descending = by.map(|(_, descending)| descending);
    let order = SortMultipleOptions::default();
    rows.sort(
        by.map(|(name, _)| name),
        order.with_order_descending_multi(descending),
    )
}

fn join(left: LazyFrame, right: LazyFrame, on: (&str, &str)) -> LazyFrame {
    left.join(
        right,
        [col(on.0)],
        [col(on.1)],
        JoinArgs::new(JoinType::Inner),
    )
}

pub(crate) fn q01() -> LazyFrame {
    let charge = revenue() * (lit(1) + col("l_tax"));
    let rows = lineitem()
        .filter(col("l_shipdate").lt_eq(day("1998-09-02")))
        .group_by([col("l_returnflag"), col("l_linestatus")])
        .agg([
            col("l_quantity").sum().alias("sum_qty"),
            col("l_extendedprice").sum().alias("sum_base_price"),
            revenue().sum().alias("sum_disc_price"),
            charge.sum().alias("sum_charge"),
            col("l_quantity").mean().alias("avg_qty"),
            col("l_extendedprice").mean().alias("avg_price"),
            col("l_discount").mean().alias("avg_disc"),
            len().alias("count_order"),
        ]);
    sorted(rows, [("l_returnflag", false), ("l_linestatus", false)])
}

pub(crate) fn q03() -> LazyFrame {
    let customers = customer().filter(col("c_mktsegment").eq(lit("BUILDING")));
    let until = orders().filter(col("o_orderdate").lt(day("1995-03-15")));
    let after = lineitem().filter(col("l_shipdate").gt(day("1995-03-15")));
    let rows = join(customers, until, ("c_custkey", "o_custkey"));
    let rows = join(rows, after, ("o_orderkey", "l_orderkey"))
        .group_by([
            col("o_orderkey").alias("l_orderkey"),
            col("o_orderdate"),
            col("o_shippriority"),
        ])
        .agg([revenue().sum().alias("revenue")])
        .select([
            col("l_orderkey"),
            col("revenue"),
            col("o_orderdate"),
            col("o_shippriority"),
        ]);
    sorted(rows, [("revenue", true), ("o_orderdate", false)]).limit(10)
}

pub(crate) fn q04() -> LazyFrame {
    let late = lineitem().filter(col("l_commitdate").lt(col("l_receiptdate")));
    let quarter = orders()
        .filter(col("o_orderdate").gt_eq(day("1993-07-01")))
        .filter(col("o_orderdate").lt(day("1993-10-01")));
    let rows = quarter
        .join(
            late,
            [col("o_orderkey")],
            [col("l_orderkey")],
            JoinArgs::new(JoinType::Semi),
        )
        .group_by([col("o_orderpriority")])
        .agg([len().alias("order_count")]);
    sorted(rows, [("o_orderpriority", false)])
}

pub(crate) fn q06() -> LazyFrame {
    // The discounts are decimals, and a sum of 0.05 and 0.01 is none.
    let about = col("l_discount").gt(lit(0.049));
    let six = about.and(col("l_discount").lt(lit(0.071)));
    lineitem()
        .filter(col("l_shipdate").gt_eq(day("1994-01-01")))
        .filter(col("l_shipdate").lt(day("1995-01-01")))
        .filter(six.and(col("l_quantity").lt(lit(24))))
        .select([(col("l_extendedprice") * col("l_discount"))
            .sum()
            .alias("revenue")])
}

pub(crate) fn q07() -> LazyFrame {
    let named =
        |name| nation().select([col("n_nationkey"), col("n_name").alias(name)]);
    let is = |one, other| {
        let from = col("supp_nation").eq(lit(one));
        from.and(col("cust_nation").eq(lit(other)))
    };
    let rows = lineitem()
        .filter(col("l_shipdate").gt_eq(day("1995-01-01")))
        .filter(col("l_shipdate").lt_eq(day("1996-12-31")));
    let rows = join(rows, supplier(), ("l_suppkey", "s_suppkey"));
    let rows = join(rows, orders(), ("l_orderkey", "o_orderkey"));
    let rows = join(rows, customer(), ("o_custkey", "c_custkey"));
    let rows = join(rows, named("supp_nation"), ("s_nationkey", "n_nationkey"));
    let rows = join(rows, named("cust_nation"), ("c_nationkey", "n_nationkey"))
        .filter(is("FRANCE", "GERMANY").or(is("GERMANY", "FRANCE")))
        .group_by([
            col("supp_nation"),
            col("cust_nation"),
            col("l_shipdate").dt().year().alias("l_year"),
        ])
        .agg([revenue().sum().alias("revenue")]);
    sorted(
        rows,
        [
            ("supp_nation", false),
            ("cust_nation", false),
            ("l_year", false),
        ],
    )
}

pub(crate) fn q14() -> LazyFrame {
    let is_promotion = col("p_type").str().starts_with(lit("PROMO"));
    let promoted = when(is_promotion).then(revenue()).otherwise(lit(0.0));
    let month = lineitem()
        .filter(col("l_shipdate").gt_eq(day("1995-09-01")))
        .filter(col("l_shipdate").lt(day("1995-10-01")));
    join(month, part(), ("l_partkey", "p_partkey"))
        .select([(lit(100.0) * promoted.sum() / revenue().sum())
            .alias("promo_revenue")])
}

pub(crate) fn q18() -> LazyFrame {
    let large = lineitem()
        .group_by([col("l_orderkey")])
        .agg([col("l_quantity").sum().alias("sum(l_quantity)")])
        .filter(col("sum(l_quantity)").gt(lit(300)));
    let rows = join(orders(), large, ("o_orderkey", "l_orderkey"));
    let rows = join(rows, customer(), ("o_custkey", "c_custkey")).select([
        col("c_name"),
        col("o_custkey").alias("c_custkey"),
        col("o_orderkey"),
        col("o_orderdate"),
        col("o_totalprice"),
        col("sum(l_quantity)"),
    ]);
    sorted(rows, [("o_totalprice", true), ("o_orderdate", false)]).limit(100)
}

pub(crate) fn q19() -> LazyFrame {
    let one = |brand: &str, size: &str, kinds: [&str; 4], least: i64, most| {
        let container = kinds.map(|kind| format!("{size} {kind}"));
        let is_container = container
            .iter()
            .map(|name| col("p_container").eq(lit(name.as_str())))
            .reduce(Expr::or)
            .unwrap();
        let quantity = col("l_quantity")
            .gt_eq(lit(least))
            .and(col("l_quantity").lt_eq(lit(least + 10)));
        let size = col("p_size").gt_eq(lit(1));
        col("p_brand")
            .eq(lit(brand))
            .and(is_container)
            .and(quantity)
            .and(size.and(col("p_size").lt_eq(lit::<i64>(most))))
    };
    let air = col("l_shipmode").eq(lit("AIR"));
    let in_person = col("l_shipinstruct").eq(lit("DELIVER IN PERSON"));
    let rows = lineitem()
        .filter(air.or(col("l_shipmode").eq(lit("AIR REG"))))
        .filter(in_person);
    let any = one("Brand#12", "SM", ["CASE", "BOX", "PACK", "PKG"], 1, 5)
        .or(one(
            "Brand#23",
            "MED",
            ["BAG", "BOX", "PKG", "PACK"],
            10,
            10,
        ))
        .or(one(
            "Brand#34",
            "LG",
            ["CASE", "BOX", "PACK", "PKG"],
            20,
            15,
        ));
    join(rows, part(), ("l_partkey", "p_partkey"))
        .filter(any)
        .select([revenue().sum().alias("revenue")])
}
