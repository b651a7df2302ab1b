"""How often tests reject what is true, and intervals cover what is true, in simulations with a seed.

    python benchmarks/bench_sizes.py                        all of them, some minutes
    python benchmarks/bench_sizes.py gain --samples 200     one, with other numbers of samples

Each line has the nominal rate, the rate found, and the number of samples. Docstrings of the models quote these and say what they mean.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from mic2025lab.metrics import pace
from mic2025lab.models import event_study, hsieh_klenow, sup_f, synthetic_control
from mic2025lab.models._annual_series import draw

SEED = 2025
Line = tuple[str, float, float, int]
Random = np.random.Generator


def long(y: np.ndarray, first: int) -> pd.DataFrame:
    """A row a unit (0, 1, ...) and year."""
    units, years = y.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), years),
            "year": np.tile(np.arange(first, first + years), units),
            "value": y.ravel(),
        }
    )


def leads(samples: int) -> Iterator[Line]:
    """Joint test of the leads of an event study; all units are random walks, and nothing differs before the date."""
    for units, treated, number in ((9, 3, 7), (12, 4, 10), (30, 10, 7), (9, 3, 8)):
        rng, rejected = np.random.default_rng(SEED), 0
        for _ in range(samples):
            y = rng.standard_normal((units, number + 4)).cumsum(axis=1)
            study = event_study(
                long(y, 2015 - number), of="unit", treated=range(treated), inference="t", draws=999
            )
            rejected += study.leads.p_value <= 0.05
        yield f"{units} units, {treated} treated, {number} leads", 0.05, rejected / samples, samples


def smallest(samples: int) -> Iterator[Line]:
    """Whether an effect beyond doubt has the p-value that an event study calls its smallest."""
    for units, treated in ((6, 3), (8, 4), (8, 3), (10, 5)):
        rng, reached = np.random.default_rng(SEED), 0
        for _ in range(samples):
            y = rng.standard_normal((units, 10))
            y[:treated, 6:] += 1e6
            study = event_study(long(y, 2010), of="unit", treated=range(treated), studentized=False)
            reached += study.p_value == study.smallest_p
        yield f"{treated} of {units} treated: reached", 1.0, reached / samples, samples


def gap(samples: int) -> Iterator[Line]:
    """Rank of the gap of a synthetic control without an effect; the treated unit is moved out of what donors reach."""
    for level, growth, demean in (
        (0, 0, False),
        (1, 0, False),
        (2, 0, False),
        (0, 0.06, True),
        (0, 0.1, True),
    ):
        rng, gaps, ratios = np.random.default_rng(SEED), 0, 0
        for _ in range(samples):
            y = rng.normal(0, 0.4, (20, 1)) + rng.normal(0, 0.05, (21, 20)).cumsum(axis=1)[1:]
            y[0] += level + growth * np.arange(20)
            fit = synthetic_control(long(y, 2003), of="unit", treated=0, demean=demean)
            rank, units = fit.gap_rank()
            gaps += rank / units <= 0.10
            ratios += fit.p_value <= 0.10
        what = f"level {level}, growth {growth}{', demeaned' if demean else ''}"
        yield f"gap, {what}", 0.10, gaps / samples, samples
        yield f"ratio, {what}", 0.10, ratios / samples, samples


def break_date(samples: int) -> Iterator[Line]:
    """Test for a break at an unknown date, and how often its conservative p-value is the smaller one (never)."""
    for rho in (0.0, 0.5, 0.8):
        y = draw(rho, np.random.default_rng(SEED).standard_normal((21, samples)))
        found = [sup_f(y[:, k], range(2002, 2023), draws=399) for k in range(samples)]
        for name, rejected, nominal in (
            ("p_value", [one.p_value <= 0.05 for one in found], 0.05),
            ("p_value_conservative", [one.p_value_conservative <= 0.05 for one in found], 0.05),
            ("conservative below p_value", [one.p_value_conservative < one.p_value for one in found], 0.0),
        ):
            yield f"{name}, errors AR(1) with {rho}", nominal, float(np.mean(rejected)), samples


def changes(samples: int) -> Iterator[Line]:
    """Interval of a change of pace without one, and the test that finds what makes it too narrow; 10 times the samples."""
    n = 10 * samples
    for rho in (0.0, 0.3, 0.5, 0.8):
        y = draw(rho, np.random.default_rng(SEED).standard_normal((21, n))).cumsum(axis=0).T
        rows = pace(long(y, 2002), of="unit", at=2015, value="value")
        excluded = (rows["low"] > 0) | (rows["high"] < 0)
        yield f"interval excludes 0, changes AR(1) with {rho}", 0.05, float(excluded.mean()), n
        unwarned = (excluded & (rows["autocorrelation_p"] >= 0.10)).mean()
        yield f"... and the test at 10 % does not warn, {rho}", 0.05, float(unwarned), n


def same(sd_able: float, sd_tfpr: float, together: float = 0.0) -> Callable[[Random, int, float], np.ndarray]:
    """Normal ln TFPQ and ln TFPR of this correlation. The log gain is sigma / 2 x variance of ln TFPR."""

    def sample(rng: Random, n: int, sigma: float) -> np.ndarray:
        able, other = rng.standard_normal((2, n))
        return np.array([sd_able * able, sd_tfpr * (together * able + math.sqrt(1 - together**2) * other)])

    return sample


def heavy(tail: float, sd_tfpr: float) -> Callable[[Random, int, float], np.ndarray]:
    """TFPQ^(sigma-1), the size that a firm would have, Pareto; ln TFPR Laplace."""

    def sample(rng: Random, n: int, sigma: float) -> np.ndarray:
        return np.array(
            [rng.exponential(1 / tail, n) / (sigma - 1), rng.laplace(0, sd_tfpr / math.sqrt(2), n)]
        )

    return sample


def heavy_gain(sigma: float, sd_tfpr: float) -> float:
    """Log gain of `heavy`: -ln E[TFPR^(1-sigma)] / (sigma-1) - ln (E[TFPR^(1-sigma)] / E[TFPR^-sigma])."""
    first, second = (-math.log1p(-((k * sd_tfpr) ** 2) / 2) for k in (sigma - 1, sigma))
    return second - first * sigma / (sigma - 1)


def covered(
    what: str,
    sizes: Sequence[int],
    sigma: float,
    sample: Callable[[Random, int, float], np.ndarray],
    truth: float,
    samples: int,
) -> Line:
    """Coverage of intervals of 90 %, where `sizes` firms are drawn in each industry and `truth` is the log gain of all that there could be."""
    rng, inside, above, width = np.random.default_rng(SEED), 0, 0, []
    samples = samples if sum(sizes) < 10_000 else samples // 4
    for number in range(samples):
        parts = []
        for industry, n in enumerate(sizes):
            able, tfpr = np.exp(sample(rng, n, sigma))
            revenue = (able / tfpr) ** (sigma - 1)
            parts.append(
                pd.DataFrame({"industry": industry, "value_added": revenue, "capital": revenue / tfpr})
            )
        table = pd.concat(parts, ignore_index=True)
        table = table.assign(firm=table.index, year=2015, wage_bill=table["capital"])
        result = hsieh_klenow(table, sigma=sigma, labor_share=0.6, trim=0, draws=200, seed=number)
        low, high = result.conf_int(0.9)
        inside += low <= math.expm1(truth) <= high
        above += math.expm1(truth) > high
        width.append(high - low)
    what = f"{what} (truth above: {above / samples:.3f}, width {np.median(width):.3f})"
    return what, 0.90, inside / samples, samples


def gain(samples: int) -> Iterator[Line]:
    """Gain from equalizing TFPR, in the design for which the bootstrap was tuned: sd of ln TFPQ 0.8, of ln TFPR 0.4, sigma 3."""
    for n in (100, 300, 1000, 3000):
        yield covered(f"normal, {n:,} firms", [n], 3.0, same(0.8, 0.4), 0.24, samples)


def gain_tails(samples: int) -> Iterator[Line]:
    """The same in other tails and with other sigma, one industry."""
    for tail, sigma, sd in ((3.0, 2.0, 0.3), (1.5, 5.0, 0.25)):
        for n in (100, 300, 1000, 3000):
            what = f"size Pareto {tail:g}, ln TFPR Laplace {sd:g}, sigma {sigma:g}, {n:,} firms"
            yield covered(what, [n], sigma, heavy(tail, sd), heavy_gain(sigma, sd), samples)


def gain_industries(samples: int) -> Iterator[Line]:
    """The same with several industries of unequal numbers of firms, and TFPR that rises with TFPQ; sigma 4."""
    twenty = np.linspace(20, 200, 20).astype(int)
    for able in (0.2, 0.5):
        for name, sizes in (
            ("1 industry of 500", [500]),
            ("5 of 100-500", np.linspace(100, 500, 5).astype(int)),
            ("20 of 20-200", twenty),
            ("20 of 200-2,000", 10 * twenty),
        ):
            yield covered(f"sd {able:g} and 0.3, {name}", sizes, 4.0, same(able, 0.3, 0.3), 0.18, samples)


#: Name -> lines, and the number of samples.
PARTS = {
    "leads": (leads, 400), "smallest": (smallest, 20), "gap": (gap, 200), "break_date": (break_date, 400),
    "changes": (changes, 500), "gain": (gain, 200), "gain_tails": (gain_tails, 200), "gain_industries": (gain_industries, 200),
}  # fmt: skip


def main() -> int:
    """Print a table for each part that is asked for."""
    parser = argparse.ArgumentParser(description="Rates of rejection and coverage.")
    parser.add_argument("parts", nargs="*", help="which; all by default")
    parser.add_argument("--samples", type=int, help="how many, in place of the part's own number")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"{', '.join(unknown)} is none of {', '.join(PARTS)}.")
    for name in options.parts or PARTS:
        lines, samples = PARTS[name]
        print(f"{name}, seed {SEED}: {lines.__doc__}")
        for what, nominal, found, n in lines(options.samples or samples):
            print(f"  {what:<92} nominal {nominal:.3f}  found {found:.3f}  samples {n:,}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
