"""Targets of the plan looked up again, figures to compare them with, and whether each target was met, missed, or cannot be judged.

Three are compared with figures from elsewhere too: patents over revenue and innovation centers at the end of 2020, computed here, and the shares
of domestic makers of robots that the reference tables have.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from mic2025lab.classifications import sectors as classification
from mic2025lab.sources.columns import measured, number, text, truth, unit, year
from mic2025lab.sources.reading import codebook, counted, entries, read
from mic2025lab.sources.reference import BY_NUMBER, SCOPE, VERIFIED, last_year, numbers, resolve_idem
from mic2025lab.sources.reference import SOURCE as REFERENCE
from mic2025lab.sources.table import Raw, columns, source, table

ACTUALS, HEADLINE = "actuals_checked.csv", "targets_headline_checked.csv"
BY_SECTOR = "targets_sector_checked.csv"

SOURCE = source("reference-checked")

#: Status of a row, best first.
STATUSES = ("verified-official", "verified-secondary", "single-secondary", "conflicting", "not found")
#: A row with one of these may decide whether a target was met.
DECIDING = STATUSES[:3]

_HIJACKED = "topvintage"
_KEY = "scope sector id indicator market year"


_STATUS_COLUMNS = {
    "status": text("How well the row was verified, from verified-official to not found", isin=STATUSES),
    "decides": truth("True if the row may decide whether a target was met"),
}


_MEANING = (
    "status: verified-official = read in an official text or a copy of one; verified-secondary = on several pages of others; single-secondary = on "
    "one; conflicting = pages disagree; not found = no page shows the number, which does not make it wrong. Rows that are conflicting or not found "
    "decide nothing (decides is False)."
)


def _finished(frame: pd.DataFrame) -> pd.DataFrame:
    """Read values, keep addresses that are good, and add `decides`."""
    frame = numbers(frame).assign(decides=frame["status"].isin(DECIDING))
    address = frame["url"].str.startswith("http") & ~frame["url"].str.contains(_HIJACKED)
    frame["url"] = frame["url"].where(address, "")
    frame["source"] = frame["source"].str.replace(r" in a stored .*", "", regex=True)
    return frame


_COLUMNS = ("year", "value", "unit", "definition", "status", "source", "url", "retrieved", "note")


@table(SOURCE, HEADLINE, BY_SECTOR, key=_KEY, order="", format="csv")
@columns(
    **SCOPE,
    indicator=text("What the target refers to, as in targets"),
    market=text("The whole that a sector target is a share or amount of", missing=True),
    basis=text("level, change vs 2015, or yearly average; missing for sector", missing=True),
    year=year(2013, 2025, "Year of the base value or target"),
    **measured("Value in the row's unit"),
    **_STATUS_COLUMNS,
    source=text("Document; missing where not found", missing=True),
    url=text("Address", missing=True),
    verified_before=text("verified of the same row of targets", isin=VERIFIED),
    note=text("What else to know", missing=True),
)  # fmt: skip
def targets_checked(raw: Raw) -> pd.DataFrame:
    """Targets of Made in China 2025 checked again.

    The rows of targets looked up again in public pages: headline indicators of the plan and items of its roadmap by sector,
    each with the status of its source.

    Warnings
    --------
    - {_MEANING}
    - The plan's own table was never seen in full, so most of its numbers are not found.
    - Values of 2015 are estimates of May 2015: broadband 50 against 40.0 measured, numerical control 33 against 47.3.
    - The rate of value added (value added over output) is not the growth of value added.
    - Chips 40 and 70 are the press's version; the plan's 40 and 70 refer to core components and materials.

    Notes
    -----
    Stack the checked targets; indicator, basis, and market are taken from the texts of their definitions.
    """
    headline = read(raw, SOURCE, ["id", *_COLUMNS, "verified_before"], file=HEADLINE).frame
    about = headline["definition"].str.extract(r"^(?P<indicator>.*?) / .*? \((?P<basis>[a-z].*)\)$")
    headline = headline.assign(scope="headline", **about)
    items = read(raw, SOURCE, ["sector_no_item", *_COLUMNS, "verified_before"], file=BY_SECTOR).frame
    parts = items["sector_no_item"].str.extract(r"^(?P<sector>\d+) (?P<indicator>.*)$")
    market = items["definition"].str.extract(r"^market basis: (\w+);", expand=False)
    items = items.assign(scope="sector", **parts, market=market)
    items["sector"] = items["sector"].map(BY_NUMBER)
    both = pd.concat([headline, items], ignore_index=True).fillna("")
    return _finished(both.astype({"year": "int64"}))


@table(SOURCE, ACTUALS, key="scope sector item period value definition", order="", format="csv")
@columns(
    scope=text("headline or sector", isin=["headline", "sector"]),
    sector=text("Slug of the sector; missing for headline", missing=True, isin=classification.slugs()),
    id=text("Short name of a headline indicator; missing for sector", missing=True),
    item=text("What is measured; for headline the id"),
    target=text("Indicator of targets_checked that a sector item comes closest to, if any", missing=True),
    gap=text("What differs from the definition of that target, if anything", missing=True),
    period=text("Month, quarter, year or span of years"),
    year=year(2010, 2026, "Last year of period"),
    value=number("Value in the row's unit; missing where not found", missing=True),
    value_text=text("The value where it is not a number", missing=True),
    unit=text("Unit of value", missing=True),
    definition=text("Definition of the figure"),
    **_STATUS_COLUMNS,
    source=text("Document; missing where not found", missing=True),
    url=text("Address", missing=True),
    note=text("What else to know", missing=True),
)  # fmt: skip
def target_actuals_checked(raw: Raw) -> pd.DataFrame:
    """Figures to compare with the targets of Made in China 2025.

    Official and other figures on the plan's headline indicators and sector items, each with definition and status of its
    source.

    Warnings
    --------
    - {_MEANING}
    - Definitions differ from the targets': read definition and gap before comparing. R&D intensity is over main-business
      revenue in the target and over operating revenue later; all industry is below manufacturing.
    - Numerical control and design tools come from samples that change between years; 51.3 for 2021 in one transcript is a slip
      for 55.3.
    - Solid waste is all industrial waste in the target, and general or bulk waste in recent figures.
    - Shares of ships are of all ships by deadweight, not of high-tech ships. Sales of the CAAM include exports.

    Notes
    -----
    Clean the figures; `year` is the last year of `period`, and `target` the closest indicator of `targets_checked`.
    """
    frame = read(raw, SOURCE, ["id_or_sector_item", *_COLUMNS], file=ACTUALS).frame
    frame = frame.rename(columns={"year": "period"})
    parts = frame["id_or_sector_item"].str.extract(r"^(?P<sector>\d+) (?P<item>.*)$").fillna("")
    headline = parts["sector"] == ""
    item = parts["item"].mask(headline, frame["id_or_sector_item"])
    closest = dict.fromkeys(item, ("", "")) | codebook("closest_targets")
    return _finished(
        frame.assign(
            scope=headline.map({True: "headline", False: "sector"}),
            sector=parts["sector"].map(BY_NUMBER),
            id=item.where(headline, ""),
            item=item,
            **entries(item, closest, "target", "gap"),
            year=last_year(frame["period"]),
            definition=resolve_idem(frame["definition"]),
        )
    )


@targets_checked.warns
@target_actuals_checked.warns
def _findings(frame: pd.DataFrame) -> str:
    return f"Of {len(frame)} rows: {counted(frame['status'], STATUSES)}."


OFFICIAL, PUBLISHED = "actuals_headline.csv", "scorecards.csv"

SUMS = source("nbs-provincial-industrial-rd")

JUDGMENTS = ("met", "missed", "not judgeable")
#: The target that shares in the published scorecards come closest to, and their items -> what differs in the definition.
_ROBOTS = {"sector": "machine_tools_robotics", "target": "Own-brand industrial robots"}
_SHARES = {
    "Domestic suppliers share of China robot installations": "installations of domestic suppliers (IFR)",
    "Domestic makers share of China robot market": "market share of domestic makers (GGII)",
}


@table(SOURCE, REFERENCE, OFFICIAL, PUBLISHED, SUMS, key=_KEY, order="", format="csv")
@columns(
    **SCOPE,
    indicator=text("What the target refers to"),
    market=text("The whole that a sector target is a share or amount of", missing=True),
    year=year(2020, 2025, "Year of the target"),
    target=number("Target in the row's unit"),
    unit=unit(),
    target_status=text("Status of the target's source", isin=STATUSES),
    judgment=text("met, missed or not judgeable", isin=JUDGMENTS),
    if_target_right=text("The same if the number of a target that was not found or conflicts is right", isin=JUDGMENTS),
    reason=text("Figures that decide, or why none does"),
    actual=number("Figure of the target's year as published (a fall is negative), if it decides", missing=True),
    gap=text("What differs in the figures' definition, if anything", missing=True),
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
    targets, actuals = targets_checked(raw), target_actuals_checked(raw)
    own = [_shares(raw), _centers(actuals), _patents(raw, actuals)]
    actuals = pd.concat([actuals[actuals["decides"] & actuals["value"].notna()], *own], ignore_index=True)
    wanted = targets[targets["year"].isin([2020, 2025])].rename(
        columns={"value": "target", "status": "target_status"}
    )
    judged = [_judge(target, _figures(target, actuals)) for _, target in wanted.iterrows()]
    return wanted.reset_index(drop=True).join(pd.DataFrame(judged))


def _shares(raw: Raw) -> pd.DataFrame:
    """Shares of domestic suppliers in the published scorecards, where they were read at their source."""
    rows = read(raw, REFERENCE, file=PUBLISHED).frame
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
    file = read(raw, SUMS, ["province", "year", "variable", "value", "unit"])
    sums = file.frame.assign(value=file.numbers(file.frame["value"])).groupby(["variable", "year"])["value"]
    research, patents = (
        sums.sum(min_count=31)[name] for name in ("rd_expenditure", "valid_invention_patents")
    )
    official = read(raw, REFERENCE, file=OFFICIAL).frame
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
    begin = codebook("target_units").get(target["unit"])
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
def _judgment_findings(frame: pd.DataFrame) -> str:
    told = [counted(frame[column], JUDGMENTS) for column in ("judgment", "if_target_right")]
    return f"Of {len(frame)} targets: {told[0]}. If every number is right: {told[1]}."
