"""Who moved aggregate productivity, for `firm_productivity`: survivors, what moved between them, entrants and exiters.

Aggregate productivity is the mean weighted by value added. Its change before and after the base year is split as Melitz & Polanec (2015) do
(`mic2025lab.models.melitz_polanec`), in log points a year: 100 times the change of the logarithm, divided by the years it took.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mic2025lab import models
from mic2025lab.errors import ParameterError, TableError
from mic2025lab.evidence._words import is_clear
from mic2025lab.evidence.firm_productivity import METHODS, OUTPUT, Study, productivity
from mic2025lab.models import bootstrap

#: Parts of the change of aggregate productivity, as the model names them.
PARTS: Mapping[str, str] = {
    "within": "survivors' own productivity",
    "between": "reallocation among survivors",
    "entry": "entrants",
    "exit": "exiters",
}
#: Bootstrap samples split together.
_BATCH = 50


def periods(study: Study, base_year: int) -> list[tuple[int, int]]:
    """Give the years before and after the base year.

    Raises
    ------
    ParameterError
        If the base year does not lie between the first and last year, or the panel has no row of it.
    """
    years = sorted(study.rows["year"].unique().tolist())
    if base_year not in years[1:-1]:
        inside = ", ".join(map(str, years[1:-1]))
        raise ParameterError(
            f"base_year = {base_year} must be a year of {study.firms.name} between its first, {years[0]}, and its last, "
            f"{years[-1]}; {f'one of: {inside}' if inside else 'there is none'}."
        )
    return [(years[0], base_year), (base_year, years[-1])]


def _measured(rows: Any, left_out: Any, start: int, end: int) -> Any:
    """Rows of two years, without firms that have a row without productivity in one of them: no exit, no entry."""
    lost = left_out.loc[left_out["year"].isin([start, end]), "firm"]
    return rows[rows["year"].isin([start, end]) & ~rows["firm"].isin(lost)]


def split(rows: Any, left_out: Any, start: int, end: int) -> dict[str, float]:
    """Split the change of aggregate productivity between two years, in log points a year.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``firm``, ``year``, ``tfp`` (logarithm), ``weight``.
    left_out : pandas.DataFrame
        ``firm``, ``year`` of rows that have no productivity: if they are of one of the two years, the firm is left out of both.
    start, end : int
        The years.

    Returns
    -------
    dict
        ``total`` and the `PARTS`, and the numbers of firms.
    """
    found = _parts(_measured(rows, left_out, start, end), start, end).iloc[0]
    counts = {name: int(found[name]) for name in ("n_survivors", "n_entrants", "n_exits")}
    return {name: float(found[name]) for name in ("total", *PARTS)} | counts


def _parts(rows: Any, start: int, end: int, within: str | None = None) -> Any:
    columns = ["firm", "year", "tfp", "weight", *([within] if within else [])]
    found = models.melitz_polanec(
        rows[columns], start=start, end=end, productivity="tfp", weight="weight", within=within
    )
    changes = ["total", *PARTS]
    found[changes] = 100 * found[changes] / (end - start)
    return found


def _resampled(study: Study, years: Sequence[int]) -> Iterator[Any]:
    """Give the rows of some years in the bootstrap samples, with elasticities of their own, a batch of samples at a time.

    The samples are those of the estimate: the same firms, drawn as often, each copy of a firm a firm. One without an estimate is left out.
    """
    fit = study.fits[study.method]
    here = np.isin(fit.sample.year, years)
    number, year = fit.sample.firm[here], fit.sample.year[here]
    rows = study.rows.iloc[fit.sample.panel.order[fit.sample.rows[here]]]
    inputs, output = rows[list(study.inputs)].to_numpy(), rows[OUTPUT].to_numpy()
    counts = bootstrap.counts(fit.n_firms, fit.draws, seed=study.seed).astype(np.int64)
    most = int(counts.max()) + 1
    good = np.flatnonzero(np.isfinite(fit.boot).all(axis=1))
    for batch in np.split(good, range(_BATCH, len(good), _BATCH)):
        samples = []
        for draw in batch:
            times = counts[draw][number]
            at = np.repeat(np.arange(len(times)), times)
            copy = np.arange(len(at)) - np.repeat(np.cumsum(times) - times, times)
            columns = {
                "draw": draw,
                "firm": (draw * fit.n_firms + number[at]) * most + copy,
                "source": rows["firm"].to_numpy()[at],
                "year": year[at],
                "tfp": (output - inputs @ fit.boot[draw])[at],
                "weight": np.exp(output[at]),
            }
            samples.append(pd.DataFrame(columns))
        yield pd.concat(samples, ignore_index=True)


def decomposition(study: Study, base_year: int) -> tuple[Any, Any]:
    """Split the change of aggregate productivity before and after the base year, and say how far the spread moved.

    Intervals are quantiles over bootstrap samples of firms, with the elasticities estimated anew in each.

    Returns
    -------
    table : pandas.DataFrame
        ``period``, ``start``, ``end``, ``part`` ("total", then `PARTS`), ``label``, ``value``, ``low``, ``high`` (log points a year, 95 % interval),
        ``clear`` (whether the interval leaves zero out), ``n_survivors``, ``n_entrants``, ``n_exits``.
    spread : pandas.Series
        ``value``, ``low``, ``high``, ``clear``: change of the spread p90 - p10 from the base year to the last, log points.

    Raises
    ------
    ParameterError
        As `periods`.
    TableError
        No firm in both years of a period.
    """
    spans = periods(study, base_year)
    last = study.years[1]
    rows = productivity(study)
    point = [split(rows, study.left_out, *span) for span in spans]
    drawn: list[list[Any]] = [[] for _ in spans]
    spreads: list[Any] = []
    for samples in _resampled(study, [spans[0][0], base_year, last]):
        for at, span in enumerate(spans):
            here = _measured(
                samples.rename(columns={"firm": "copy", "source": "firm"}), study.left_out, *span
            )
            here = here.drop(columns="firm").rename(columns={"copy": "firm"})
            # A sample without a survivor has no parts: the interval comes from the others.
            stays = here["draw"].isin(here.loc[here["firm"].duplicated(), "draw"])
            if stays.any():
                drawn[at].append(_parts(here[stays], *span, within="draw"))
        spreads.append(_spread_change(samples, base_year, last))
    lines = []
    for span, values, found in zip(spans, point, drawn, strict=True):
        draws = pd.concat(found) if found else pd.DataFrame()
        if len(draws) < 2:
            raise TableError(
                f"{study.firms.name} has too few firms in {span[0]} or {span[1]} for a bootstrap of them; choose another base_year."
            )
        for part in ("total", *PARTS):
            low, high = np.quantile(draws[part], [0.025, 0.975])
            lines.append(
                {
                    "period": f"{span[0]}–{span[1]}", "start": span[0], "end": span[1], "part": part,
                    "label": PARTS.get(part, "total"), "value": values[part], "low": low, "high": high,
                    "clear": is_clear(values[part], low, high),
                    **{name: values[name] for name in ("n_survivors", "n_entrants", "n_exits")},
                }
            )  # fmt: skip
    change = float(_spread_change(rows.assign(draw=0), base_year, last).iloc[0])
    low, high = np.quantile(pd.concat(spreads).dropna(), [0.025, 0.975])
    return pd.DataFrame(lines), pd.Series(
        {"value": change, "low": low, "high": high, "clear": is_clear(change, low, high)}
    )


def _spread_change(rows: Any, start: int, end: int) -> Any:
    """Change of p90 - p10 between two years in each draw, log points."""
    spread = rows.groupby(["draw", "year"])["tfp"].quantile([0.9, 0.1]).unstack()
    gap = (100 * (spread[0.9] - spread[0.1])).unstack()
    return gap[end] - gap[start]


def variants(study: Study, base_year: int) -> Any:
    """Split the change again in other ways: each estimator, weights by each free input, and the truth where it is known.

    Returns
    -------
    pandas.DataFrame
        ``period``, ``variant``, ``total`` and the `PARTS`, log points a year; the first variant of a period is the one that is reported.
    """
    head = f"{METHODS[study.method]}, weights by value added"
    ways = {head: productivity(study)}
    for method in [name for name in study.fits if name != study.method]:
        ways[f"{METHODS[method]}, weights by value added"] = productivity(study, method)
    for name in study.inputs[:-1]:
        ways[f"{METHODS[study.method]}, weights by {name}"] = ways[head].assign(
            weight=np.exp(study.rows[name])
        )
    if "true_tfp" in study.rows:
        ways["true productivity, weights by value added"] = ways[head].assign(tfp=study.rows["true_tfp"])
    lines = [
        {"period": f"{start}–{end}", "variant": name}
        | {
            part: value
            for part, value in split(rows, study.left_out, start, end).items()
            if part in ("total", *PARTS)
        }
        for start, end in periods(study, base_year)
        for name, rows in ways.items()
    ]
    return pd.DataFrame(lines)


def other_split(study: Study, base_year: int) -> Any:
    """Split the change as Foster, Haltiwanger & Krizan (2001) do, who measure entrants against the mean of the first year.

    Returns
    -------
    pandas.DataFrame
        ``period``, ``total``, ``within``, ``between``, ``cross``, ``entry``, ``exit``: log points a year.
    """
    lines = []
    for start, end in periods(study, base_year):
        rows = _measured(productivity(study), study.left_out, start, end)[["firm", "year", "tfp", "weight"]]
        found = models.foster_haltiwanger_krizan(
            rows, start=start, end=end, productivity="tfp", weight="weight"
        ).iloc[0]
        parts = ("total", "within", "between", "cross", "entry", "exit")
        lines.append(
            {"period": f"{start}–{end}"} | {part: 100 * found[part] / (end - start) for part in parts}
        )
    return pd.DataFrame(lines)
