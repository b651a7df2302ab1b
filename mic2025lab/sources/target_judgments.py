"""Whether each target of the plan was met, missed, or cannot be judged, by one rule from the checked targets and figures.

Three are compared with figures from elsewhere too: patents over revenue and innovation centers at the end of 2020, computed here, and the shares
of domestic makers of robots that the reference tables have.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from mic2025lab.sources import reference_checked as checked
from mic2025lab.sources.columns import number, text, unit, year
from mic2025lab.sources.reading import counted, read
from mic2025lab.sources.reference import SCOPE
from mic2025lab.sources.reference import SOURCE as REFERENCE
from mic2025lab.sources.table import Raw, source, table

RESEARCH, OFFICIAL, PUBLISHED = (
    "provincial_industrial_rd_2012_2024.csv",
    "actuals_headline.csv",
    "scorecards.csv",
)

SUMS = source("nbs-provincial-industrial-rd")

JUDGMENTS = ("met", "missed", "not judgeable")
#: Unit of a target -> the beginning of the units of figures that it can be compared with.
_UNITS = {
    "%": "%",
    "% fall vs 2015": "%",
    "count": "count",
    "index points": "points",
    "m vehicles (at least)": "m",
    "patents per 100m yuan": "patents per 100m yuan",
}
#: The target that shares in the published scorecards come closest to, and their items -> what differs in the definition.
_ROBOTS = {"sector": "machine_tools_robotics", "target": "Own-brand industrial robots"}
_SHARES = {
    "Domestic suppliers share of China robot installations": "installations of domestic suppliers (IFR)",
    "Domestic makers share of China robot market": "market share of domestic makers (GGII)",
}


@table(
    unit="by row",
    inputs=(
        (checked.SOURCE, checked.HEADLINE, checked.BY_SECTOR, checked.ACTUALS),
        (REFERENCE, OFFICIAL, PUBLISHED),
        (SUMS, RESEARCH),
    ),
    columns={
        **SCOPE,
        "indicator": text("What the target refers to"),
        "market": text("The whole that a sector target is a share or amount of", missing=True),
        "year": year(2020, 2025, "Year of the target"),
        "target": number("Target in the row's unit"),
        "unit": unit(),
        "target_status": text("Status of the target's source", isin=checked.STATUSES),
        "judgment": text("met, missed or not judgeable", isin=JUDGMENTS),
        "if_target_right": text("The same if the number of a target that was not found or conflicts is right", isin=JUDGMENTS),
        "reason": text("Figures that decide, or why none does"),
        "actual": number("Figure of the target's year as published (a fall is negative), if it decides", missing=True),
        "gap": text("What differs in the figures' definition, if anything", missing=True),
    },
    key=("scope", "sector", "id", "indicator", "market", "year"),
    order=(),  # `build` sorts
    format="csv",
)  # fmt: skip
def target_judgments(raw: Raw) -> pd.DataFrame:
    """Targets of Made in China 2025: met, missed, or not judgeable.

    Every target for 2020 and 2025 with the figure that decides it, by one rule, and what differs in the figure's definition.

    Warnings
    --------
    - The rule: target and figure must have a status that decides. The figure of the target's year decides; without one, the
      nearest figures before and after it decide if both are on the same side of the target. A lower bound (more than) cannot
      show that a target was missed. Figures of several definitions must agree. The first three quarters of a year stand for it
      if the year has no figure.
    - Computed here: valid invention patents of all industry over its revenue, which is research spending over its published share
      of revenue; innovation centers at the end of 2020, those of September 2025 less the new ones.
    - if_target_right is for targets whose number no page shows: it is not a judgment, because the number may be wrong.
    - A change since 2015 is compared with a figure of exactly that period.
    - A judgment with a gap compares figures of another definition: say so when quoting it.

    Notes
    -----
    Judge the targets of 2020 and 2025.
    """
    targets, actuals = checked.targets_checked(raw), checked.target_actuals_checked(raw)
    own = [_shares(raw), _centers(actuals), _patents(raw, actuals)]
    actuals = pd.concat([actuals[actuals["decides"] & actuals["value"].notna()], *own], ignore_index=True)
    wanted = targets[targets["year"].isin([2020, 2025])].rename(
        columns={"value": "target", "status": "target_status"}
    )
    judged = [_judge(target, _figures(target, actuals)) for _, target in wanted.iterrows()]
    return wanted.reset_index(drop=True).join(pd.DataFrame(judged))


def _shares(raw: Raw) -> pd.DataFrame:
    """Shares of domestic suppliers in the published scorecards, where they were read at their source."""
    rows = read(raw, REFERENCE, PUBLISHED).frame
    rows = rows[rows["item"].isin(_SHARES) & (rows["verified"] == "yes")].rename(columns={"year": "period"})
    own: dict[str, Any] = {"value": rows["value"].astype(float), "year": rows["period"].astype("int64")}
    return rows.assign(gap=rows["item"].map(_SHARES), **_ROBOTS, **own)


def _centers(actuals: pd.DataFrame) -> pd.DataFrame:
    """National innovation centers at the end of 2020: those of a later count less the new ones that its note states."""
    rows = actuals[(actuals["id"] == "innovation_centres") & actuals["decides"]]
    new = pd.to_numeric(rows["note"].str.extract(r"^(\d+) new in 2021-25", expand=False))
    rows = rows.assign(
        value=rows["value"] - new, period="2020", year=2020, gap="a later count less the new ones since"
    )
    return rows.dropna(subset=["value"])


def _patents(raw: Raw, actuals: pd.DataFrame) -> pd.DataFrame:
    """Valid invention patents of industry per 100 million yuan of revenue, in years with a share of research in the revenue of all industry."""
    file = read(raw, SUMS, RESEARCH, ["province", "year", "variable", "value", "unit"])
    sums = file.frame.assign(value=file.numbers(file.frame["value"])).groupby(["variable", "year"])["value"]
    research, patents = (
        sums.sum(min_count=31)[name] for name in ("rd_expenditure", "valid_invention_patents")
    )
    official = read(raw, REFERENCE, OFFICIAL).frame
    official = official[official["note"].str.startswith("all industry") & (official["verified"] == "yes")]
    checked = actuals[actuals["definition"].str.startswith("ALL INDUSTRY") & actuals["decides"]]
    both = pd.concat([official, checked.assign(year=checked["period"])])
    share = both[both["id"] == "rd_intensity"].set_index("year")["value"].astype(float) / 100
    found = (1e4 * patents * share / research).dropna().round(2)
    return pd.DataFrame(
        {
            "id": "patents", "period": found.index, "year": found.index.astype("int64"), "value": found.to_numpy(),
            "unit": "patents per 100m yuan", "gap": "all industry instead of manufacturing; revenue is research spending over its share",
        }
    )  # fmt: skip


def _figures(target: pd.Series, actuals: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that a target can be compared with."""
    if target["scope"] == "headline":
        own = actuals["id"] == target["id"]
    else:
        world = actuals["item"].str.endswith("(world)") == (target["market"] == "world")
        own = (actuals["sector"] == target["sector"]) & (actuals["target"] == target["indicator"]) & world
    begin = _UNITS.get(target["unit"])
    if begin is None:
        return actuals.head(0)
    return actuals[own & actuals["unit"].str.match(rf"{begin}(?![a-z])")]


def _judge(target: pd.Series, figures: pd.DataFrame) -> dict[str, object]:
    """Apply the rule to one target and its figures."""
    when, change = target["year"], target["basis"] == "change vs 2015"
    reached = figures["value"].mul(-1 if change else 1) >= target["target"]
    periods = [f"2016-{when}"] if change else [str(when), f"{when}-12"]
    if not figures["period"].isin(periods).any():
        periods = [f"{when} Q1-Q3"]
    of_year = figures["period"].isin(periods)
    use = of_year if of_year.any() else _beside(figures, when) & (not change)
    told = [f"{value:g} in {period}" for value, period in figures.loc[use, ["value", "period"]].to_numpy()]
    sides = reached[use & (reached | ~figures["unit"].str.contains("more than"))]
    agree = len(sides) > 0 and bool((sides == sides.iloc[0]).all())
    if figures.empty:
        reason = "no figure of its definition that decides"
    elif not told:
        reason = "no figure of its year, and none both before and after it"
    else:
        reason = "; ".join(told)
    word = {True: "met", False: "missed"}[bool(sides.iloc[0])] if agree else "not judgeable"
    return {
        "judgment": word if target["decides"] else "not judgeable",
        "if_target_right": word,
        "reason": reason,
        "actual": figures.loc[use, "value"].iloc[0] if of_year.sum() == 1 and agree else None,
        "gap": "; ".join(dict.fromkeys(figures.loc[use, "gap"].dropna())) or None,
    }


def _beside(figures: pd.DataFrame, when: int) -> pd.Series:
    """Return True for the figures nearest to a year before and after it, if there are both."""
    years = figures["year"].where(~figures["period"].str.startswith("about"))
    before, after = years[years <= when].max(), years[years > when].min()
    return years.isin([before, after]) & (pd.notna(before) and pd.notna(after))


@target_judgments.warns
def _findings(frame: pd.DataFrame) -> str:
    told = [counted(frame[column], JUDGMENTS) for column in ("judgment", "if_target_right")]
    return f"Of {len(frame)} targets: {told[0]}. If every number is right: {told[1]}."
