"""The same queries in Python: `peers.py polars-py` or `peers.py pandas`.

Reads orders, one a line, and answers each with a line: seconds, rows, and the
sum of the last column.
"""

import sys
import time


class PolarsPy:
    def __init__(self):
        import polars

        self.pl = polars
        self.held = None

    def load(self, path):
        self.held = self.pl.read_parquet(path)
        return self.pl.DataFrame()

    def read(self, path):
        return self.pl.read_csv(path)

    def query(self, name, path):
        pl, col = self.pl, self.pl.col
        if path:
            rows = pl.scan_csv(path)
            return self.groups(rows).collect(engine="streaming")
        rows = self.held.lazy()
        by = lambda *names: rows.group_by(names)
        queries = {
            "q1": lambda: by("id1").agg(col("v1").sum()),
            "q2": lambda: by("id1", "id2").agg(col("v1").sum()),
            "q3": lambda: by("id3").agg(col("v1").sum(), col("v3").mean()),
            "q4": lambda: by("id4").agg(col("v1", "v2", "v3").mean()),
            "q5": lambda: by("id6").agg(col("v1", "v2", "v3").sum()),
            "q6": lambda: by("id4", "id5").agg(
                col("v3").median().alias("median"),
                col("v3").std().alias("deviation"),
            ),
            "q7": lambda: by("id3").agg(
                (col("v1").max() - col("v2").min()).alias("range")
            ),
            "q8": lambda: by("id6").agg(col("v3").top_k(2)).explode("v3"),
            "q9": lambda: by("id2", "id4").agg(
                (pl.corr("v1", "v2") ** 2).alias("r2")
            ),
            "q10": lambda: by("id1", "id2", "id3", "id4", "id5", "id6").agg(
                col("v3").sum(), pl.len().alias("count")
            ),
            "filter": lambda: rows.filter(col("v3") > 50),
            "fused": lambda: rows.filter(col("v3") > 50).select(
                col("v1").sum()
            ),
        }
        return queries[name]().collect()

    def groups(self, rows):
        col = self.pl.col
        return rows.filter(col("v3") > 50).group_by("id4").agg(col("v1").sum())

    def check(self, frame):
        if frame.width == 0:
            return 0, 0.0
        last = frame.to_series(frame.width - 1)
        is_number = last.dtype.is_numeric()
        return frame.height, (last.sum() or 0) if is_number else 0.0


class Pandas:
    def __init__(self):
        import pandas

        self.pd = pandas
        self.held = None

    def load(self, path):
        self.held = self.pd.read_parquet(path)
        return self.pd.DataFrame()

    def read(self, path):
        return self.pd.read_csv(path)

    def query(self, name, path):
        if path:
            rows = self.pd.read_csv(path, usecols=["id4", "v1", "v3"])
            rows = rows[rows["v3"] > 50]
            return rows.groupby("id4", as_index=False).agg({"v1": "sum"})
        rows = self.held
        by = lambda *names: rows.groupby(
            list(names), as_index=False, sort=False, observed=True
        )
        queries = {
            "q1": lambda: by("id1").agg({"v1": "sum"}),
            "q2": lambda: by("id1", "id2").agg({"v1": "sum"}),
            "q3": lambda: by("id3").agg({"v1": "sum", "v3": "mean"}),
            "q4": lambda: by("id4").agg(
                {"v1": "mean", "v2": "mean", "v3": "mean"}
            ),
            "q5": lambda: by("id6").agg({"v1": "sum", "v2": "sum", "v3": "sum"}),
            "q6": lambda: by("id4", "id5").agg(
                median=("v3", "median"), deviation=("v3", "std")
            ),
            "q7": lambda: self.range(by("id3")),
            "q8": lambda: (
                rows[["id6", "v3"]]
                .sort_values("v3", ascending=False)
                .groupby("id6", sort=False)
                .head(2)
            ),
            "q9": self.correlation,
            "q10": lambda: by("id1", "id2", "id3", "id4", "id5", "id6").agg(
                v3=("v3", "sum"), count=("v1", "size")
            ),
            "filter": lambda: rows[rows["v3"] > 50],
            "fused": lambda: rows.loc[rows["v3"] > 50, ["v1"]].sum().to_frame(),
        }
        return queries[name]()

    def range(self, groups):
        found = groups.agg({"v1": "max", "v2": "min"})
        return found.assign(range=found["v1"] - found["v2"])

    def correlation(self):
        """By sums, as somebody who knows pandas would: `apply` is slower."""
        rows = self.held
        pairs = rows[["id2", "id4", "v1", "v2"]].assign(
            xy=rows["v1"] * rows["v2"],
            xx=rows["v1"] * rows["v1"],
            yy=rows["v2"] * rows["v2"],
            n=1,
        )
        s = pairs.groupby(["id2", "id4"], as_index=False, sort=False).sum()
        over = s["n"] * s["xy"] - s["v1"] * s["v2"]
        under = (s["n"] * s["xx"] - s["v1"] ** 2) * (
            s["n"] * s["yy"] - s["v2"] ** 2
        )
        return s[["id2", "id4"]].assign(r2=over**2 / under)

    def check(self, frame):
        if frame.shape[1] == 0:
            return 0, 0.0
        last = frame.iloc[:, -1]
        return len(frame), last.sum()


def main():
    peer = {"polars-py": PolarsPy, "pandas": Pandas}[sys.argv[1]]()
    print("ready", flush=True)
    for line in sys.stdin:
        order, _, path = line.strip().partition(" ")
        clock = time.perf_counter()
        if order == "load":
            answer = peer.load(path)
        elif order == "read":
            answer = peer.read(path)
        else:
            answer = peer.query(order, path)
        seconds = time.perf_counter() - clock
        rows, total = peer.check(answer)
        print(f"{seconds} {rows} {float(total):.1f}", flush=True)


main()
