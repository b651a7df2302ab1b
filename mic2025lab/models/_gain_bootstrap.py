"""Sampling error of the gain from equalizing TFPR: its linearization, and a studentized bootstrap of few firms.

The log gain of a year is a smooth function of sums over the firms of each industry. Its derivative in the weight of a firm, summed in squares,
gives the standard error. An interval needs more: the sums hold powers of TFPQ and TFPR, whose tails are so long that a sample seldom has its
share of them. The gain is then estimated too low together with its error, and quantiles of an ordinary bootstrap cover far too little.

So each draw takes m = 1.5 sqrt(n) of the n firms of each industry, with replacement, and records t = (gain of the draw - mean of the draws) /
error of the draw, on the log scale. The studentized statistic of few firms is as skewed as that of a sample with long tails, which that of
all n is not (Hall & LePage 1996). Few firms also show the bias, which is that of the draws times m / n. A draw of the gain is then
``gain - bias - t x error``, and quantiles of such draws are the interval. Gains are not negative.

References
----------
Hall, P. & R. LePage (1996). "On Bootstrap Estimation of the Distribution of the Studentized Mean." Annals of the Institute of Statistical
Mathematics 48(3), 403-421.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mic2025lab.errors import ParameterError
from mic2025lab.models._types import Floats, Ints

_SHARE = 1.5  # firms drawn of an industry, in square roots of their number
_CELLS = 2_000_000  # numbers of an array of draws by rows


@dataclass(frozen=True, eq=False)
class Gains:
    """Rows of firms sorted by year and industry, and what the gain is made of; `draws` takes weights of firms."""

    firm: Ints
    stratum: Ints  # industry of each firm in its first year
    starts: Ints  # first row of each year and industry
    cell: Ints
    share: Floats  # capital share of each year and industry
    years: Floats  # indicator of each year (column) by year and industry
    columns: Floats  # value added, capital, labor, A^(sigma-1), (A/TFPR)^(sigma-1)
    sigma: float

    @classmethod
    def of(cls, rows: pd.DataFrame, sigma: float) -> Gains:
        """From the rows of `hsieh_klenow`, tails already trimmed."""
        rows = rows.assign(
            firm=np.unique(rows["firm"].astype(str), return_inverse=True)[1],
            stratum=np.unique(rows["industry"].astype(str), return_inverse=True)[1],
        )
        first = rows.sort_values(["firm", "year"], kind="stable").drop_duplicates("firm")
        rows = rows.sort_values(["year", "stratum"], kind="stable")
        year, stratum = rows["year"].to_numpy(), rows["stratum"].to_numpy()
        new = np.append(True, (np.diff(year) != 0) | (np.diff(stratum) != 0))
        starts = np.flatnonzero(new)
        a, revenue = rows["a"].to_numpy(), rows["revenue"].to_numpy()
        bundle = rows["capital"].to_numpy() ** a * rows["labor"].to_numpy() ** (1 - a)
        able = np.exp((sigma - 1) * rows["log_tfpq"].to_numpy())
        served = able * (bundle / revenue) ** (sigma - 1)
        return cls(
            firm=rows["firm"].to_numpy(),
            stratum=first["stratum"].to_numpy(),
            starts=starts,
            cell=np.cumsum(new) - 1,
            share=a[starts],
            years=(year[starts][:, None] == np.unique(year)).astype(np.float64),
            columns=np.column_stack([revenue, rows["capital"], rows["labor"], able, served]),
            sigma=sigma,
        )

    def _sums(self, values: Floats) -> Floats:
        """By year and industry."""
        return np.add.reduceat(values, self.starts, axis=-1)

    def influence(self, weights: Floats) -> tuple[Floats, Floats]:
        """Log gain of each year, and its derivative in the weight of each row, for every row of `weights`."""
        revenue, capital, labor, able, served = self.columns.T
        power, a = self.sigma - 1, self.share
        r, k, l, able_sum, served_sum = (self._sums(weights * column) for column in self.columns.T)  # noqa: E741
        with np.errstate(divide="ignore", invalid="ignore"):
            own = -np.log(served_sum / able_sum) / power - np.log(r) + a * np.log(k) + (1 - a) * np.log(l)
            own = np.where(r > 0, own, 0.0)
            total = r @ self.years
            gain = (r * own) @ self.years / total
            theta = r / (total @ self.years.T)
            parts = (
                (-theta / (power * served_sum), served), (theta / (power * able_sum), able), (theta * a / k, capital),
                (theta * (1 - a) / l, labor), ((own - gain @ self.years.T - 1) * theta / r, revenue),
            )  # fmt: skip
            slope = np.zeros_like(weights)
            for coefficient, column in parts:
                slope += np.where(r > 0, coefficient, 0.0)[:, self.cell] * column
        return gain, slope

    def errors(self, counts: Floats, slope: Floats) -> Floats:
        """Standard error of the log gain of each year: rows of a year and industry vary about their mean."""
        n = self._sums(counts)
        mean = self._sums(counts * slope) / np.maximum(n, 1)
        squares = self._sums(counts * (slope - mean[:, self.cell]) ** 2) * n / np.maximum(n - 1, 1)
        return np.sqrt(squares @ self.years)

    def error_of_mean(self, slope: Floats, factor: Floats) -> float:
        """Standard error of the mean of `factor` times the log gain over years, a firm's years summed."""
        centered = slope - (self._sums(slope) / self._sums(np.ones_like(slope)))[self.cell]
        weighted = centered * (self.years @ factor)[self.cell] / len(factor)
        firms = np.bincount(self.firm, weighted)
        return math.sqrt(float((firms**2).sum()) * len(firms) / max(len(firms) - 1, 1))

    def drawn(self, draws: int, seed: int) -> tuple[Floats, Floats]:
        """How often each firm is drawn, one row per draw, and how many firms each of them stands for."""
        rng = np.random.default_rng(seed)
        counts, scale = np.zeros((draws, len(self.stratum))), np.ones(len(self.stratum))
        for stratum in np.unique(self.stratum):
            own = np.flatnonzero(self.stratum == stratum)
            size = min(len(own), math.ceil(_SHARE * math.sqrt(len(own))))
            picked = rng.integers(len(own), size=(draws, size)) + len(own) * np.arange(draws)[:, None]
            counts[:, own] = np.bincount(picked.ravel(), minlength=draws * len(own)).reshape(draws, -1)
            scale[own] = len(own) / size
        return counts, scale

    def draws(self, draws: int, seed: int) -> tuple[Floats, Floats, float]:
        """Draws of the gain (one row per draw, one column per year), its standard error by year, and that of the mean of the years."""
        if draws < 2:
            raise ParameterError(f"draws={draws!r} must be 0 or at least 2.")
        one = np.ones((1, len(self.firm)))
        gain, slope = self.influence(one)
        error = self.errors(one, slope)
        counts, scale = self.drawn(draws, seed)
        size, parts = max(1, _CELLS // len(self.firm)), []
        for start in range(0, draws, size):
            own = counts[start : start + size][:, self.firm]
            other, derivative = self.influence(own * scale[self.firm])
            parts.append((other, self.errors(own, derivative * scale[self.firm])))
        others, other_errors = (np.concatenate(column) for column in zip(*parts, strict=True))
        mean = np.nanmean(others, axis=0)
        bias = (mean - gain) * float((1 / scale).mean())
        with np.errstate(divide="ignore", invalid="ignore"):
            # One firm drawn over and over has no error; a year without any error has no interval but the gain.
            t = np.where(other_errors > 0, (others - mean) / other_errors, np.nan)
        drawn = np.where(error > 0, gain - bias - t * error, gain)
        by_year = (np.exp(gain) * error)[0]
        return np.expm1(np.maximum(drawn, 0.0)), by_year, self.error_of_mean(slope[0], np.exp(gain)[0])
