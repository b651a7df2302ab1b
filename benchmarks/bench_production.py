"""Production functions: agreement, the Monte Carlo design of Ackerberg, Caves & Frazer (2015), and the time of the bootstrap.

    python benchmarks/bench_production.py                     Monte Carlo with 100 panels, then the bootstrap of 500 draws
    python benchmarks/bench_production.py --panels 0          the bootstrap alone
    MIC2025LAB_MIRROR=... python benchmarks/bench_production.py    on the Chilean plants too, beside R's prodest 1.0.1

The plain loop that the bootstrap is compared with does for each draw what a person would write: rows of the firms drawn, the polynomial, numpy's
least squares, lags by firm, and scipy's minimizer on the concentrated criterion from the same start. Its time a draw is the median over
``--loop`` draws. R's figures (15 ms a draw for LP, 84 for ACF, one thread, another machine state) are from the project's notes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from acf_design import acf_design
from scipy.optimize import minimize

from mic2025lab.models import production_function
from mic2025lab.models._polynomial import monomials, powers

R_MILLISECONDS = {"lp": 15.0, "acf": 84.0}
LOGS = {"output": "y", "free": "labor", "state": "capital", "proxy": "materials", "logs": True}


def monte_carlo(panels: int, degree: int) -> None:
    """Mean and standard deviation of every method over panels of the designs 1 and 2."""
    print(
        f"Monte Carlo, ACF (2015) designs, {panels} panels of 1,000 firms and 10 years; true labor 0.6, capital 0.4 (simulated)"
    )
    methods = {
        "ols": {}, "fe": {}, "op": {"proxy": "investment"}, "lp": {}, "acf": {}, "wooldridge": {},
        "wooldridge (second)": {"wooldridge_equations": "second"},
    }  # fmt: skip
    for design in (1, 2):
        found: dict[str, list[np.ndarray]] = {name: [] for name in methods}
        for seed in range(panels):
            table = acf_design(design=design, seed=seed)
            for name, options in methods.items():
                fit = production_function(
                    table, method=name.split()[0], degree=degree, draws=0, **{**LOGS, **options}
                )
                found[name].append(fit.estimate.to_numpy())
        for name, values in found.items():
            mean, spread = np.mean(values, axis=0), np.std(values, axis=0, ddof=1)
            print(
                f"  design {design} {name:<20} labor {mean[0]:7.3f} ({spread[0]:.3f})  capital {mean[1]:7.3f} ({spread[1]:.3f})",
                flush=True,
            )


class Loop:
    """The plain loop: one draw at a time, on arrays of the rows drawn."""

    def __init__(
        self, table: pd.DataFrame, columns: dict, degree: int, start: np.ndarray, method: str
    ) -> None:
        table = table.sort_values([columns["firm"], columns["year"]])
        self.rows = [
            np.array(index)
            for index in table.reset_index(drop=True).groupby(columns["firm"]).indices.values()
        ]
        free = columns["free"] if isinstance(columns["free"], list) else [columns["free"]]
        self.y, self.free = table[columns["output"]].to_numpy(), table[free].to_numpy()
        self.k, self.p = table[[columns["state"]]].to_numpy(), table[[columns["proxy"]]].to_numpy()
        self.year, self.degree, self.start, self.method = (
            table[columns["year"]].to_numpy(),
            degree,
            start,
            method,
        )

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Estimate on one resample of firms."""
        picked = rng.integers(len(self.rows), size=len(self.rows))
        index = np.concatenate([self.rows[one] for one in picked])
        firm = np.repeat(np.arange(len(picked)), [len(self.rows[one]) for one in picked])
        y, free, k, p, year = (a[index] for a in (self.y, self.free, self.k, self.p, self.year))
        now = np.flatnonzero((firm[1:] == firm[:-1]) & (year[1:] == year[:-1] + 1)) + 1
        both = self.method == "acf"
        inputs = np.column_stack([*([free] if both else []), k, p])
        terms = monomials(inputs, powers(inputs.shape[1], self.degree))
        x = terms if both else np.column_stack([terms, free])
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        phi = terms @ beta[: terms.shape[1]]
        b = np.empty(0) if both else beta[terms.shape[1] :]
        own = np.column_stack([free, k]) if both else k
        level = phi if both else y - free @ b
        z = np.column_stack([free[now - 1], k[now]])
        weight = np.linalg.inv(z.T @ z)

        def criterion(theta: np.ndarray) -> float:
            omega, lag = level[now] - own[now] @ theta, phi[now - 1] - own[now - 1] @ theta
            markov = np.vander(lag, 4)
            xi = omega - markov @ np.linalg.lstsq(markov, omega, rcond=None)[0]
            moments = z.T @ xi
            return float(moments @ weight @ moments) if both else float(xi @ xi)

        return np.concatenate([b, minimize(criterion, self.start, method="BFGS").x])


def seconds(call: Callable[[], object], repeat: int) -> float:
    """Median time of a call."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def bootstrap(name: str, table: pd.DataFrame, columns: dict, degree: int, draws: int, loop: int) -> None:
    """Time of the bootstrap, against the plain loop and R."""
    print(f"bootstrap of {draws} draws, {name}: {len(table):,} rows, polynomial of degree {degree}")
    for method in ("lp", "acf"):
        options = {**columns, "method": method, "degree": degree}
        point = production_function(table, draws=0, **options)
        alone = seconds(partial(production_function, table, draws=0, **options), 3)
        here = seconds(partial(production_function, table, draws=draws, **options), 3)
        with ProcessPoolExecutor(2) as two:
            production_function(table, draws=64, executor=two, **options)  # the processes start and import
            both = seconds(partial(production_function, table, draws=draws, executor=two, **options), 3)
        n_first = 0 if method == "acf" else len(np.atleast_1d(columns["free"]))
        plain = Loop(table, columns, degree, point.estimate.to_numpy()[n_first:], method)
        rng = np.random.default_rng(1)
        one = seconds(partial(plain.draw, rng), loop)
        print(
            f"  {method:<4} estimate {alone:.3f} s; {draws} draws {here:.2f} s ({1000 * here / draws:.2f} ms a draw), two processes {both:.2f} s; "
            f"plain loop {1000 * one:.1f} ms a draw: {one * draws / here:.0f} times, {one * draws / both:.0f} with two processes; "
            f"R {R_MILLISECONDS[method]:.0f} ms: {R_MILLISECONDS[method] * draws / 1000 / here:.0f} times",
            flush=True,
        )


def chile(folder: Path) -> tuple[pd.DataFrame, dict]:
    """Chilean plants, and the agreement with R's prodest."""
    table = pd.read_csv(folder / "plants-chile" / "chilean.csv")
    columns = {
        "output": "Y",
        "free": ["fX1", "fX2"],
        "state": "sX",
        "firm": "idvar",
        "year": "timevar",
        "logs": True,
    }
    theirs = {"ols": "0.4579 0.3652 0.3206", "op": "0.3143 0.2556 0.1675", "lp": "0.1985 0.1694 0.1165"}
    print("Chilean plants, degree 2 (fX1, fX2, sX); prodest 1.0.1 beside it")
    for method, proxy in (
        ("ols", None),
        ("fe", None),
        ("op", "inv"),
        ("lp", "pX"),
        ("wooldridge", "pX"),
        ("acf", "pX"),
    ):
        fit = production_function(table, method=method, proxy=proxy, degree=2, draws=0, **columns)
        print(
            f"  {method:<11}{' '.join(f'{value:.4f}' for value in fit.estimate)}   {theirs.get(method, '')}"
        )
    return table, {**columns, "proxy": "pX"}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Production functions.")
    parser.add_argument("--panels", type=int, default=100)
    parser.add_argument("--degree", type=int, default=2)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--loop", type=int, default=20, help="draws of the plain loop that are timed")
    options = parser.parse_args()
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{os.cpu_count()} processors, load {load}, BLAS threads {os.environ.get('OPENBLAS_NUM_THREADS', 'default')}"
    )
    if options.panels > 1:
        monte_carlo(options.panels, options.degree)
    mirror = os.environ.get("MIC2025LAB_MIRROR")
    if mirror:
        bootstrap("Chilean plants", *chile(Path(mirror)), options.degree, options.draws, options.loop)
    simulated = acf_design(n_firms=500, n_years=6)
    bootstrap(
        "simulated",
        simulated,
        {**LOGS, "firm": "firm", "year": "year"},
        options.degree,
        options.draws,
        options.loop,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
