"""Complexity indices of generated trade: time and peak memory, side by side with the package `ecomplexity` where it is there.

The data are simulated (seeded): economies differ in how many products they can make, products in how much they ask, so that
the table of advantages is nested as that of real trade is. They say nothing about the world.

    python benchmarks/bench_complexity.py                        225 economies, 5,000 products: one year, and 28 in one call
    python benchmarks/bench_complexity.py --peer                 the same year with ecomplexity, if it is installed (half a minute)
    python benchmarks/bench_complexity.py --products 1000 --peer --years 2

The peer is no dependency: install it in an environment of its own (`pip install ecomplexity==0.5.3`), beside this package.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import metrics


def simulated_exports(economies: int, products: int, years: int, seed: int = 2015) -> pd.DataFrame:
    """Simulate exports: a product is exported with a probability that falls with what it asks and rises with what is there."""
    draw = np.random.default_rng(seed)
    able = draw.normal(size=economies)
    asks = draw.normal(size=products)
    size = draw.lognormal(sigma=1.5, size=economies)
    tables = []
    for year in range(years):
        likely = 1 / (1 + np.exp(-1.5 * (able[:, None] - asks[None, :]) + 0.5))
        row, column = np.nonzero(draw.random((economies, products)) < likely)
        value = size[row] * draw.lognormal(sigma=2.0, size=len(row))
        tables.append((np.full(len(row), 1996 + year), row, column, value))
    year_, row, column, value = (np.concatenate(parts) for parts in zip(*tables, strict=True))
    names = [f"E{number:03d}" for number in range(economies)]
    codes = [f"{number:06d}" for number in range(products)]
    return pd.DataFrame(
        {
            "year": year_,
            "exporter": pd.Categorical.from_codes(row, pd.Index(names)),
            "product": pd.Categorical.from_codes(column, pd.Index(codes)),
            "value": value,
        }
    )


def seconds(call: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Median time of a call, and what it returned last."""
    times, result = [], None
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return statistics.median(times), result


def report(what: str, took: float, note: str = "") -> None:
    """Print one line, with the largest memory of the process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<58}{took:>10.3f} s   peak so far {peak:,.0f} MB   {note}", flush=True)


def peer(exports: pd.DataFrame) -> pd.DataFrame:
    """Indices by ecomplexity, without its check of log-supermodularity, which is not part of the index."""
    from ecomplexity import ecomplexity

    plain = exports.astype({"exporter": object, "product": object})
    columns = {"time": "year", "loc": "exporter", "prod": "product", "val": "value"}
    with contextlib.redirect_stdout(io.StringIO()):
        return ecomplexity(plain, columns, check_logsupermodularity=False, verbose=False)


def agreement(mine: pd.DataFrame, theirs: pd.DataFrame, keys: list[str], name: str) -> str:
    """Correlation and largest difference of one index."""
    other = theirs.drop_duplicates(keys)[[*keys, name]].astype(dict.fromkeys(keys, str))
    both = mine.astype(dict.fromkeys(keys, str)).merge(other, on=keys, suffixes=("", "_peer")).dropna()
    apart = (both[name] - both[f"{name}_peer"]).abs().max()
    correlation = np.corrcoef(both[name], both[f"{name}_peer"])[0, 1]
    return f"{name}: {len(both)} pairs, correlation {correlation:.15f}, largest difference {apart:.2e}"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Complexity indices of generated trade.")
    parser.add_argument("--economies", type=int, default=225)
    parser.add_argument("--products", type=int, default=5000)
    parser.add_argument("--years", type=int, default=28, help="years of the call with many (0: none)")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--peer", action="store_true", help="run ecomplexity on one year too")
    options = parser.parse_args()
    one = simulated_exports(options.economies, options.products, 1)
    size = f"{options.economies} x {options.products}"
    print(f"simulated exports, {size}, {len(one):,} rows a year")
    took, economies = seconds(lambda: metrics.complexity(one), options.repeat)
    report(f"complexity, {size}, 1 year", took)
    both, products = seconds(lambda: metrics.product_complexity(one, scale="economies"), options.repeat)
    report(f"product_complexity, {size}, 1 year", both)
    near, dense = seconds(lambda: metrics.density(one), min(options.repeat, 3))
    report(f"density (proximities in it), {size}, 1 year", near)
    if options.years:
        many = simulated_exports(options.economies, options.products, options.years)
        all_years, _ = seconds(lambda: metrics.complexity(many), 1)
        report(f"complexity, {size}, {options.years} years in one call", all_years, f"{len(many):,} rows")
        del many
    if not options.peer:
        return 0
    if importlib.util.find_spec("ecomplexity") is None:
        print("ecomplexity is not installed: no comparison")
        return 0
    theirs, found = seconds(lambda: peer(one), 1)
    report(f"ecomplexity (ECI, PCI, density, outlook), {size}, 1 year", theirs)
    print(
        f"ratio to complexity {theirs / took:,.0f}, to complexity, product_complexity and density {theirs / (took + both + near):,.0f}"
    )
    print(agreement(economies, found, ["exporter"], "eci"))
    print(agreement(products, found, ["product"], "pci"))
    print(agreement(dense, found, ["exporter", "product"], "density"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
