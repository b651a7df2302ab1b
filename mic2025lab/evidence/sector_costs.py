"""What the plan did and cost in a sector: idle capacity, its own effect, its targets; part of `sector_profile`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.evidence import overcapacity, policy, policy_words, scorecard_targets
from mic2025lab.evidence._words import counted, each, listing, plain, signed
from mic2025lab.evidence.sector_part import CHINA, Part, of_some, without

#: Last year of the comparison of targeted with other industries: the one before the pandemic.
CALM = 2019
#: Years that utilization is measured against.
HISTORY = (2016, 2019)
#: What a target is that was not read at its source and has a figure of its year.
NOT_JUDGED = "not judged"


def capacity(table: pd.DataFrame, slug: str, *, economy: str) -> Part:
    """Capacity utilization of the nearest industries, the last four quarters against their own history."""
    part = Part(
        "utilization_gap",
        "Use of capacity",
        "",
        "utilization or capacity and output of the sector’s own goods (industry associations)",
        "capacity_utilization",
    )
    nearest = [name for name, sector in industries.CAPACITY_TARGETED.items() if sector == slug]
    if economy != CHINA:
        return without(part, "the utilization rates are of China only")
    if not nearest:
        return without(part, "no industry of capacity_utilization comes near the sector")
    rows = overcapacity.quarters(table, chosen="all", start=HISTORY[0])
    recent = overcapacity.last_quarters(rows)
    found = overcapacity.gaps(rows, reference="mean", history=HISTORY, recent=recent)
    found = found[found["industry"].isin(nearest)].sort_values("industry")
    yard = overcapacity.yardstick("mean", HISTORY)
    told = [
        f"{industries.name(row.industry)} used {plain(row.recent)}% of its capacity, {plain(abs(row.gap))} points "
        f"{'below' if row.gap < 0 else 'above'} {yard} ({_beyond(row.gap_sd)})"
        for row in each(found)
    ]
    names = listing([industries.name(name) for name in nearest])
    return dataclasses.replace(
        part,
        says=f"From {recent[0]} to {recent[-1]} {listing(told)}. The quarters begin after the plan, so nothing compares before with after.",
        value=float(found["gap"].mean()),
        unit="points",
        note=f"{names}, {recent[0]} to {recent[-1]} less {yard}",
        span=f"{recent[0]}–{recent[-1]}",
        years=(int(rows["year"].min()), int(recent[-1][:4])),
        stands=names,
        match=of_some(slug),
    )


def _beyond(gap_sd: float) -> str:
    """Say whether a gap is more than the industry's ordinary ups and downs; a missing yardstick is not.

    >>> _beyond(-1.4), _beyond(0.3)
    ('beyond its ordinary ups and downs', 'within its ordinary ups and downs')
    """
    return f"{'beyond' if abs(gap_sd) >= overcapacity.CLEAR else 'within'} its ordinary ups and downs"


def policy_effect(table: pd.DataFrame, slug: str, *, economy: str, base: int) -> Part:
    """Triple difference of the sector's industries alone: against other manufacturing, and against other economies. One fit."""
    part = Part(
        "policy_effect",
        "Effect of the policy",
        "",
        "industries finer than these, or firms with and without support, before and after",
        "value_added",
    )
    whole = policy.design("value_added")
    own = sectors.get(slug).industries
    chosen = tuple(name for name in whole.targeted if name in own)
    if not chosen:
        compared = listing([industries.name(name) for name in own if name in whole.untargeted])
        none = "no industry of value_added stands for the sector"
        return without(
            part, f"{compared} is among those that the others are compared with" if compared else none
        )
    of = dataclasses.replace(whole, targeted=chosen)
    end = max(CALM, base + 2)
    study = policy.estimate(policy.panel(table, of), of, economy=economy, at=base, end=end)
    level = policy.level(study.n_units)
    size = policy_words.percent(study.estimate)
    low, high = (policy_words.percent(bound) for bound in study.conf_int(level))
    names = listing([industries.name(name) for name in chosen])
    quiet = not study.leads.p_value <= policy.SIGNIFICANT
    effect = policy_words.is_effect(study)
    told = (
        "No effect is established"
        if not effect
        else "A difference is there"
        if quiet
        else "A difference is there, and was before"
    )
    interval = (
        f"{level:.0%} interval {signed(low, 0)} to {signed(high, 0)}%"
        if np.isfinite([low, high]).all()
        else "no interval"
    )
    return dataclasses.replace(
        part,
        says=(
            f"{told}: after {base}, to {end}, value added in {names} stood {signed(size, 0)}% against {economies.spoken(economy, own=True)} "
            f"untargeted manufacturing, beyond what was so elsewhere ({interval}; p = {plain(study.p_value, 2)}, {study.n_units} economies, no "
            f"smaller p than {plain(study.smallest_p, 2)} possible). {policy_words.say_leads(study)}"
        ),
        value=size,
        unit="%",
        note=f"{names} against untargeted manufacturing and against other economies, after {base} to {end}",
        span=f"{base}–{end}",
        low=low,
        high=high,
        years=(whole.starts[0], end),
        stands=names,
        match=sectors.get(slug).match if set(chosen) == set(own) else of_some(slug),
    )  # fmt: skip


def targets(tables: Mapping[str, pd.DataFrame], slug: str, *, economy: str) -> tuple[Part, pd.DataFrame]:
    """Count the sector's targets that were met, of those that were read at their source; and list all of them."""
    part = Part(
        "targets_met",
        "Targets of the plan",
        "",
        "the text of the plan’s technology roadmap (2015) and figures of the same definition for 2020 and 2025",
        "targets",
    )
    rows = tables["targets"]
    rows = rows[rows["sector"] == slug]
    found = scorecard_targets.by_sector(rows, tables["benchmarks"], tables["ev_sales"]).drop(columns="sector")
    known = ~found["unverified"].str.contains("target")
    # A target that was not read at its source is listed, and neither met nor missed.
    found["status"] = found["status"].where(
        known | (found["status"] == scorecard_targets.NO_DATA), NOT_JUDGED
    )
    read = found[known]
    told = read[read["status"].isin([scorecard_targets.MET, scorecard_targets.MISSED])]
    unread = len(found) - len(read)
    if economy != CHINA:
        return without(part, "the plan set targets for China only"), found.head(0)
    if read.empty:
        return without(
            part, f"none of the {len(found)} targets known for the sector was read at its source"
        ), found
    if told.empty:
        return without(
            part, f"none of the {len(read)} targets that were read at their source has a figure of its year"
        ), found
    n = {
        status: int((read["status"] == status).sum())
        for status in (scorecard_targets.MET, scorecard_targets.MISSED)
    }
    without_figure = len(read) - len(told)
    says = (
        f"Of {counted(len(read), 'target')} that {_verb(len(read))} read at the source {n['met']} {_verb(n['met'])} met and {n['missed']} missed; "
        f"{without_figure} {'has' if without_figure == 1 else 'have'} no figure of {'its' if without_figure == 1 else 'their'} year."
    )
    if unread:
        says += f" {counted(unread, 'more target', 'more targets')}, not read at the source, {'is' if unread == 1 else 'are'} not counted."
    return dataclasses.replace(
        part,
        says=says,
        value=float(n["met"]),
        unit="target",
        note=f"of {len(told)} with a figure of their year, of {len(read)} read at their source",
        span="–".join(map(str, sorted({told['year'].min(), told['year'].max()}))),
        years=(int(told["year"].min()), int(told["year"].max())),
        stands="goods that the plan’s roadmap names",
        match="good",
    ), found  # fmt: skip


def _verb(n: int) -> str:
    return "was" if n == 1 else "were"
